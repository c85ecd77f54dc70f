#pragma once
// Products of packed weights and activations on a GPU.

#include <cuda_runtime.h>

#include "kernels/cuda/activations.h"
#include "kernels/cuda/weights.h"

namespace moescope::cuda {

/// y (tokens, weights.rows) = x * weights^T, added to what y holds if `add`. Columns must be those of the input.
struct Product {
    Matrix weights;
    float* y = nullptr;
    bool add = false;
};
inline constexpr int kMaxProducts = 4;

class Blas;

/// Up to kMaxProducts products of the same activations, in one launch. Quantized weights multiply int8 activations,
/// float weights F32 ones; sums are F32. One token: a matrix-vector product (dp4a). More: tensor cores; with float
/// weights those of `blas`, which uses the same stream, or if there is none, F32 without tensor cores.
/// The result does not depend on how blocks are scheduled.
void matmul(const Product* products, int count, const Activations& input, int tokens, cudaStream_t stream,
            Blas* blas = nullptr);

}  // namespace moescope::cuda
