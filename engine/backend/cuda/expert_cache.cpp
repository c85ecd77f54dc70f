#include "engine/backend/cuda/expert_cache.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/cuda/repack.h"

namespace moescope {

void ExpertScores::age() {
    static const double kGrowth = std::exp2(1.0 / kHalfLife);
    m_unit *= kGrowth;
    if (m_unit < 1e100) return;
    for (double& score : m_scores) score /= m_unit;
    m_unit = 1;
}

Exchange worthwhile(const ExpertScores& scores, std::span<const std::int32_t> slots,
                    std::span<const std::uint8_t> busy) {
    Exchange exchange;
    for (std::size_t i = 0; i < slots.size(); ++i) {
        const int e = static_cast<int>(i);
        if (busy[i]) continue;
        if (slots[i] < 0) {
            if (exchange.in < 0 || scores.score(e) > scores.score(exchange.in)) exchange.in = e;
        } else {
            if (exchange.out < 0 || scores.score(e) < scores.score(exchange.out)) exchange.out = e;
        }
    }
    constexpr double kWorth = 1.0;
    if (exchange.in < 0 || exchange.out < 0 || scores.score(exchange.in) < scores.score(exchange.out) + kWorth)
        return {};
    return exchange;
}

std::size_t exchangeBytes(const ModelMatrices& matrices) {
    std::size_t largest = 0;
    for (const LayerMatrices& layer : matrices.layers) {
        if (!layer.router) continue;
        std::size_t bytes = 0;
        for (const MatrixSource* m : {&layer.routed.gate, &layer.routed.up, &layer.routed.down}) {
            bytes += PackedMatrix{m->type, m->rows, m->columns, nullptr}.bytes();
        }
        largest = std::max(largest, bytes);
    }
    return largest;
}

Result<std::unique_ptr<ExpertCache>> ExpertCache::create(const ModelConfig& config, const CpuWeights& experts,
                                                         bool pinned, const CudaWeights& weights,
                                                         const Placement& placement, std::size_t exchange_bytes) {
    std::unique_ptr<ExpertCache> cache(new ExpertCache(config, experts, pinned, weights));
    for (const int on_card : placement.on_card) {
        for (int e = 0; e < config.experts; ++e) cache->m_slots.push_back(e < on_card ? e : -1);
        cache->m_scores.emplace_back(config.experts);
    }
    cache->m_busy.assign(static_cast<std::size_t>(config.experts), 0);
    auto arrival = DeviceBuffer::allocate(exchange_bytes, "move experts to it");
    if (!arrival.ok()) return arrival.status();
    cache->m_arrival = std::move(*arrival);
    for (auto [buffer, bytes] : {std::pair(&cache->m_table, cache->m_slots.size() * sizeof(std::int32_t)),
                                 std::pair(&cache->m_staging, pinned ? 0 : exchange_bytes)}) {
        auto memory = PinnedBuffer::allocate(bytes, "move experts to the GPU");
        if (!memory.ok()) return memory.status();
        *buffer = std::move(*memory);
    }
    auto stream = Stream::create();
    if (!stream.ok()) return stream.status();
    cache->m_stream = std::move(*stream);
    auto event = Event::create();
    if (!event.ok()) return event.status();
    cache->m_copied = std::move(*event);
    if (!pinned) {
        cache->m_thread = std::jthread([raw = cache.get()](const std::stop_token& stop) { raw->work(stop); });
    }
    return cache;
}

ExpertCache::~ExpertCache() {
    m_thread.request_stop();
    if (m_thread.joinable()) m_thread.join();
    if (m_stage == Stage::kCopying) cudaEventSynchronize(m_copied);
}

void ExpertCache::use(int moe_layer, std::span<const std::int32_t> experts) {
    for (const std::int32_t e : experts) m_scores[static_cast<std::size_t>(moe_layer)].use(e);
}

Status ExpertCache::between(int tokens, cudaStream_t stream) {
    for (int i = 0; i < tokens; ++i) {
        for (ExpertScores& scores : m_scores) scores.age();
    }
    Stage stage;
    {
        const std::lock_guard lock(m_mutex);
        stage = m_stage;
    }
    switch (stage) {
        case Stage::kIdle:
            return begin(stream);
        case Stage::kGathering:
            return {};
        case Stage::kGathered:
            return copy();
        case Stage::kCopying:
            if (const cudaError_t copied = cudaEventQuery(m_copied); copied == cudaErrorNotReady) {
                cudaGetLastError();  // no failure, but kept as one
                return {};
            } else if (Status s = check(copied, "move an expert"); !s.ok()) {
                return s;
            }
            m_slots[index(m_layer, m_expert)] = m_slot;
            m_busy[static_cast<std::size_t>(m_expert)] = 0;
            ++m_exchanges;
            {
                const std::lock_guard lock(m_mutex);
                m_stage = Stage::kIdle;
            }
            if (Status s = publish(stream); !s.ok()) return s;
            return begin(stream);
    }
    return {};
}

Status ExpertCache::begin(cudaStream_t stream) {
    const int layers = static_cast<int>(m_scores.size());
    for (int i = 0; i < layers; ++i) {
        const int layer = (m_next_layer + i) % layers;
        const auto slots = std::span(m_slots).subspan(index(layer, 0), static_cast<std::size_t>(m_config.experts));
        const Exchange exchange = worthwhile(m_scores[static_cast<std::size_t>(layer)], slots, m_busy);
        if (exchange.in < 0) continue;
        m_next_layer = (layer + 1) % layers;
        m_layer = layer;
        m_expert = exchange.in;
        m_slot = slots[static_cast<std::size_t>(exchange.out)];
        m_busy[static_cast<std::size_t>(m_expert)] = 1;
        slots[static_cast<std::size_t>(exchange.out)] = -1;
        // Nothing that is queued after this reads the place, and nothing before it is still running.
        if (Status s = publish(stream); !s.ok()) return s;
        if (m_pinned) return copy();
        {
            const std::lock_guard lock(m_mutex);
            m_stage = Stage::kGathering;
        }
        m_wake.notify_one();
        return {};
    }
    return {};
}

Status ExpertCache::publish(cudaStream_t stream) {
    // The last copy of the table has long been made: batches end by waiting for the stream.
    std::memcpy(m_table.data(), m_slots.data(), m_slots.size() * sizeof(std::int32_t));
    return check(cudaMemcpyAsync(m_weights.slotTable(), m_table.data(), m_slots.size() * sizeof(std::int32_t),
                                 cudaMemcpyHostToDevice, stream),
                 "move an expert");
}

const CpuFfn& ExpertCache::newcomer() const {
    const CpuLayer& layer = m_experts.layers()[static_cast<std::size_t>(m_config.dense_layers + m_layer)];
    return layer.ffns[static_cast<std::size_t>(m_expert)];
}

Status ExpertCache::copy() {
    const CpuFfn& expert = newcomer();
    const CudaWeights::ExpertPlace place = m_weights.place(m_layer, m_slot);
    std::size_t at = 0;
    for (const auto& [matrix, to] :
         {std::pair(&expert.gate, place.gate), {&expert.up, place.up}, {&expert.down, place.down}}) {
        const unsigned char* from = m_pinned ? matrix->data : m_staging.data() + at;
        unsigned char* arrived = m_arrival.data() + at;
        const cudaError_t error = cudaMemcpyAsync(arrived, from, matrix->bytes(), cudaMemcpyHostToDevice, m_stream);
        if (Status s = check(error, "move an expert"); !s.ok()) return s;
        cuda::repack(matrix->type, static_cast<int>(matrix->rows), static_cast<int>(matrix->columns), arrived, to,
                     m_stream);
        at += matrix->bytes();
    }
    const std::lock_guard lock(m_mutex);
    m_stage = Stage::kCopying;
    return check(cudaEventRecord(m_copied, m_stream), "move an expert");
}

void ExpertCache::work(const std::stop_token& stop) {
    while (true) {
        std::unique_lock lock(m_mutex);
        if (!m_wake.wait(lock, stop, [&] { return m_stage == Stage::kGathering; })) return;
        lock.unlock();
        unsigned char* to = m_staging.data();
        const CpuFfn& expert = newcomer();
        for (const PackedMatrix* matrix : {&expert.gate, &expert.up, &expert.down}) {
            std::memcpy(to, matrix->data, matrix->bytes());
            to += matrix->bytes();
        }
        lock.lock();
        m_stage = Stage::kGathered;
    }
}

}  // namespace moescope
