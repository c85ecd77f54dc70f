#include "engine/backend/cuda/session_memory.h"

#include <algorithm>

#include "engine/base/sizes.h"
#include "kernels/cuda/attention.h"

namespace moescope {
namespace {

cuda::Activations activations(Arena& arena, std::size_t rows, std::size_t columns) {
    return cuda::activationsAt(arena.take<unsigned char>(cuda::activationBytes(rows, columns)), rows, columns);
}

}  // namespace

cuda::BlasNeeds blasNeeds(const ModelTensors& tensors) {
    cuda::BlasNeeds needs;
    const auto add = [&](const GgufTensor* t) { needs.add(t->type, t->dims[1], t->columns()); };
    add(tensors.output);
    for (const LayerTensors& layer : tensors.layers) {
        for (const GgufTensor* t : {layer.query, layer.key, layer.value, layer.attention_output}) add(t);
        for (const FfnTensors& f : {layer.dense, layer.shared}) {
            if (!f || !cuda::isFloat(f.gate->type) || !cuda::isFloat(f.down->type)) continue;
            for (const GgufTensor* t : {f.gate, f.up, f.down}) add(t);
            needs.network_row = std::max<std::size_t>(needs.network_row, 2 * f.gate->dims[1] * sizeof(float));
        }
    }
    return needs;
}

SessionMemory SessionMemory::layOut(Arena& arena, const ModelConfig& c, const cuda::BlasNeeds& needs,
                                    const BackendSessionOptions& options) {
    const std::size_t batch = asSize(options.max_batch), hidden = asSize(c.hidden);
    const std::size_t moe_layers = asSize(c.moeLayers());
    SessionMemory m;
    m.tokens = arena.take<std::int32_t>(batch);
    m.position = arena.take<std::int32_t>(1);
    m.x = arena.take<float>(batch * hidden);
    m.normed = activations(arena, batch, hidden);
    m.attended = activations(arena, batch, asSize(c.queryWidth()));
    m.queries = arena.take<float>(batch * asSize(c.queryWidth()));
    m.keys = arena.take<float>(batch * asSize(c.kvWidth()));
    m.values = arena.take<float>(batch * asSize(c.kvWidth()));
    m.attention_work = arena.take<float>(cuda::attentionWorkspaceBytes(c.heads, c.head_dim) / sizeof(float) + 1);
    m.router_logits = arena.take<float>(batch * asSize(c.experts));
    m.ticket = arena.take<std::uint32_t>(1);
    m.records = arena.take<cuda::RoutingRecord>(batch * moe_layers);
    m.rules = arena.take<cuda::DeviceRules>(moe_layers);

    // Rules may ask for more experts than the model does: for the whole batch there is room for the model's own, and
    // for as many as rules may name for one token.
    const int most = std::min(c.experts, kMaxActiveExperts);
    m.ffn_rows = std::max(options.max_batch * c.experts_used, most);
    const std::size_t rows = asSize(m.ffn_rows);
    m.moe.routed_middle = activations(arena, rows, asSize(c.expert_ff));
    const std::size_t shared = asSize(c.expert_ff * c.shared_experts), dense = asSize(c.dense_ff);
    auto* middle =
        arena.take<unsigned char>(std::max(cuda::activationBytes(batch, shared), cuda::activationBytes(batch, dense)));
    if (shared > 0) m.moe.shared_middle = cuda::activationsAt(middle, batch, shared);
    m.dense.shared_middle = cuda::activationsAt(middle, batch, dense);
    m.moe.routed = arena.take<float>(batch * hidden);
    m.moe.shared = arena.take<float>(batch * hidden);
    m.dense.shared = m.moe.shared;
    m.moe.pairs = arena.take<float>(rows * hidden);
    std::size_t order = 0;
    for (int k = 1; k <= most; ++k) {
        order = std::max(order, cuda::expertOrderInts(std::min(options.max_batch, m.ffn_rows / k), k, c.experts));
    }
    m.moe.order = arena.take<std::int32_t>(order);
    if (needs.any) {
        m.blas.library = arena.take<unsigned char>(cuda::kBlasLibraryBytes);
        m.blas.parts = arena.take<unsigned char>(batch * needs.part_row);
        m.blas.scales = arena.take<float>(batch);
        m.blas.products_bytes = cuda::blasProductsBytes(needs, options.max_batch);
        m.blas.products = arena.take<float>(m.blas.products_bytes / sizeof(float));
        m.blas.tokens = options.max_batch;
        m.moe.gate_up = m.dense.gate_up = arena.take<float>(batch * needs.network_row / sizeof(float));
    }
    m.elsewhere = arena.take<float>(batch * hidden);
    m.logits = arena.take<float>(asSize(std::min(kLogitRows, options.max_batch)) * asSize(c.vocabulary));
    m.cosines = arena.take<float>(asSize(options.context) * asSize(c.rope_dim) / 2);
    m.sines = arena.take<float>(asSize(options.context) * asSize(c.rope_dim) / 2);
    m.sampler = arena.take<cuda::DeviceSampler>(1);
    m.sampling_work = arena.take<unsigned char>(cuda::samplingWorkspaceBytes(c.vocabulary));

    const std::size_t before = arena.used();
    for (int l = 0; l < c.layers; ++l) {
        cuda::KvCache cache{options.kv_type, c.kv_heads, options.context, c.head_dim, c.head_dim, nullptr, nullptr};
        const std::size_t bytes =
            asSize(c.kv_heads) * asSize(options.context) * kvBytes(options.kv_type, asSize(c.head_dim));
        cache.keys = arena.take<unsigned char>(bytes);
        cache.values = arena.take<unsigned char>(bytes);
        m.caches.push_back(cache);
    }
    m.cache_bytes = arena.used() - before;
    return m;
}

SessionBytes sessionBytes(const ModelConfig& config, const cuda::BlasNeeds& needs,
                          const BackendSessionOptions& options) {
    Arena counting;
    const SessionMemory memory = SessionMemory::layOut(counting, config, needs, options);
    return {memory.cache_bytes, counting.used() - memory.cache_bytes};
}

}  // namespace moescope
