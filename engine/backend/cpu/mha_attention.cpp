#include "engine/backend/cpu/mha_attention.h"

#include <algorithm>

#include "engine/backend/cpu/products.h"
#include "engine/base/sizes.h"

namespace moescope {
namespace {

std::size_t scoreFloats(int context) {
    return kMaxAttentionQueries * padded(asSize(context));
}

}  // namespace

MhaAttention::MhaAttention(const Tools& tools, KvCache cache, int max_batch)
    : m_tools(tools),
      m_cache(std::move(cache)),
      m_angles(ropePlan(tools.config), asSize(max_batch)),
      m_places(asSize(max_batch)),
      m_projected_stride(padded(asSize(tools.config.hidden))),
      m_queries(asSize(max_batch) * asSize(tools.config.attention.queryWidth())),
      m_keys(asSize(max_batch) * asSize(tools.config.attention.keyWidth())),
      m_values(asSize(max_batch) * asSize(tools.config.attention.valueWidth())),
      m_attended(asSize(max_batch), asSize(tools.config.attention.outputWidth())),
      m_projected(asSize(max_batch) * m_projected_stride),
      m_scores(asSize(tools.pool.threads())) {
    for (auto& scores : m_scores) scores.resize(scoreFloats(m_cache.context()));
}

SessionBytes MhaAttention::bytesFor(const ModelConfig& config, const BackendSessionOptions& options, int threads) {
    const AttentionShape& a = config.attention;
    const std::size_t row =
        asSize(a.queryWidth()) + asSize(a.keyWidth()) + asSize(a.valueWidth()) + padded(asSize(config.hidden));
    const std::size_t batch = asSize(options.max_batch);
    return {KvCache::bytesFor(config, options.kv_type, options.context),
            Activations::bytesFor(batch, asSize(a.outputWidth())) +
                (batch * row + asSize(threads) * scoreFloats(options.context)) * sizeof(float)};
}

SessionBytes MhaAttention::bytes() const {
    std::size_t floats = m_queries.size() + m_keys.size() + m_values.size() + m_projected.size();
    for (const auto& s : m_scores) floats += s.size();
    return {m_cache.bytes(), m_attended.bytes() + floats * sizeof(float)};
}

void MhaAttention::begin(std::span<const CacheRun> runs) {
    m_tokens = 0;
    m_tiles.clear();
    for (const CacheRun& run : runs) {
        const KvCache& cache = static_cast<const MhaAttention*>(run.owner)->m_cache;
        for (std::size_t i = 0; i < run.tokens; ++i) {
            if (i % kMaxAttentionQueries == 0) m_tiles.push_back({m_tokens, 0});
            ++m_tiles.back().tokens;
            m_places[m_tokens] = {&cache, run.first_position + static_cast<int>(i)};
            m_angles.set(m_tokens, m_places[m_tokens].position);
            ++m_tokens;
        }
    }
}

void MhaAttention::run(const CpuLayer& layer, int index, const Activations& input, PhaseClock& clock,
                       const std::stop_token& stop) {
    const AttentionShape& a = m_tools.config.attention;
    const auto& weights = std::get<CpuMha>(layer.attention);
    const Product projections[] = {{&weights.query, input.rows(), m_queries.data(), asSize(a.queryWidth())},
                                   {&weights.key, input.rows(), m_keys.data(), asSize(a.keyWidth())},
                                   {&weights.value, input.rows(), m_values.data(), asSize(a.valueWidth())}};
    multiply(m_tools.kernels, m_tools.pool, projections, m_tokens, stop);
    clock.split(&PhaseTimes::projections);
    if (stop.stop_requested()) return;
    store(index);
    attend(index, stop);
    if (stop.stop_requested()) return;
    m_tools.pool.run(m_tokens, [&](std::size_t t, int) { m_attended.quantize(m_tools.kernels, t); });
    clock.split(&PhaseTimes::attention);
    const Product output = {&layer.attention_output, m_attended.rows(), m_projected.data(), m_projected_stride};
    multiply(m_tools.kernels, m_tools.pool, {&output, 1}, m_tokens, stop);
    clock.split(&PhaseTimes::projections);
}

void MhaAttention::store(int index) {
    const AttentionShape& a = m_tools.config.attention;
    const std::size_t first = asSize(a.rope_first), key_dim = asSize(a.key_dim), value_dim = asSize(a.value_dim);
    // By head and not by token: neighboring positions of a head share cache lines.
    m_tools.pool.run(asSize(a.heads), [&](std::size_t h, int) {
        for (std::size_t t = 0; t < m_tokens; ++t) {
            m_angles.rotate(&m_queries[t * asSize(a.queryWidth()) + h * key_dim] + first, t);
            if (h >= asSize(a.kv_heads)) continue;
            float* key = &m_keys[t * asSize(a.keyWidth()) + h * key_dim];
            m_angles.rotate(key + first, t);
            m_tools.kernels.storeKv(m_places[t].cache->head(index, static_cast<int>(h)), asSize(m_places[t].position),
                                    key, &m_values[t * asSize(a.valueWidth()) + h * value_dim]);
        }
    });
}

void MhaAttention::attend(int index, const std::stop_token& stop) {
    const AttentionShape& a = m_tools.config.attention;
    const std::size_t tiles = m_tiles.size();
    m_tools.pool.run(asSize(a.heads) * tiles, [&](std::size_t task, int worker) {
        if (stop.stop_requested()) return;
        const std::size_t h = task / tiles;
        const Tile& tile = m_tiles[task % tiles];
        const float* queries[kMaxAttentionQueries];
        float* outputs[kMaxAttentionQueries];
        int visible[kMaxAttentionQueries];
        const int n = static_cast<int>(tile.tokens);
        for (int i = 0; i < n; ++i) {
            const std::size_t t = tile.first + asSize(i);
            queries[i] = &m_queries[t * asSize(a.queryWidth()) + h * asSize(a.key_dim)];
            outputs[i] = m_attended.x(t) + h * asSize(a.value_dim);
            visible[i] = m_places[t].position + 1;
        }
        const int kv_head = static_cast<int>(h) / (a.heads / a.kv_heads);
        std::vector<float>& scores = m_scores[asSize(worker)];
        m_tools.kernels.attention({m_places[tile.first].cache->head(index, kv_head), n, queries, visible,
                                   m_angles.plan().attention_scale, scores.data(), scores.size() / kMaxAttentionQueries,
                                   outputs});
    });
}

}  // namespace moescope
