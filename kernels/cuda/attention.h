#pragma once
// Causal softmax attention over the KV cache on a GPU; F32 sums.

#include <cuda_runtime.h>

#include "kernels/cuda/activations.h"
#include "kernels/cuda/rope.h"

namespace moescope::cuda {

/// Query t of head h sees positions 0 .. *first_position + t of the cache's head h / (heads / cache.heads).
struct AttentionTask {
    const float* queries = nullptr;  ///< (tokens, heads * cache.key_dim)
    int heads = 0;
    int row_heads = 0;  ///< of which a row of `queries` and `out` has room; 0: for as many
    int tokens = 1;
    const std::int32_t* first_position = nullptr;  ///< device memory
    float scale = 1;                               ///< on the scores, before softmax
    KvCache cache;
    float* workspace = nullptr;  ///< attentionWorkspaceBytes()
    Activations out;             ///< (tokens, heads * cache.value_dim), quantized too where q is set
};

/// One token: keys are split over the GPU's multiprocessors (flash decoding), the parts are joined in a fixed order.
/// More tokens: tiles of queries (flash attention). The result does not depend on how blocks are scheduled.
void attention(const AttentionTask& task, cudaStream_t stream);

/// Of one token; more tokens need none.
std::size_t attentionWorkspaceBytes(int heads, int value_dim);

}  // namespace moescope::cuda
