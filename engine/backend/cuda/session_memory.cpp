#include "engine/backend/cuda/session_memory.h"

#include <algorithm>

#include "engine/backend/cuda/mla_forms.h"
#include "engine/base/sizes.h"
#include "kernels/cuda/attention.h"

namespace moescope {
namespace {

cuda::Activations activations(Arena& arena, std::size_t rows, std::size_t columns) {
    return cuda::activationsAt(arena.take<unsigned char>(cuda::activationBytes(rows, columns)), rows, columns);
}

MhaMemory mhaMemory(Arena& arena, const AttentionShape& a, std::size_t batch) {
    MhaMemory m;
    m.keys = arena.take<float>(batch * asSize(a.keyWidth()));
    m.values = arena.take<float>(batch * asSize(a.valueWidth()));
    m.workspace = arena.take<float>(cuda::attentionWorkspaceBytes(a.heads, a.value_dim) / sizeof(float) + 1);
    return m;
}

/// Queries that are absorbed at once: enough to keep a GPU busy, few beside what a batch needs otherwise.
constexpr int kAbsorbedQueries = 4096;

/// Bytes of keys and values that are made at once, which are small beside the cache, too: of all heads in contexts of
/// some thousand positions, of some heads in longer ones.
constexpr std::size_t kExpandedBytes = 64u << 20;
constexpr int kExpandedStretch = 1024;

ExpandedMemory expandedMemory(Arena& arena, const ModelConfig& c, const BackendSessionOptions& options) {
    const AttentionShape& a = c.attention;
    ExpandedMemory m;
    if (expandFrom(a) == 0 || options.max_batch < expandFrom(a)) return m;
    m.from = expandFrom(a);
    m.stretch = std::min(options.context, kExpandedStretch);
    const std::size_t stretch = asSize(m.stretch), context = asSize(options.context);
    m.latents = activations(arena, stretch, asSize(a.latent));
    // Nothing is lost on the way: only the cache itself may be Q8_0.
    const KvType type = options.kv_type == KvType::kF32 ? KvType::kF32 : KvType::kF16;
    const std::size_t key_bytes = context * kvBytes(type, asSize(a.key_dim));
    const std::size_t value_bytes = context * kvBytes(type, asSize(a.value_dim));
    const std::size_t half_cache = asSize(c.layers) * context * kvBytes(type, asSize(a.latent + a.rope_dim)) / 2;
    const std::size_t most = std::min(kExpandedBytes, half_cache);
    const std::size_t heads = std::clamp<std::size_t>(most / (key_bytes + value_bytes), 1, asSize(a.heads));
    m.plain = arena.take<float>(stretch * heads * asSize(a.plainDim()));
    m.values = arena.take<float>(stretch * heads * asSize(a.value_dim));
    unsigned char* const keys = arena.take<unsigned char>(heads * key_bytes);
    m.cache = {type,
               static_cast<int>(heads),
               options.context,
               a.key_dim,
               a.value_dim,
               keys,
               arena.take<unsigned char>(heads * value_bytes)};
    return m;
}

MlaMemory mlaMemory(Arena& arena, const ModelConfig& c, const BackendSessionOptions& options) {
    const AttentionShape& a = c.attention;
    const std::size_t batch = asSize(options.max_batch), heads = asSize(a.heads), latent = asSize(a.latent);
    MlaMemory m;
    if (a.query_latent > 0) {
        m.query_latents = arena.take<float>(batch * asSize(a.query_latent));
        m.normed_latents = activations(arena, batch, asSize(a.query_latent));
    }
    m.latents = arena.take<float>(batch * (latent + asSize(a.rope_dim)));
    m.plain = activations(arena, batch * heads, asSize(a.plainDim()));
    m.tile = std::clamp(kAbsorbedQueries / a.heads, 1, options.max_batch);
    m.absorbed = arena.take<float>(asSize(m.tile) * heads * latent);
    m.summed = activations(arena, asSize(m.tile) * heads, latent);
    m.workspace = arena.take<float>(cuda::latentWorkspaceBytes(a.latent) / sizeof(float));
    m.expanded = expandedMemory(arena, c, options);
    return m;
}

cuda::KvCache kvCache(Arena& arena, const AttentionShape& a, const BackendSessionOptions& options) {
    const auto take = [&](int dim) {
        return arena.take<unsigned char>(asSize(a.kv_heads) * asSize(options.context) *
                                         kvBytes(options.kv_type, asSize(dim)));
    };
    unsigned char* const keys = take(a.key_dim);
    return {options.kv_type, a.kv_heads, options.context, a.key_dim, a.value_dim, keys, take(a.value_dim)};
}

cuda::LatentCache latentCache(Arena& arena, const AttentionShape& a, const BackendSessionOptions& options) {
    cuda::LatentCache cache{options.kv_type, options.context, a.latent, a.rope_dim, nullptr};
    cache.rows = arena.take<unsigned char>(asSize(options.context) * kvBytes(options.kv_type, asSize(cache.width())));
    return cache;
}

}  // namespace

cuda::BlasNeeds blasNeeds(const ModelMatrices& matrices) {
    cuda::BlasNeeds needs;
    const auto add = [&](const MatrixSource& m) { needs.add(m.type, m.rows, m.columns); };
    if (!matrices.output) add(matrices.embedding);
    forEachMatrix(matrices, [&](const MatrixSource& m, MatrixRole role, std::size_t) {
        // Networks are wanted whole, below; matrices of single heads are not for cuBLAS.
        const bool of_heads = role == MatrixRole::kKeyB || role == MatrixRole::kValueB;
        if (role == MatrixRole::kOutput || (isAttention(role) && !of_heads)) add(m);
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
    const bool latents = a.latent > 0;
    if (latents) {
        m.mla = mlaMemory(arena, c, options);
    } else {
        m.mha = mhaMemory(arena, a, batch);
    }
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
        if (latents) {
            m.mla.caches.push_back(latentCache(arena, a, options));
        } else {
            m.mha.caches.push_back(kvCache(arena, a, options));
        }
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
