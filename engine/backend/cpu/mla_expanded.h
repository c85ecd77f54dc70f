#pragma once
// Multi-head Latent Attention in its expanded form: keys and values of all heads are made from the latents, a stretch
// of positions at a time. That costs as much for one query as for many, so it pays in prefill only.

#include <stop_token>
#include <vector>

#include "engine/backend/cpu/attention.h"
#include "engine/backend/cpu/latent_cache.h"

namespace moescope {

class MlaExpanded {
public:
    /// Workspace for batches of up to `max_tokens` tokens; 0: it will not be used.
    MlaExpanded(const CpuAttention::Tools& tools, std::size_t max_tokens);
    static std::uint64_t bytesFor(const ModelConfig& config, std::size_t max_tokens, int threads);
    std::uint64_t bytes() const;

    /// Queries of a batch whose latents are in the cache.
    struct Batch {
        int first_position;
        std::size_t tokens;
        const float* queries;  ///< (tokens, heads * key_dim), turned
        std::size_t stride;    ///< from one token's to the next one's
        float scale;           ///< on scores
    };
    /// Fills `out` (tokens, heads * value_dim). Leaves early after stop.
    void run(const CpuMla& weights, const LatentCache& cache, int layer, const Batch& batch, Activations& out,
             const std::stop_token& stop);

private:
    struct Sizes {
        std::size_t heads, plain, rope, value, latent, row_width;
        std::size_t key_width;      ///< of a head's key, padded
        std::size_t value_stride;   ///< of a head's value, padded
        std::size_t state_floats;   ///< of a head
        std::size_t worker_floats;  ///< workspace of a thread
        Sizes(const ModelConfig& config, std::size_t max_tokens);
    };
    void widen(const LatentCache& cache, int layer, std::size_t first, std::size_t count);
    void expand(const CpuMla& weights, std::size_t head, std::size_t count, float* keys, float* values) const;

    CpuAttention::Tools m_tools;
    Sizes m_sizes;
    std::vector<float> m_rows;    // (positions of a stretch, row width)
    Activations m_latents;        // (positions of a stretch, latent)
    std::vector<float> m_states;  // (heads, tiles of queries): parts so far
    std::vector<std::vector<float>> m_workspaces;
};

}  // namespace moescope
