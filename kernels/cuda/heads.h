#pragma once
// Products of activations with one matrix for each head of attention.

#include <cuda_runtime.h>

#include "kernels/cuda/activations.h"
#include "kernels/cuda/weights.h"

namespace moescope::cuda {

/// What the matrices of heads are multiplied with: a row for each token and head, or one for each token, which all
/// heads share.
enum class HeadInput { kEach, kShared };

/// y (tokens, heads, weights.rows): rows of activations times each head's matrix. `input` is (tokens * heads, columns)
/// or (tokens, columns), quantized too where the weights are; matrix h is that of expert h. Sums are F32. One token: a
/// row of weights a half-warp (dp4a); more: tiles, as matmul() without cuBLAS. The result does not depend on how blocks
/// are scheduled.
void multiplyHeads(const ExpertMatrices& weights, int heads, HeadInput rows_of, const Activations& input, int tokens,
                   float* y, cudaStream_t stream);

}  // namespace moescope::cuda
