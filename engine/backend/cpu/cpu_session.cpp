#include "engine/backend/cpu/cpu_session.h"

#include <algorithm>
#include <cmath>

#include "engine/base/sizes.h"
#include "kernels/dequantize.h"
#include "kernels/rope.h"

namespace moescope {
namespace {

std::size_t padded(std::size_t rows) {
    return (rows + kGroupRows - 1) / kGroupRows * kGroupRows;
}
}  // namespace

CpuSession::CpuSession(const ModelConfig& config, const CpuWeights& weights, const CpuKernels& kernels,
                       ThreadPool& pool, KvCache cache, int max_batch)
    : m_config(config),
      m_weights(weights),
      m_kernels(kernels),
      m_pool(pool),
      m_cache(std::move(cache)),
      m_max_batch(max_batch),
      m_hidden(asSize(config.hidden)),
      m_x(asSize(max_batch) * m_hidden),
      m_normed(asSize(max_batch), m_hidden),
      m_attended(asSize(max_batch), asSize(config.queryWidth())),
      m_queries(asSize(max_batch) * asSize(config.queryWidth())),
      m_keys(asSize(max_batch) * asSize(config.kvWidth())),
      m_values(m_keys.size()),
      m_projected(asSize(max_batch) * padded(m_hidden)),
      m_router_logits(asSize(max_batch) * padded(asSize(config.experts))),
      m_probabilities(m_router_logits.size()),
      m_choices(asSize(max_batch)),
      m_cosines(asSize(max_batch) * asSize(config.rope_dim) / 2),
      m_sines(m_cosines.size()),
      m_scores(asSize(pool.threads())),
      m_ffn(kernels, pool, config, asSize(max_batch)) {
    for (auto& scores : m_scores) scores.resize(kMaxAttentionQueries * padded(asSize(m_cache.context())));
    setRouterRules({});
}

void CpuSession::setRouterRules(const RouterRules& rules) {
    m_use_shared = rules.shared_experts;
    m_routers.resize(asSize(m_config.moeLayers()));
    for (std::size_t i = 0; i < m_routers.size(); ++i) {
        m_routers[i] = layerRouter(m_config, rules, m_config.dense_layers + static_cast<int>(i));
    }
}

Status CpuSession::forward(const ForwardRequest& request, ForwardResult& result) {
    m_tokens = request.tokens.size();
    m_stop = request.stop;
    // Never smaller: making the records of a batch anew takes longer than filling them.
    const std::size_t records = request.trace ? m_tokens * asSize(m_config.moeLayers()) : 0;
    if (result.routing.size() < records) result.routing.resize(records);
    result.logits.clear();
    embed(request);
    for (int i = 0; i < m_config.layers && !stopRequested(); ++i) {
        const CpuLayer& layer = m_weights.layers()[asSize(i)];
        attend(layer, i, request.first_position);
        if (stopRequested()) break;
        feedForward(layer, i, request.trace, result);
    }
    if (!stopRequested() && request.logits != LogitsWanted::kNone) computeLogits(request.logits, result);
    if (stopRequested()) return stopped("The computation was stopped.");
    return {};
}

void CpuSession::embed(const ForwardRequest& request) {
    for (std::size_t t = 0; t < m_tokens; ++t) {
        dequantize(m_weights.embeddingType(), m_weights.embeddingRow(asSize(request.tokens[t])), m_hidden,
                   &m_x[t * m_hidden]);
        const std::size_t half = asSize(m_config.rope_dim) / 2;
        ropeAngles(request.first_position + static_cast<int>(t), asSize(m_config.rope_dim), m_config.rope_base,
                   m_cosines.data() + t * half, m_sines.data() + t * half);  // nothing where no value rotates
    }
}

void CpuSession::normalise(const float* weight) {
    m_pool.run(m_tokens, [&](std::size_t t, int) {
        m_kernels.rmsNorm(&m_x[t * m_hidden], weight, m_hidden, m_config.rms_eps, m_normed.x(t));
        m_normed.quantize(m_kernels, t);
    });
}

void CpuSession::multiply(std::span<const Product> products, std::size_t tokens) {
    // Few groups a task while decoding, for an even split; with many tokens a task is long anyway.
    constexpr std::size_t kTaskGroups = 4;
    const auto tasksOf = [](const Product& p) { return (p.matrix->groups() + kTaskGroups - 1) / kTaskGroups; };
    std::size_t tasks = 0;
    for (const Product& p : products) tasks += tasksOf(p);
    m_pool.run(tasks, [&](std::size_t task, int) {
        if (stopRequested()) return;
        const Product* p = products.data();
        for (; task >= tasksOf(*p); ++p) task -= tasksOf(*p);
        const std::size_t first = task * kTaskGroups;
        const std::size_t groups = std::min(kTaskGroups, p->matrix->groups() - first);
        constexpr std::size_t kTokenTile = 64;  // whose activations stay in the cache
        for (std::size_t t = 0; t < tokens; t += kTokenTile) {
            m_kernels.matmul(p->matrix->type, p->matrix->data + first * p->matrix->groupBytes(), groups,
                             p->matrix->columns, p->rows + t, std::min(kTokenTile, tokens - t),
                             p->out + t * p->stride + first * kGroupRows, p->stride);
        }
    });
}

void CpuSession::attend(const CpuLayer& layer, int index, int first_position) {
    const std::size_t dim = asSize(m_config.head_dim), heads = asSize(m_config.heads);
    const std::size_t query_width = asSize(m_config.queryWidth()), kv_width = asSize(m_config.kvWidth());
    normalise(layer.attention_norm);
    const Product projections[] = {{&layer.query, m_normed.rows(), m_queries.data(), query_width},
                                   {&layer.key, m_normed.rows(), m_keys.data(), kv_width},
                                   {&layer.value, m_normed.rows(), m_values.data(), kv_width}};
    multiply(projections, m_tokens);
    if (stopRequested()) return;

    const std::size_t rope_dim = asSize(m_config.rope_dim);
    // By head and not by token: neighbouring positions of a head share cache lines.
    m_pool.run(heads, [&](std::size_t h, int) {
        for (std::size_t t = 0; t < m_tokens; ++t) {
            const float* cosines = m_cosines.data() + t * rope_dim / 2;
            const float* sines = m_sines.data() + t * rope_dim / 2;
            rotatePairs(&m_queries[t * query_width + h * dim], rope_dim, cosines, sines);
            if (h >= asSize(m_config.kv_heads)) continue;
            float* key = &m_keys[t * kv_width + h * dim];
            rotatePairs(key, rope_dim, cosines, sines);
            m_kernels.storeKv(m_cache.head(index, static_cast<int>(h)), asSize(first_position) + t, key,
                              &m_values[t * kv_width + h * dim]);
        }
    });

    const std::size_t tiles = (m_tokens + kMaxAttentionQueries - 1) / kMaxAttentionQueries;
    m_pool.run(heads * tiles, [&](std::size_t task, int worker) {
        if (stopRequested()) return;
        const std::size_t h = task / tiles, first = task % tiles * kMaxAttentionQueries;
        const float* queries[kMaxAttentionQueries];
        float* outputs[kMaxAttentionQueries];
        int visible[kMaxAttentionQueries];
        const int n = static_cast<int>(std::min<std::size_t>(kMaxAttentionQueries, m_tokens - first));
        for (int i = 0; i < n; ++i) {
            const std::size_t t = first + asSize(i);
            queries[i] = &m_queries[t * query_width + h * dim];
            outputs[i] = m_attended.x(t) + h * dim;
            visible[i] = first_position + static_cast<int>(t) + 1;
        }
        const int kv_head = static_cast<int>(h) / (m_config.heads / m_config.kv_heads);
        std::vector<float>& scores = m_scores[asSize(worker)];
        m_kernels.attention({m_cache.head(index, kv_head), n, queries, visible,
                             1.0f / std::sqrt(static_cast<float>(dim)), scores.data(),
                             scores.size() / kMaxAttentionQueries, outputs});
    });
    if (stopRequested()) return;

    m_pool.run(m_tokens, [&](std::size_t t, int) { m_attended.quantize(m_kernels, t); });
    const Product output = {&layer.attention_output, m_attended.rows(), m_projected.data(), padded(m_hidden)};
    multiply({&output, 1}, m_tokens);
    m_pool.run(m_tokens, [&](std::size_t t, int) {
        m_kernels.addScaled(&m_projected[t * padded(m_hidden)], 1.0f, m_hidden, &m_x[t * m_hidden]);
    });
}

void CpuSession::feedForward(const CpuLayer& layer, int index, bool trace, ForwardResult& result) {
    normalise(layer.ffn_norm);
    if (!layer.moe) {
        m_ffn.runDense(layer, m_normed, m_tokens, m_stop);
        m_pool.run(m_tokens, [&](std::size_t t, int) {
            m_kernels.addScaled(m_ffn.routed(t), 1.0f, m_hidden, &m_x[t * m_hidden]);
        });
        return;
    }
    const std::size_t stride = padded(asSize(m_config.experts));
    const Product logits = {&layer.router, m_normed.rows(), m_router_logits.data(), stride};
    multiply({&logits, 1}, m_tokens);
    const std::size_t moe_layer = asSize(index - m_config.dense_layers);
    m_pool.run(m_tokens, [&](std::size_t t, int) {
        route(m_routers[moe_layer].parameters, &m_router_logits[t * stride], &m_probabilities[t * stride],
              m_choices[t]);
    });
    if (stopRequested()) return;
    m_ffn.runExperts(layer, m_normed, {m_choices.data(), m_tokens}, m_use_shared, m_stop);
    m_pool.run(m_tokens, [&](std::size_t t, int) {
        float* x = &m_x[t * m_hidden];
        m_kernels.addScaled(m_ffn.routed(t), 1.0f, m_hidden, x);
        if (layer.shared) m_kernels.addScaled(m_ffn.shared(t), 1.0f, m_hidden, x);
        if (!trace) return;
        LayerRouting& routing = result.routing[t * asSize(m_config.moeLayers()) + moe_layer];
        routing = recordOf(m_choices[t]);
        routing.routed_norm = m_kernels.norm(m_ffn.routed(t), m_hidden);
        if (layer.shared) routing.shared_norm = m_kernels.norm(m_ffn.shared(t), m_hidden);
    });
}

void CpuSession::computeLogits(LogitsWanted wanted, ForwardResult& result) {
    const std::size_t first = wanted == LogitsWanted::kAll ? 0 : m_tokens - 1;
    const std::size_t rows = m_tokens - first;
    m_pool.run(rows, [&](std::size_t i, int) {
        const std::size_t t = first + i;
        m_kernels.rmsNorm(&m_x[t * m_hidden], m_weights.outputNorm(), m_hidden, m_config.rms_eps, m_normed.x(t));
        m_normed.quantize(m_kernels, t);
    });
    const std::size_t vocabulary = asSize(m_config.vocabulary), stride = padded(vocabulary);
    result.logits.resize(rows * stride);
    const Product output = {&m_weights.output(), m_normed.rows() + first, result.logits.data(), stride};
    multiply({&output, 1}, rows);
    for (std::size_t i = 1; i < rows && stride != vocabulary; ++i) {
        std::copy_n(&result.logits[i * stride], vocabulary, &result.logits[i * vocabulary]);
    }
    result.logits.resize(rows * vocabulary);
}

std::uint64_t CpuSession::memoryBytes() const {
    std::uint64_t floats = m_x.size() + m_queries.size() + m_keys.size() + m_values.size() + m_projected.size() +
                           m_router_logits.size() + m_probabilities.size();
    for (const auto& s : m_scores) floats += s.size();
    return m_cache.bytes() + m_ffn.bytes() + m_normed.bytes() + m_attended.bytes() + floats * sizeof(float);
}

}  // namespace moescope
