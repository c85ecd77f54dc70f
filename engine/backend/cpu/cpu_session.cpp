#include "engine/backend/cpu/cpu_session.h"

#include <algorithm>

#include "engine/backend/cpu/products.h"
#include "engine/base/sizes.h"
#include "kernels/dequantize.h"

namespace moescope {

CpuSession::CpuSession(const ModelConfig& config, const CpuWeights& weights, const CpuKernels& kernels,
                       ThreadPool& pool, std::unique_ptr<CpuAttention> attention, const BackendSessionOptions& options)
    : m_config(config),
      m_weights(weights),
      m_kernels(kernels),
      m_pool(pool),
      m_attention(std::move(attention)),
      m_options(options),
      m_rows(asSize(options.max_batch)),
      m_hidden(asSize(config.hidden)),
      m_x(m_rows.size() * m_hidden),
      m_normed(m_rows.size(), m_hidden),
      m_router_logits(m_rows.size() * padded(asSize(config.experts))),
      m_probabilities(m_router_logits.size()),
      m_choices(m_rows.size()),
      m_ffn(kernels, pool, config, m_rows.size()) {
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
    SharedBatch batch = {this, &request, &result, {}};
    return compute({&batch, 1}, request.stop, request.times);
}

bool CpuSession::canShare(const CpuSession& other, std::size_t tokens) const {
    // The length of the context decides how attention parts its sums.
    return m_use_shared == other.m_use_shared && m_options.context == other.m_options.context &&
           m_options.kv_type == other.m_options.kv_type && tokens <= m_attention->mostTogether();
}

void CpuSession::forwardTogether(std::span<SharedBatch> batches) {
    const Status status = compute(batches, {}, nullptr);
    for (SharedBatch& batch : batches) batch.status = status;
}

Status CpuSession::compute(std::span<SharedBatch> batches, const std::stop_token& stop, PhaseTimes* times) {
    m_stop = stop;
    PhaseClock clock(times);
    const double waited = m_pool.waitedSeconds();
    m_pool.measureWaiting(times != nullptr);
    embed(batches);
    computeLayers(clock);
    if (!stopRequested()) computeLogits(batches);
    clock.split(&PhaseTimes::head);
    m_pool.measureWaiting(false);
    if (times) times->waiting += m_pool.waitedSeconds() - waited;
    if (stopRequested()) return stopped("The computation was stopped.");
    return m_weights.intact();
}

void CpuSession::computeLayers(PhaseClock& clock) {
    for (int i = 0; i < m_config.layers && !stopRequested(); ++i) {
        const CpuLayer& layer = m_weights.layers()[asSize(i)];
        attend(layer, i, clock);
        if (stopRequested()) break;
        feedForward(layer, i, clock);
    }
}

void CpuSession::embed(std::span<SharedBatch> batches) {
    const std::size_t moe_layers = asSize(m_config.moeLayers());
    m_tokens = 0;
    m_runs.clear();
    for (const SharedBatch& batch : batches) {
        const ForwardRequest& request = *batch.request;
        auto& session = static_cast<CpuSession&>(*batch.session);
        const std::size_t tokens = request.tokens.size();
        // Never smaller: making the records of a batch anew takes longer than filling them.
        std::vector<LayerRouting>& records = batch.result->routing;
        if (request.trace && records.size() < tokens * moe_layers) records.resize(tokens * moe_layers);
        for (std::size_t i = 0; i < tokens; ++i, ++m_tokens) {
            dequantize(m_weights.embeddingType(), m_weights.embeddingRow(asSize(request.tokens[i])), m_hidden,
                       &m_x[m_tokens * m_hidden]);
            m_rows[m_tokens] = {&session, request.trace ? records.data() + i * moe_layers : nullptr};
        }
        m_runs.push_back({session.m_attention.get(), request.first_position, tokens});
    }
    m_attention->begin(m_runs);
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

void CpuSession::feedForward(const CpuLayer& layer, int index, PhaseClock& clock) {
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
        const LayerRouter& router = m_rows[t].session->m_routers[moe_layer];
        route(router.parameters, &m_router_logits[t * stride], &m_probabilities[t * stride], m_choices[t]);
    });
    clock.split(&PhaseTimes::router);
    if (stopRequested()) return;
    m_ffn.runExperts(layer, m_normed, {m_choices.data(), m_tokens}, m_use_shared, m_stop);
    clock.split(&PhaseTimes::experts);
    m_pool.run(m_tokens, [&](std::size_t t, int) {
        float* x = &m_x[t * m_hidden];
        m_kernels.addScaled(m_ffn.routed(t), 1.0f, m_hidden, x);
        if (layer.shared) m_kernels.addScaled(m_ffn.shared(t), 1.0f, m_hidden, x);
        if (!m_rows[t].records) return;
        LayerRouting& routing = m_rows[t].records[moe_layer];
        routing = recordOf(m_choices[t]);
        routing.routed_norm = m_kernels.norm(m_ffn.routed(t), m_hidden);
        if (layer.shared) routing.shared_norm = m_kernels.norm(m_ffn.shared(t), m_hidden);
    });
}

void CpuSession::computeLogits(std::span<SharedBatch> batches) {
    m_wanted.clear();
    std::size_t end = 0;
    for (const SharedBatch& batch : batches) {
        const std::size_t tokens = batch.request->tokens.size(), first = end;
        end += tokens;
        batch.result->logits.clear();
        if (batch.request->logits == LogitsWanted::kNone) continue;
        for (std::size_t t = batch.request->logits == LogitsWanted::kAll ? first : end - 1; t < end; ++t) {
            m_wanted.push_back(t);
        }
    }
    const std::size_t rows = m_wanted.size();
    if (rows == 0) return;
    m_pool.run(rows, [&](std::size_t i, int) {
        const float* x = &m_x[m_wanted[i] * m_hidden];
        m_kernels.rmsNorm(x, m_weights.outputNorm(), m_hidden, m_config.rms_eps, m_normed.x(i));
        m_normed.quantize(m_kernels, i);
    });
    const std::size_t vocabulary = asSize(m_config.vocabulary), stride = padded(vocabulary);
    std::vector<float>& logits = batches.size() == 1 ? batches[0].result->logits : m_logits;
    logits.resize(rows * stride);
    multiplyAll(m_weights.output(), m_normed.rows(), rows, logits.data());
    for (std::size_t i = 1; i < rows && stride != vocabulary; ++i) {
        std::copy_n(&logits[i * stride], vocabulary, &logits[i * vocabulary]);
    }
    logits.resize(rows * vocabulary);
    if (batches.size() == 1) return;
    auto at = logits.begin();
    for (const SharedBatch& batch : batches) {
        if (batch.request->logits == LogitsWanted::kNone) continue;
        const std::size_t wanted = batch.request->logits == LogitsWanted::kAll ? batch.request->tokens.size() : 1;
        const auto next = at + static_cast<std::ptrdiff_t>(wanted * vocabulary);
        batch.result->logits.assign(at, next);
        at = next;
    }
}

std::uint64_t CpuSession::memoryBytes() const {
    const std::size_t floats = m_x.size() + m_router_logits.size() + m_probabilities.size();
    return m_attention->bytes().all() + m_ffn.bytes() + m_normed.bytes() + floats * sizeof(float);
}

}  // namespace moescope
