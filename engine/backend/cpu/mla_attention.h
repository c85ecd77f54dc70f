#pragma once
// Multi-head Latent Attention (DeepSeek-V2, arXiv 2405.04434). For few tokens in its absorbed form: queries are turned
// into ones of latents, and what is summed up are latents, so that nothing is made of what is cached. For many in the
// expanded form; see MlaExpanded.

#include <vector>

#include "engine/backend/cpu/attention.h"
#include "engine/backend/cpu/latent_cache.h"
#include "engine/backend/cpu/mla_expanded.h"
#include "engine/backend/cpu/rope_angles.h"

namespace moescope {

class MlaAttention : public CpuAttention {
public:
    MlaAttention(const Tools& tools, LatentCache cache, int max_batch);
    static SessionBytes bytesFor(const ModelConfig& config, const BackendSessionOptions& options, int threads);

    void begin(std::span<const CacheRun> runs) override;
    void run(const CpuLayer& layer, int index, const Activations& input, PhaseClock& clock,
             const std::stop_token& stop) override;
    const float* result(std::size_t token) const override { return &m_projected[token * m_sizes.projected_stride]; }
    std::size_t mostTogether() const override;
    SessionBytes bytes() const override;

private:
    /// Where a token of the batch belongs.
    struct Place {
        const LatentCache* cache = nullptr;
        int position = 0;
    };
    /// Queries of consecutive tokens of one run, token by token and head by head, that are summed up side by side.
    struct QueryTile {
        std::size_t query = 0, count = 0;  ///< from the first query of the tile of tokens
        std::size_t segments = 0;          ///< of what they see
    };

    /// What depends on the model and the options only.
    struct Sizes {
        std::size_t heads, plain, rope, value, latent, width;
        std::size_t query_stride, kv_stride, projected_stride;
        std::size_t tile;           ///< tokens whose queries are absorbed at once
        std::size_t segment;        ///< positions that are summed up on their own
        std::size_t segments;       ///< of a full context
        std::size_t parts;          ///< segments of query tiles that can be kept at once
        std::size_t worker_floats;  ///< workspace of a thread
        Sizes(const ModelConfig& config, int context, int max_batch);
        std::size_t partFloats() const;
    };

    void makeQueries(const CpuMla& weights, const Activations& input, const std::stop_token& stop);
    void store(const CpuMla& weights, int index);
    void attendTile(const CpuMla& weights, int index, std::size_t first, std::size_t tokens,
                    const std::stop_token& stop);
    void makeQueryTiles(std::size_t first, std::size_t tokens);
    void gather(std::size_t first, const QueryTile& tile, float* queries, int* visible) const;
    void sumSegment(const unsigned char* rows, const float* queries, const int* visible, std::size_t count,
                    std::size_t segment, float* workspace, float* part) const;
    void finish(const float* sum, std::size_t query, std::size_t count);

    Tools m_tools;
    LatentCache m_cache;
    RopeAngles m_angles;
    Sizes m_sizes;
    std::size_t m_tokens = 0;
    std::vector<Place> m_places;           // (tokens)
    std::vector<QueryTile> m_query_tiles;  // of a tile of tokens
    Activations m_query_latents;           // (tokens, query_latent); empty without
    std::vector<float> m_queries;          // (tokens, query stride)
    std::vector<float> m_kv;               // (tokens, kv stride): latents and what rotates
    Activations m_plain;                   // (heads, tile, plain): queries' values that do not rotate
    std::vector<float> m_absorbed;         // (heads, tile, latent): the same as queries of latents
    Activations m_summed;                  // (heads, tile, latent): what heads saw
    Activations m_attended;                // (tokens, heads * value)
    std::vector<float> m_projected;
    std::vector<std::vector<float>> m_workspaces;  // one a worker
    std::vector<float> m_parts;                    // sums of segments, where they are shared out
    MlaExpanded m_expanded;
};

}  // namespace moescope
