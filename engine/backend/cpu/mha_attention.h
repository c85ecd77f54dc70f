#pragma once
// Attention whose heads have keys and values of their own (MHA), or share them in groups (GQA).

#include <vector>

#include "engine/backend/cpu/attention.h"
#include "engine/backend/cpu/kv_cache.h"
#include "engine/backend/cpu/rope_angles.h"

namespace moescope {

class MhaAttention : public CpuAttention {
public:
    MhaAttention(const Tools& tools, KvCache cache, int max_batch);
    static SessionBytes bytesFor(const ModelConfig& config, const BackendSessionOptions& options, int threads);

    void begin(std::span<const CacheRun> runs) override;
    void run(const CpuLayer& layer, int index, const Activations& input, PhaseClock& clock,
             const std::stop_token& stop) override;
    const float* result(std::size_t token) const override { return &m_projected[token * m_projected_stride]; }
    std::size_t mostTogether() const override { return m_places.size(); }
    SessionBytes bytes() const override;

private:
    /// Where a token of the batch belongs.
    struct Place {
        const KvCache* cache = nullptr;
        int position = 0;
    };
    /// Consecutive tokens of one run whose scores are computed at once.
    struct Tile {
        std::size_t first = 0, tokens = 0;
    };

    void store(int index);
    void attend(int index, const std::stop_token& stop);

    Tools m_tools;
    KvCache m_cache;
    RopeAngles m_angles;
    std::size_t m_tokens = 0;
    std::vector<Place> m_places;  // (tokens)
    std::vector<Tile> m_tiles;    // of the batch
    std::size_t m_projected_stride;
    std::vector<float> m_queries, m_keys, m_values;  // (tokens, heads * width)
    Activations m_attended;                          // (tokens, heads * value_dim)
    std::vector<float> m_projected;                  // (tokens, hidden stride)
    std::vector<std::vector<float>> m_scores;        // workspace, one a worker
};

}  // namespace moescope
