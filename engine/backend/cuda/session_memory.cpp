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

cuda::BlasNeeds blasNeeds(const ModelMatrices& matrices) {
    cuda::BlasNeeds needs;
    const auto add = [&](const MatrixSource& m) { needs.add(m.type, m.rows, m.columns); };
    if (!matrices.output) add(matrices.embedding);
    forEachMatrix(matrices, [&](const MatrixSource& m, MatrixRole role, std::size_t) {
        // Networks are wanted whole, below.
        if (role == MatrixRole::kOutput || isAttention(role)) add(m);
    });
    for (const LayerMatrices& layer : matrices.layers) {
        for (const FfnMatrices* f : {&layer.dense, &layer.shared}) {
            if (!*f || !cuda::isFloat(f->gate.type) || !cuda::isFloat(f->down.type)) continue;
            for (const MatrixSource* m : {&f->gate, &f->up, &f->down}) add(*m);
            needs.network_row = std::max<std::size_t>(needs.network_row, 2 * f->gate.rows * sizeof(float));
        }
    }
    return needs;
}

SessionMemory SessionMemory::layOut(Arena& arena, const ModelConfig& c, const cuda::BlasNeeds& needs,
                                    const BackendSessionOptions& options) {
    const std::size_t batch = asSize(options.max_batch), hidden = asSize(c.hidden);
    const std::size_t moe_layers = asSize(c.moeLayers());
    const AttentionShape& a = c.attention;
    SessionMemory m;
    m.tokens = arena.take<std::int32_t>(batch);
    m.position = arena.take<std::int32_t>(1);
    m.x = arena.take<float>(batch * hidden);
    m.normed = activations(arena, batch, hidden);
    m.attended = activations(arena, batch, asSize(a.outputWidth()));
    m.queries = arena.take<float>(batch * asSize(a.queryWidth()));
    m.keys = arena.take<float>(batch * asSize(a.keyWidth()));
    m.values = arena.take<float>(batch * asSize(a.valueWidth()));
    m.attention_work = arena.take<float>(cuda::attentionWorkspaceBytes(a.heads, a.value_dim) / sizeof(float) + 1);
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
    m.cosines = arena.take<float>(asSize(options.context) * asSize(a.rope_dim) / 2);
    m.sines = arena.take<float>(asSize(options.context) * asSize(a.rope_dim) / 2);
    m.sampler = arena.take<cuda::DeviceSampler>(1);
    m.sampling_work = arena.take<unsigned char>(cuda::samplingWorkspaceBytes(c.vocabulary));

    const std::size_t before = arena.used();
    for (int l = 0; l < c.layers; ++l) {
        cuda::KvCache cache{options.kv_type, a.kv_heads, options.context, a.key_dim, a.value_dim, nullptr, nullptr};
        const auto take = [&](int dim) {
            return arena.take<unsigned char>(asSize(a.kv_heads) * asSize(options.context) *
                                             kvBytes(options.kv_type, asSize(dim)));
        };
        cache.keys = take(a.key_dim);
        cache.values = take(a.value_dim);
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
