#pragma once
// Multi-head Latent Attention (DeepSeek-V2, arXiv 2405.04434) on a GPU. In its absorbed form queries are turned into
// ones of latents, and what is summed up are latents, so that nothing is made of what is cached. In its expanded form
// keys and values are made of the latents, for attention() to read.

#include <cuda_runtime.h>

#include "kernels/cuda/activations.h"
#include "kernels/cuda/rope.h"

namespace moescope::cuda {

/// One layer's latents in device memory, a row per position: the latent, the values that rotate, and zeros up to
/// width().
/// F32 and F16: (context, width). Q8_0: (context, width) int8, then (context, width / 32) F32 scales. 256-byte aligned.
struct LatentCache {
    KvType type = KvType::kF16;
    int context = 0;                ///< positions there is room for
    int latent = 0;                 ///< a multiple of 32, at most kMaxLatent
    int rope = 0;                   ///< even
    unsigned char* rows = nullptr;  ///< context * kvBytes(type, width())

    constexpr int width() const { return (latent + rope + 31) / 32 * 32; }
};

/// Norms the latents of a batch, rotates what rotates, and stores both at positions *first_position, + 1, ...; rotates
/// the queries likewise, and takes out of them what does not rotate.
struct LatentStoreTask {
    float* queries = nullptr;        ///< (tokens, heads, plain.columns + cache.rope); rotated in place
    const float* latents = nullptr;  ///< (tokens, cache.latent + cache.rope)
    const float* weight = nullptr;   ///< (cache.latent), of the norm
    float eps = 0;
    int heads = 0;
    int tokens = 1;
    const std::int32_t* first_position = nullptr;  ///< device memory
    RopeTable table;                               ///< of cache.rope values; `first` is 0
    LatentCache cache;
    Activations plain;  ///< (tokens * heads, columns) result, quantized too where q is set
};
void storeLatents(const LatentStoreTask& task, cudaStream_t stream);

/// Causal softmax attention over latents; F32 sums. Query t of every head sees positions 0 .. *first_position +
/// first_token + t.
struct LatentAttentionTask {
    const float* absorbed = nullptr;  ///< (tokens, heads, cache.latent)
    const float* queries = nullptr;   ///< (tokens, heads, key_dim), whose last cache.rope values are rotated
    int heads = 0;
    int key_dim = 0;
    int tokens = 1;
    int first_token = 0;
    const std::int32_t* first_position = nullptr;  ///< device memory
    float scale = 1;                               ///< on the scores, before softmax
    LatentCache cache;
    float* workspace = nullptr;  ///< latentWorkspaceBytes()
    Activations out;             ///< (tokens * heads, cache.latent) result, quantized too where q is set
};
/// Few queries: positions are split over the GPU's multiprocessors (flash decoding), the parts are joined in a fixed
/// order. The result does not depend on how blocks are scheduled.
void attendLatents(const LatentAttentionTask& task, cudaStream_t stream);

std::size_t latentWorkspaceBytes(int latent);

/// For the expanded form: the latents of positions first .. first + count - 1 as rows of `out` (count, cache.latent),
/// quantized too where q is set.
void loadLatents(const LatentCache& cache, int first, int count, const Activations& out, cudaStream_t stream);

/// Puts what was made of them into a cache of keys and values, at the same positions. A key is what does not rotate,
/// and after it what does, which is the latents' own and the same for all heads.
struct ExpandedStoreTask {
    const float* plain = nullptr;   ///< (count, heads, to.key_dim - from.rope)
    const float* values = nullptr;  ///< (count, heads, to.value_dim)
    LatentCache from;
    KvCache to;  ///< F32 or F16
    int first = 0;
    int count = 0;
};
void storeExpanded(const ExpandedStoreTask& task, cudaStream_t stream);

}  // namespace moescope::cuda
