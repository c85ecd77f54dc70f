#include "engine/backend/cpu/cpu_session.h"

#include <algorithm>

#include "engine/backend/cpu/products.h"
#include "engine/base/sizes.h"
#include "kernels/dequantize.h"

namespace moescope {

CpuSession::CpuSession(const ModelConfig& config, const CpuWeights& weights, const CpuKernels& kernels,
                       ThreadPool& pool, std::unique_ptr<CpuAttention> attention, int max_batch)
    : m_config(config),
      m_weights(weights),
      m_kernels(kernels),
      m_pool(pool),
      m_attention(std::move(attention)),
      m_max_batch(max_batch),
      m_hidden(asSize(config.hidden)),
      m_x(asSize(max_batch) * m_hidden),
      m_normed(asSize(max_batch), m_hidden),
      m_router_logits(asSize(max_batch) * padded(asSize(config.experts))),
      m_probabilities(m_router_logits.size()),
      m_choices(asSize(max_batch)),
      m_ffn(kernels, pool, config, asSize(max_batch)) {
    setRouterRules({});
}

SessionBytes CpuSession::bytesFor(const ModelConfig& c, const BackendSessionOptions& options, int threads) {
    const std::size_t batch = asSize(options.max_batch), hidden = asSize(c.hidden);
    SessionBytes bytes = CpuAttention::bytesFor(c, options, threads);
    bytes.workspace += MoeFfn::bytesFor(c, batch) + Activations::bytesFor(batch, hidden) +
                       batch * (hidden + 2 * padded(asSize(c.experts))) * sizeof(float);
    return bytes;
}

void CpuSession::setRouterRules(const RouterRules& rules) {
    m_use_shared = rules.shared_experts;
    m_routers.resize(asSize(m_config.moeLayers()));
    for (std::size_t i = 0; i < m_routers.size(); ++i) {
        const int layer = m_config.dense_layers + static_cast<int>(i);
        m_routers[i] = layerRouter(m_config, rules, layer, m_weights.layers()[asSize(layer)].router_bias);
    }
}

Status CpuSession::forward(const ForwardRequest& request, ForwardResult& result) {
    m_tokens = request.tokens.size();
    m_stop = request.stop;
    // Never smaller: making the records of a batch anew takes longer than filling them.
    const std::size_t records = request.trace ? m_tokens * asSize(m_config.moeLayers()) : 0;
    if (result.routing.size() < records) result.routing.resize(records);
    result.logits.clear();
    PhaseClock clock(request.times);
    const double waited = m_pool.waitedSeconds();
    m_pool.measureWaiting(request.times != nullptr);
    computeLayers(request, clock, result);
    if (!stopRequested() && request.logits != LogitsWanted::kNone) computeLogits(request.logits, result);
    clock.split(&PhaseTimes::head);
    m_pool.measureWaiting(false);
    if (request.times) request.times->waiting += m_pool.waitedSeconds() - waited;
    if (stopRequested()) return stopped("The computation was stopped.");
    return m_weights.intact();
}

void CpuSession::computeLayers(const ForwardRequest& request, PhaseClock& clock, ForwardResult& result) {
    embed(request);
    for (int i = 0; i < m_config.layers && !stopRequested(); ++i) {
        const CpuLayer& layer = m_weights.layers()[asSize(i)];
        attend(layer, i, clock);
        if (stopRequested()) break;
        feedForward(layer, i, request.trace, clock, result);
    }
}

void CpuSession::embed(const ForwardRequest& request) {
    for (std::size_t t = 0; t < m_tokens; ++t) {
        dequantize(m_weights.embeddingType(), m_weights.embeddingRow(asSize(request.tokens[t])), m_hidden,
                   &m_x[t * m_hidden]);
    }
    m_attention->begin(request.first_position, m_tokens);
}

void CpuSession::normalise(const float* weight) {
    m_pool.run(m_tokens, [&](std::size_t t, int) {
        m_kernels.rmsNorm(&m_x[t * m_hidden], weight, m_hidden, m_config.rms_eps, m_normed.x(t));
        m_normed.quantize(m_kernels, t);
    });
}

void CpuSession::multiplyAll(const PackedMatrix& matrix, const ActivationRow* rows, std::size_t tokens, float* out) {
    const Product product = {&matrix, rows, out, padded(matrix.rows)};
    multiply(m_kernels, m_pool, {&product, 1}, tokens, m_stop);
}

void CpuSession::attend(const CpuLayer& layer, int index, PhaseClock& clock) {
    normalise(layer.attention_norm);
    clock.split(&PhaseTimes::rest);
    m_attention->run(layer, index, m_normed, clock, m_stop);
    if (stopRequested()) return;
    m_pool.run(m_tokens, [&](std::size_t t, int) {
        m_kernels.addScaled(m_attention->result(t), 1.0f, m_hidden, &m_x[t * m_hidden]);
    });
}

void CpuSession::feedForward(const CpuLayer& layer, int index, bool trace, PhaseClock& clock, ForwardResult& result) {
    normalise(layer.ffn_norm);
    clock.split(&PhaseTimes::rest);
    if (!layer.moe) {
        m_ffn.runDense(layer, m_normed, m_tokens, m_stop);
        clock.split(&PhaseTimes::experts);
        m_pool.run(m_tokens, [&](std::size_t t, int) {
            m_kernels.addScaled(m_ffn.routed(t), 1.0f, m_hidden, &m_x[t * m_hidden]);
        });
        return;
    }
    const std::size_t stride = padded(asSize(m_config.experts));
    multiplyAll(layer.router, m_normed.rows(), m_tokens, m_router_logits.data());
    const std::size_t moe_layer = asSize(index - m_config.dense_layers);
    m_pool.run(m_tokens, [&](std::size_t t, int) {
        route(m_routers[moe_layer].parameters, &m_router_logits[t * stride], &m_probabilities[t * stride],
              m_choices[t]);
    });
    clock.split(&PhaseTimes::router);
    if (stopRequested()) return;
    m_ffn.runExperts(layer, m_normed, {m_choices.data(), m_tokens}, m_use_shared, m_stop);
    clock.split(&PhaseTimes::experts);
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
    multiplyAll(m_weights.output(), m_normed.rows() + first, rows, result.logits.data());
    for (std::size_t i = 1; i < rows && stride != vocabulary; ++i) {
        std::copy_n(&result.logits[i * stride], vocabulary, &result.logits[i * vocabulary]);
    }
    result.logits.resize(rows * vocabulary);
}

std::uint64_t CpuSession::memoryBytes() const {
    const std::size_t floats = m_x.size() + m_router_logits.size() + m_probabilities.size();
    return m_attention->bytes().all() + m_ffn.bytes() + m_normed.bytes() + floats * sizeof(float);
}

}  // namespace moescope
