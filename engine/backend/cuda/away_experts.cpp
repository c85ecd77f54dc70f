#include "engine/backend/cuda/away_experts.h"

#include <algorithm>

namespace moescope {

Result<std::unique_ptr<AwayExperts>> AwayExperts::create(CudaModel& model, int max_batch) {
    std::unique_ptr<AwayExperts> away(new AwayExperts(model, max_batch));
    const auto batch = static_cast<std::size_t>(max_batch);
    const std::size_t rows = batch * static_cast<std::size_t>(model.config.hidden) * sizeof(float);
    for (const auto& [buffer, bytes] : {std::pair(&away->m_records, batch * sizeof(cuda::RoutingRecord)),
                                        std::pair(&away->m_normed, rows), std::pair(&away->m_sums, rows)}) {
        auto memory = PinnedBuffer::allocate(bytes, "compute experts beside the GPU");
        if (!memory.ok()) return memory.status();
        *buffer = std::move(*memory);
    }
    auto event = Event::create();
    if (!event.ok()) return event.status();
    away->m_fetched = std::move(*event);
    return away;
}

Status AwayExperts::fetch(const cuda::RoutingRecord* records, const float* normed, int tokens, cudaStream_t stream) {
    const auto n = static_cast<std::size_t>(tokens);
    const std::size_t row_bytes = static_cast<std::size_t>(m_model.config.hidden) * sizeof(float);
    for (const cudaError_t error :
         {cudaMemcpyAsync(m_records.data(), records, n * sizeof(cuda::RoutingRecord), cudaMemcpyDeviceToHost, stream),
          cudaMemcpyAsync(m_normed.data(), normed, n * row_bytes, cudaMemcpyDeviceToHost, stream)}) {
        if (Status s = check(error, "fetch what its experts leave"); !s.ok()) return s;
    }
    return {};
}

Status AwayExperts::mark(cudaStream_t stream) {
    return check(cudaEventRecord(m_fetched, stream), "fetch what its experts leave");
}

Result<bool> AwayExperts::compute(int moe_layer, int tokens, const std::stop_token& stop) {
    if (Status s = check(cudaEventSynchronize(m_fetched), "compute"); !s.ok()) return s;
    const auto n = static_cast<std::size_t>(tokens), hidden = static_cast<std::size_t>(m_model.config.hidden);
    const auto* records = m_records.as<const cuda::RoutingRecord>();
    bool any = false;
    m_choices.resize(n);
    for (std::size_t t = 0; t < n; ++t) {
        const RouterChoice& chosen = records[t].choice;
        RouterChoice& away = m_choices[t];
        away.count = 0;
        m_model.cache->use(moe_layer, {chosen.experts, static_cast<std::size_t>(chosen.count)});
        for (int i = 0; i < chosen.count; ++i) {
            if (m_model.cache->onCard(moe_layer, chosen.experts[i])) continue;
            away.experts[away.count] = chosen.experts[i];
            away.gates[away.count++] = chosen.gates[i];
        }
        any |= away.count > 0;
    }
    if (!any) return false;

    const auto* normed = m_normed.as<const float>();
    m_model.pool.run(n, [&](std::size_t t, int) {
        if (m_choices[t].count == 0) return;
        std::copy_n(normed + t * hidden, hidden, m_input.x(t));
        m_input.quantize(m_model.kernels, t);
    });
    const CpuLayer& layer = m_model.experts.layers()[static_cast<std::size_t>(m_model.config.dense_layers + moe_layer)];
    m_ffn.runExperts(layer, m_input, m_choices, false, stop);
    if (stop.stop_requested()) return stopped("The computation was stopped.");
    // The last layer's copy from here is done: what was fetched was queued after it.
    auto* out = m_sums.as<float>();
    for (std::size_t t = 0; t < n; ++t) std::copy_n(m_ffn.routed(t), hidden, out + t * hidden);
    return true;
}

void AwayExperts::clear(int tokens) {
    const auto count = static_cast<std::size_t>(tokens) * static_cast<std::size_t>(m_model.config.hidden);
    std::fill_n(m_sums.as<float>(), count, 0.0f);
}

Status AwayExperts::send(float* sums, int tokens, cudaStream_t stream) {
    const auto count = static_cast<std::size_t>(tokens) * static_cast<std::size_t>(m_model.config.hidden);
    return check(cudaMemcpyAsync(sums, m_sums.data(), count * sizeof(float), cudaMemcpyHostToDevice, stream),
                 "take what the CPU computed");
}

}  // namespace moescope
