#include "engine/backend/cuda/cuda_session.h"

#include <algorithm>

#include "engine/backend/layer_router.h"
#include "engine/base/sizes.h"
#include "kernels/cuda/matmul.h"
#include "kernels/cuda/norm.h"

namespace moescope {

CudaSession::Host CudaSession::Host::layOut(Arena& arena, const ModelConfig& c, const BackendSessionOptions& options) {
    Host h;
    h.tokens = arena.take<std::int32_t>(asSize(options.max_batch));
    h.position = arena.take<std::int32_t>(1);
    h.records = arena.take<cuda::RoutingRecord>(asSize(options.max_batch) * asSize(c.moeLayers()));
    h.rules = arena.take<cuda::DeviceRules>(asSize(c.moeLayers()));
    h.sampler = arena.take<cuda::DeviceSampler>(1);
    for (int slot = 0; slot < 2; ++slot) {
        h.chained_records[slot] = arena.take<cuda::RoutingRecord>(asSize(c.moeLayers()));
        h.chained_next[slot] = arena.take<std::int32_t>(1);
    }
    h.logits = arena.take<float>(asSize(std::min(kLogitRows, options.max_batch)) * asSize(c.vocabulary));
    return h;
}

Result<std::unique_ptr<BackendSession>> CudaSession::create(CudaModel& model, const BackendSessionOptions& options) {
    std::unique_ptr<CudaSession> session(new CudaSession(model, options));
    if (Status s = session->prepare(); !s.ok()) return s;
    return std::unique_ptr<BackendSession>(std::move(session));
}

Status CudaSession::prepare() {
    const ModelConfig& c = m_model.config;
    if (Status s = check(cudaSetDevice(m_model.device), "be used"); !s.ok()) return s;
    Arena counting;
    SessionMemory::layOut(counting, c, m_model.blas_needs, m_options);
    auto memory = DeviceBuffer::allocate(counting.used(), "hold the context");
    if (!memory.ok()) return memory.status();
    m_memory = std::move(*memory);
    Arena placing(m_memory.data());
    m_at = SessionMemory::layOut(placing, c, m_model.blas_needs, m_options);

    Arena counting_host;
    Host::layOut(counting_host, c, m_options);
    auto pinned = PinnedBuffer::allocate(counting_host.used(), "talk to the GPU");
    if (!pinned.ok()) return pinned.status();
    m_pinned = std::move(*pinned);
    Arena placing_host(m_pinned.data());
    m_host = Host::layOut(placing_host, c, m_options);

    auto stream = Stream::create();
    if (!stream.ok()) return stream.status();
    m_stream = std::move(*stream);
    for (Event* event : {&m_layer_done[0], &m_layer_done[1], &m_chained_done[0], &m_chained_done[1]}) {
        auto made = Event::create();
        if (!made.ok()) return made.status();
        *event = std::move(*made);
    }
    if (!m_model.placement.whole) {
        auto away = AwayExperts::create(m_model, m_options.max_batch);
        if (!away.ok()) return away.status();
        m_away = std::move(*away);
    }

    if (Status s = m_attention->prepare(m_options.context, m_stream); !s.ok()) return s;
    for (const cudaError_t error :
         {cudaMemsetAsync(m_at.ticket, 0, sizeof *m_at.ticket, m_stream),
          cudaMemsetAsync(m_at.sampling_work, 0, cuda::samplingWorkspaceBytes(c.vocabulary), m_stream),
          cudaStreamSynchronize(m_stream)}) {
        if (Status s = check(error, "prepare a session"); !s.ok()) return s;
    }
    setRouterRules({});
    return m_away ? Status() : warmUp();
}

Status CudaSession::warmUp() {
    // The driver brings kernels onto the GPU when they are first used, which it must not do while they are recorded.
    if (Status s = uploadRules(); !s.ok()) return s;
    *m_host.tokens = 0;
    *m_host.position = 0;
    queueInput(1);
    queueToken(true);
    if (Status s = check(cudaStreamSynchronize(m_stream), "compute"); !s.ok()) return s;
    return check(cudaGetLastError(), "compute");
}

CudaSession::~CudaSession() {
    cudaSetDevice(m_model.device);
    if (m_stream) cudaStreamSynchronize(m_stream);
}

void CudaSession::setRouterRules(const RouterRules& rules) {
    // The GPU may still be reading the last rules only if a batch had failed; batches end by waiting.
    std::vector<int> most_used;
    for (int l = 0; l < m_model.config.moeLayers(); ++l) {
        const LayerRouter router = layerRouter(m_model.config, rules, m_model.config.dense_layers + l);
        m_host.rules[l] = cuda::deviceRules(router.parameters, rules.shared_experts);
        most_used.push_back(router.parameters.used);
    }
    m_rules_changed = true;
    if (most_used == m_most_used) return;
    m_most_used = std::move(most_used);
    for (auto& row : m_graphs) {
        for (Graph& graph : row) graph = {};
    }
    m_chained = {};
    m_segments.clear();
}

Status CudaSession::forward(const ForwardRequest& request, ForwardResult& result) {
    const int tokens = static_cast<int>(request.tokens.size());
    result.logits.clear();
    result.routing.resize(request.trace ? asSize(tokens) * asSize(m_model.config.moeLayers()) : 0);
    m_stop = request.stop;
    if (m_stop.stop_requested()) return stopped("The computation was stopped.");
    if (Status s = check(cudaSetDevice(m_model.device), "be used"); !s.ok()) return s;
    if (Status s = uploadRules(); !s.ok()) return s;
    std::copy(request.tokens.begin(), request.tokens.end(), m_host.tokens);
    *m_host.position = request.first_position;

    const bool whole_token = tokens == 1 && (!m_away || m_warm);
    Status status = !whole_token ? prefill(tokens, request.logits, request.trace, result)
                    : m_away     ? decodeBeside(request.logits, request.trace)
                                 : decode(request.logits, request.trace);
    m_warm |= status.ok() && tokens == 1 && request.logits != LogitsWanted::kNone;
    const Status waited = check(cudaStreamSynchronize(m_stream), "compute");
    if (!status.ok()) return status;
    if (!waited.ok()) return waited;
    if (whole_token && request.logits != LogitsWanted::kNone) {
        result.logits.assign(m_host.logits, m_host.logits + m_model.config.vocabulary);
    }
    if (request.trace) collect(m_host.records, tokens, result.routing);
    if (m_away) return m_model.cache->between(tokens, m_stream);
    return {};
}

Status CudaSession::uploadRules() {
    if (!m_rules_changed) return {};
    m_rules_changed = false;
    return check(cudaMemcpyAsync(m_at.rules, m_host.rules, m_most_used.size() * sizeof(cuda::DeviceRules),
                                 cudaMemcpyHostToDevice, m_stream),
                 "take new rules");
}

Status CudaSession::decode(LogitsWanted wanted, bool trace) {
    const bool logits = wanted != LogitsWanted::kNone;
    Graph& graph = m_graphs[logits][trace];
    if (!graph) {
        auto recorded = Graph::record(m_stream, [&] {
            queueInput(1);
            queueToken(logits);
            if (logits) copyLogits(1);
            if (trace) queueRecords(1);
        });
        if (!recorded.ok()) return recorded.status();
        graph = std::move(*recorded);
    }
    return graph.launch(m_stream);
}

Status CudaSession::recordSegments() {
    const ModelConfig& c = m_model.config;
    std::vector<Graph> segments;
    for (int l = c.dense_layers; l < c.layers; ++l) {
        Status status;
        auto before = Graph::record(m_stream, [&] {
            Pending pending;
            if (l == c.dense_layers) {
                queueInput(1);
                cuda::embed(m_model.weights.embedding(), m_at.tokens, 1, m_at.x, m_stream);
                for (int dense = 0; dense < l; ++dense) {
                    attend(dense, 1, pending);
                    (void)feedForward(dense, 1, pending);  // fails only where it waits for the CPU
                }
            } else {
                status = takeSums(l - 1, pending);
            }
            attend(l, 1, pending);
            norm(1, m_model.weights.layers()[asSize(l)].ffn_norm, pending);
            route(l, 1);
            if (status.ok()) status = m_away->fetch(recordsOf(l, 1), m_at.normed.x, 1, m_stream);
        });
        if (!before.ok()) return before.status();
        if (!status.ok()) return status;
        auto experts = Graph::record(m_stream, [&] { runExperts(l, 1); });
        if (!experts.ok()) return experts.status();
        segments.push_back(std::move(*before));
        segments.push_back(std::move(*experts));
    }
    m_segments = std::move(segments);
    return {};
}

Status CudaSession::takeSums(int index, Pending& pending) {
    pending = sumsOf(index, 1);
    pending.elsewhere = m_at.elsewhere;
    return m_away->send(m_at.elsewhere, 1, m_stream);
}

Status CudaSession::decodeBeside(LogitsWanted wanted, bool trace) {
    if (m_segments.empty()) {
        if (Status s = recordSegments(); !s.ok()) return s;
    }
    const bool logits = wanted != LogitsWanted::kNone;
    Graph& end = m_graphs[logits][trace];
    if (!end) {
        Status status;
        auto recorded = Graph::record(m_stream, [&] {
            Pending pending;
            status = takeSums(m_model.config.layers - 1, pending);
            norm(1, logits ? m_model.weights.outputNorm() : nullptr, pending);
            if (logits) {
                queueLogits(0, 1);
                copyLogits(1);
            }
            if (trace) queueRecords(1);
        });
        if (!recorded.ok()) return recorded.status();
        if (!status.ok()) return status;
        end = std::move(*recorded);
    }
    for (int l = 0; l < m_model.config.moeLayers(); ++l) {
        if (Status s = m_segments[2 * asSize(l)].launch(m_stream); !s.ok()) return s;
        if (Status s = m_away->mark(m_stream); !s.ok()) return s;
        if (Status s = m_segments[2 * asSize(l) + 1].launch(m_stream); !s.ok()) return s;
        const auto away = m_away->compute(l, 1, m_stop);
        if (!away.ok()) return away.status();
        // What is recorded always adds the CPU's sums.
        if (!*away) m_away->clear(1);
        if (m_stop.stop_requested()) return stopped("The computation was stopped.");
    }
    return end.launch(m_stream);
}

Status CudaSession::prefill(int tokens, LogitsWanted wanted, bool trace, ForwardResult& result) {
    if (m_model.blas) m_model.blas->use(m_stream, m_at.blas);
    queueInput(tokens);
    m_attention->begin(*m_host.position);
    cuda::embed(m_model.weights.embedding(), m_at.tokens, tokens, m_at.x, m_stream);
    Pending pending;
    for (int l = 0; l < m_model.config.layers; ++l) {
        attend(l, tokens, pending);
        if (Status s = feedForward(l, tokens, pending); !s.ok()) return s;
        // The queue is never more than two layers ahead, so that there is little left to compute after a stop.
        Event& done = m_layer_done[l % 2];
        if (Status s = check(l >= 2 ? cudaEventSynchronize(done) : cudaSuccess, "compute"); !s.ok()) return s;
        if (m_stop.stop_requested()) return stopped("The computation was stopped.");
        if (Status s = check(cudaEventRecord(done, m_stream), "compute"); !s.ok()) return s;
    }
    const bool logits = wanted != LogitsWanted::kNone;
    norm(tokens, logits ? m_model.weights.outputNorm() : nullptr, pending);
    if (trace) queueRecords(tokens);
    const std::size_t vocabulary = asSize(m_model.config.vocabulary);
    const int rows_at_once = std::min(kLogitRows, m_options.max_batch);
    for (int first = wanted == LogitsWanted::kAll ? 0 : tokens - 1; logits && first < tokens; first += rows_at_once) {
        const int rows = std::min(rows_at_once, tokens - first);
        queueLogits(first, rows);
        copyLogits(rows);
        if (Status s = check(cudaStreamSynchronize(m_stream), "compute"); !s.ok()) return s;
        result.logits.insert(result.logits.end(), m_host.logits, m_host.logits + asSize(rows) * vocabulary);
        if (m_stop.stop_requested()) return stopped("The computation was stopped.");
    }
    if (m_model.blas && m_model.blas->failed()) {
        return ioError("cuBLAS refused to multiply; load the model again, or compute on the CPU.");
    }
    return check(cudaGetLastError(), "compute");
}

void CudaSession::queueInput(int tokens) {
    cudaMemcpyAsync(m_at.tokens, m_host.tokens, asSize(tokens) * sizeof(std::int32_t), cudaMemcpyHostToDevice,
                    m_stream);
    cudaMemcpyAsync(m_at.position, m_host.position, sizeof(std::int32_t), cudaMemcpyHostToDevice, m_stream);
}

void CudaSession::norm(int tokens, const float* weight, Pending& pending) {
    cuda::NormTask task;
    task.x = m_at.x;
    task.tokens = tokens;
    task.weight = weight;
    task.eps = m_model.config.rms_eps;
    task.routed = pending.routed;
    task.elsewhere = pending.elsewhere;
    task.shared = pending.shared;
    task.records = pending.records;
    task.out = m_at.normed;
    cuda::rmsNorm(task, m_stream);
    pending = {};
}

void CudaSession::attend(int index, int tokens, Pending& pending) {
    norm(tokens, m_model.weights.layers()[asSize(index)].attention_norm, pending);
    m_attention->queue(index, tokens, m_stream);
}

Status CudaSession::feedForward(int index, int tokens, Pending& pending) {
    const ModelConfig& c = m_model.config;
    const CudaLayer& layer = m_model.weights.layers()[asSize(index)];
    norm(tokens, layer.ffn_norm, pending);
    if (!layer.router) {
        cuda::FfnTask task;
        task.ffn = layer.ffn;
        task.input = m_at.normed;
        task.tokens = tokens;
        task.blas = m_model.blas.get();
        task.work = m_at.dense;
        cuda::expertFfn(task, m_stream);
        pending.shared = m_at.dense.shared;
        return {};
    }

    route(index, tokens);
    if (m_away) {
        const cuda::RoutingRecord* records = recordsOf(index, tokens);
        if (Status s = m_away->fetch(records, m_at.normed.x, tokens, m_stream); !s.ok()) return s;
        if (Status s = m_away->mark(m_stream); !s.ok()) return s;
    }
    runExperts(index, tokens);
    pending = sumsOf(index, tokens);
    if (!m_away) return {};
    const auto away = m_away->compute(index - c.dense_layers, tokens, m_stop);
    if (!away.ok()) return away.status();
    if (!*away) return {};
    pending.elsewhere = m_at.elsewhere;
    return m_away->send(m_at.elsewhere, tokens, m_stream);
}

cuda::RoutingRecord* CudaSession::recordsOf(int index, int tokens) const {
    return m_at.records + asSize(index - m_model.config.dense_layers) * asSize(tokens);
}

CudaSession::Pending CudaSession::sumsOf(int index, int tokens) const {
    Pending sums;
    sums.routed = m_at.moe.routed;
    if (m_model.weights.layers()[asSize(index)].ffn.shared_gate) sums.shared = m_at.moe.shared;
    sums.records = recordsOf(index, tokens);
    return sums;
}

void CudaSession::route(int index, int tokens) {
    const ModelConfig& c = m_model.config;
    cuda::RouterTask router;
    router.x = m_at.normed.x;
    router.weights = m_model.weights.layers()[asSize(index)].router;
    router.bias = m_model.weights.layers()[asSize(index)].router_bias;
    router.experts = c.experts;
    router.hidden = c.hidden;
    router.tokens = tokens;
    router.rules = m_at.rules + (index - c.dense_layers);
    router.logits = m_at.router_logits;
    router.ticket = m_at.ticket;
    router.records = recordsOf(index, tokens);
    cuda::route(router, m_stream);
}

void CudaSession::runExperts(int index, int tokens) {
    const ModelConfig& c = m_model.config;
    const int moe_layer = index - c.dense_layers;
    const cuda::RoutingRecord* records = recordsOf(index, tokens);
    cuda::FfnTask task;
    task.ffn = m_model.weights.layers()[asSize(index)].ffn;
    task.blas = m_model.blas.get();
    task.most_used = m_most_used[asSize(moe_layer)];
    task.rules = m_at.rules + moe_layer;
    const std::size_t hidden = asSize(c.hidden);
    const int at_once = std::max(1, m_at.ffn_rows / std::max(1, task.most_used));
    for (int first = 0; first < tokens; first += at_once) {
        task.tokens = std::min(at_once, tokens - first);
        task.input = cuda::rowsFrom(m_at.normed, first);
        task.records = records + first;
        task.work = m_at.moe;
        task.work.routed += asSize(first) * hidden;
        task.work.shared += asSize(first) * hidden;
        cuda::expertFfn(task, m_stream);
    }
}

void CudaSession::queueToken(bool logits) {
    cuda::embed(m_model.weights.embedding(), m_at.tokens, 1, m_at.x, m_stream);
    Pending pending;
    for (int l = 0; l < m_model.config.layers; ++l) {
        attend(l, 1, pending);
        (void)feedForward(l, 1, pending);  // fails only where it waits for the CPU
    }
    norm(1, logits ? m_model.weights.outputNorm() : nullptr, pending);
    if (logits) queueLogits(0, 1);
}

void CudaSession::queueLogits(int first, int rows) {
    const cuda::Product output = {m_model.weights.output(), m_at.logits, false};
    cuda::matmul(&output, 1, cuda::rowsFrom(m_at.normed, first), rows, m_stream, m_model.blas.get());
}

void CudaSession::copyLogits(int rows) {
    cudaMemcpyAsync(m_host.logits, m_at.logits, asSize(rows) * asSize(m_model.config.vocabulary) * sizeof(float),
                    cudaMemcpyDeviceToHost, m_stream);
}

void CudaSession::queueRecords(int tokens) {
    cudaMemcpyAsync(m_host.records, m_at.records,
                    asSize(tokens) * asSize(m_model.config.moeLayers()) * sizeof(cuda::RoutingRecord),
                    cudaMemcpyDeviceToHost, m_stream);
}

void CudaSession::collect(const cuda::RoutingRecord* records, int tokens, std::vector<LayerRouting>& routing) const {
    const std::size_t layers = asSize(m_model.config.moeLayers()), n = asSize(tokens);
    for (std::size_t l = 0; l < layers; ++l) {
        for (std::size_t t = 0; t < n; ++t) {
            const cuda::RoutingRecord& from = records[l * n + t];
            LayerRouting& to = routing[t * layers + l];
            to = recordOf(from.choice);
            to.shared_norm = from.shared_norm;
            to.routed_norm = from.routed_norm;
            for (int i = 0; i < to.count; ++i) {
                const bool here = !m_away || m_model.cache->onCard(static_cast<int>(l), from.choice.experts[i]);
                if (here) to.on_card = static_cast<std::uint16_t>(to.on_card | 1u << i);
            }
        }
    }
}

}  // namespace moescope
