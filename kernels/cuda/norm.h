#pragma once
// Embedding, residual sums and RMS norm on a GPU. All functions queue work on a stream and return at once; pointers
// are to device memory.

#include <cuda_runtime.h>

#include "kernels/cuda/activations.h"
#include "kernels/cuda/router.h"
#include "kernels/cuda/weights.h"

namespace moescope::cuda {

/// x (count, columns): the rows of `table` that `tokens` name.
void embed(const Matrix& table, const std::int32_t* tokens, int count, float* x, cudaStream_t stream);

/// What a layer's norm does to each token's row: first x += routed and x += shared, with their norms into the record;
/// then out = x / sqrt(mean(x^2) + eps) * weight, as F32 and, where out.q is set, quantized.
struct NormTask {
    float* x = nullptr;  ///< (tokens, out.columns), the residual stream; changed in place
    int tokens = 1;
    const float* weight = nullptr;  ///< (columns); null: only the sums, no norm
    float eps = 1e-6f;
    float* routed = nullptr;           ///< (tokens, columns); null: nothing to add
    const float* elsewhere = nullptr;  ///< (tokens, columns): what experts not on this GPU add to `routed`; or null
    const float* shared = nullptr;     ///< (tokens, columns); or null
    RoutingRecord* records = nullptr;  ///< of the layer whose sums are added; null: norms are not wanted
    int record_stride = 1;             ///< records from one token to the next
    Activations out;
};
void rmsNorm(const NormTask& task, cudaStream_t stream);

/// Fills q and scales of `count` rows from x. Rounds to nearest; a block of zeros has d = 0; NaN or Inf in a block
/// gives d = NaN and q = 0, so that it is not lost. The same bits as the CPU's.
void quantize(const Activations& rows, int count, cudaStream_t stream);

}  // namespace moescope::cuda
