#pragma once
// The two ways in which matmul() computes.

#include "kernels/cuda/matmul.h"

namespace moescope::cuda {

/// One token: every row by 16 lanes (dp4a).
void multiplyVector(const Product* products, int count, const Activations& input, cudaStream_t stream);

/// Several tokens: tiles of rows and tokens (tensor cores for quantized weights).
void multiplyRows(const Product* products, int count, const Activations& input, int tokens, cudaStream_t stream);

}  // namespace moescope::cuda
