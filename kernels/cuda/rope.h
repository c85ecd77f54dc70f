#pragma once
// Rotary position embedding and the KV cache on a GPU.

#include <cuda_runtime.h>

#include "kernels/cuda/head_limits.h"
#include "kernels/kv_layout.h"

namespace moescope::cuda {

/// One layer's keys and values in device memory. A head's positions follow one another, then the next head.
/// F32 and F16: `dim` values per position. Q8_0: (heads, context, dim) int8, then (heads, context, dim / 32) F32
/// scales. 256-byte aligned; dimensions are multiples of 16 (of 32 for Q8_0), at most kMaxHeadDim.
struct KvCache {
    KvType type = KvType::kF16;
    int heads = 0;    ///< of keys and values
    int context = 0;  ///< positions there is room for
    int key_dim = 0;
    int value_dim = 0;
    unsigned char* keys = nullptr;    ///< heads * context * kvBytes(type, key_dim)
    unsigned char* values = nullptr;  ///< heads * context * kvBytes(type, value_dim)
};

/// Cosines and sines of every position's angles, as ropeAngles() computes them, in device memory.
struct RopeTable {
    const float* cosines = nullptr;  ///< (context, dim / 2)
    const float* sines = nullptr;
    int dim = 0;          ///< values of a head that rotate, even
    int first = 0;        ///< the first of them: 0, or what comes before them (MLA)
    bool halves = false;  ///< pairs are (i, i + dim / 2), as in Hugging Face's files; else neighbors
};

/// Rotates queries in place, rotates keys, and stores keys and values at positions *first_position, + 1, ...
/// queries (tokens, heads * key_dim), keys (tokens, cache.heads * key_dim), values (tokens, cache.heads * value_dim).
struct RopeTask {
    float* queries = nullptr;
    const float* keys = nullptr;
    const float* values = nullptr;
    int heads = 0;  ///< of queries; a multiple of cache.heads
    int tokens = 1;
    const std::int32_t* first_position = nullptr;  ///< device memory
    RopeTable table;
    KvCache cache;
};
void rotateAndStore(const RopeTask& task, cudaStream_t stream);

}  // namespace moescope::cuda
