// Tokens that follow from one another on the GPU: it chooses the next token itself, and starts on it, while the host
// still looks at the last.

#include <algorithm>

#include "engine/backend/cuda/cuda_session.h"

namespace moescope {

bool CudaSession::canChain(const SamplerSettings& s) const {
    const bool greedy = s.temperature == 0;
    const bool penalty_fits = s.repetition_penalty == 1 || s.repetition_window <= cuda::kMaxDeviceWindow;
    return !m_away && penalty_fits && (greedy || (s.top_k >= 1 && s.top_k <= cuda::kMaxDeviceTopK));
}

Status CudaSession::chain(const ChainRequest& request) {
    if (request.stop.stop_requested()) return stopped("The computation was stopped.");
    if (Status s = check(cudaSetDevice(m_model.device), "be used"); !s.ok()) return s;
    if (Status s = uploadRules(); !s.ok()) return s;

    const SamplerSettings& settings = request.sampler.settings;
    cuda::DeviceSampler& sampler = *m_host.sampler = {};
    sampler.temperature = settings.temperature;
    sampler.top_k = std::clamp(settings.top_k, 1, cuda::kMaxDeviceTopK);
    sampler.top_p = settings.top_p;
    sampler.min_p = settings.min_p;
    sampler.repetition_penalty = settings.repetition_penalty;
    sampler.random = request.sampler.random;
    sampler.window = std::min(settings.repetition_window, cuda::kMaxDeviceWindow);
    const auto& recent = request.sampler.recent;
    const std::size_t kept = std::min(recent.size(), static_cast<std::size_t>(sampler.window));
    std::copy(recent.end() - static_cast<std::ptrdiff_t>(kept), recent.end(), sampler.recent);
    sampler.recent_count = static_cast<std::int32_t>(kept);
    sampler.recent_next = sampler.window > 0 ? sampler.recent_count % sampler.window : 0;
    *m_host.tokens = request.token;
    *m_host.position = request.position;
    queueInput(1);
    Status status =
        check(cudaMemcpyAsync(m_at.sampler, m_host.sampler, sizeof *m_host.sampler, cudaMemcpyHostToDevice, m_stream),
              "choose tokens");
    if (status.ok() && !m_chained) {
        auto recorded = Graph::record(m_stream, [&] {
            queueToken(true);
            cuda::SamplingTask task;
            task.logits = m_at.logits;
            task.vocabulary = m_model.config.vocabulary;
            task.sampler = m_at.sampler;
            task.token = m_at.tokens;
            task.position = m_at.position;
            task.workspace = m_at.sampling_work;
            cuda::sample(task, m_stream);
        });
        status = recorded.status();
        if (recorded.ok()) m_chained = std::move(*recorded);
    }

    std::vector<LayerRouting> routing(request.trace ? m_most_used.size() : 0);
    ChainedToken token{request.token, 0, routing};
    int queued = 0, reported = 0;
    while (status.ok() && reported < request.most) {
        // One token ahead of what has been reported.
        while (status.ok() && queued < request.most && queued < reported + 2) {
            status = queueChained(queued++ % 2, request.trace);
        }
        const int slot = reported % 2;
        if (status.ok()) status = check(cudaEventSynchronize(m_chained_done[slot]), "compute");
        if (!status.ok()) break;
        ++reported;
        token.next = *m_host.chained_next[slot];
        if (request.trace) collect(m_host.chained_records[slot], 1, routing);
        if (!request.on_token(token)) break;
        if (request.stop.stop_requested()) status = stopped("The computation was stopped.");
        token.token = token.next;
    }
    const Status waited = check(cudaStreamSynchronize(m_stream), "compute");
    return status.ok() ? waited : status;
}

Status CudaSession::queueChained(int slot, bool trace) {
    if (Status s = m_chained.launch(m_stream); !s.ok()) return s;
    cudaMemcpyAsync(m_host.chained_next[slot], m_at.tokens, sizeof(std::int32_t), cudaMemcpyDeviceToHost, m_stream);
    if (trace) {
        cudaMemcpyAsync(m_host.chained_records[slot], m_at.records, m_most_used.size() * sizeof(cuda::RoutingRecord),
                        cudaMemcpyDeviceToHost, m_stream);
    }
    return check(cudaEventRecord(m_chained_done[slot], m_stream), "compute");
}

}  // namespace moescope
