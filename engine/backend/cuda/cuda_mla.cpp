#include "engine/backend/cuda/cuda_mla.h"

#include <algorithm>

#include "kernels/cuda/attention.h"
#include "kernels/cuda/heads.h"
#include "kernels/cuda/latents.h"
#include "kernels/cuda/matmul.h"
#include "kernels/cuda/norm.h"

namespace moescope {

void CudaMlaAttention::queue(int index, int tokens, cudaStream_t stream) const {
    const AttentionShape& a = m_model.config.attention;
    const MlaMemory& at = m_at.mla;
    const CudaLayer& layer = m_model.weights.layers()[static_cast<std::size_t>(index)];
    const auto& weights = std::get<CudaMla>(layer.attention);
    makeQueries(weights, tokens, stream);

    cuda::LatentStoreTask store;
    store.queries = m_at.queries;
    store.latents = at.latents;
    store.weight = weights.kv_a_norm;
    store.eps = kLatentNormEps;
    store.heads = a.heads;
    store.tokens = tokens;
    store.first_position = m_at.position;
    store.table = angles(0);
    store.cache = at.caches[static_cast<std::size_t>(index)];
    store.plain = at.plain;
    cuda::storeLatents(store, stream);

    if (at.expanded.from > 0 && tokens >= at.expanded.from) {
        attendExpanded(weights, index, tokens, stream);
    } else {
        for (int first = 0; first < tokens; first += at.tile) {
            attendTile(weights, index, first, std::min(at.tile, tokens - first), stream);
        }
    }
    if (m_at.attended.q) cuda::quantize(m_at.attended, tokens, stream);
    queueOutput(layer, tokens, stream);
}

/// What queries and latents are made of, and with a detour by latents of their own the queries.
void CudaMlaAttention::makeQueries(const CudaMla& weights, int tokens, cudaStream_t stream) const {
    const MlaMemory& at = m_at.mla;
    const bool direct = !at.query_latents;
    const cuda::Product projections[] = {
        {direct ? weights.query : weights.query_a, direct ? m_at.queries : at.query_latents, false},
        {weights.kv_a, at.latents, false}};
    cuda::matmul(projections, 2, m_at.normed, tokens, stream, m_model.blas.get());
    if (direct) return;

    cuda::NormTask norm;
    norm.x = at.query_latents;
    norm.tokens = tokens;
    norm.weight = weights.query_a_norm;
    norm.eps = kLatentNormEps;
    norm.out = at.normed_latents;
    cuda::rmsNorm(norm, stream);
    const cuda::Product queries = {weights.query_b, m_at.queries, false};
    cuda::matmul(&queries, 1, at.normed_latents, tokens, stream, m_model.blas.get());
}

/// Attention of a batch's tokens first .. first + tokens - 1.
void CudaMlaAttention::attendTile(const CudaMla& weights, int index, int first, int tokens, cudaStream_t stream) const {
    const AttentionShape& a = m_model.config.attention;
    const MlaMemory& at = m_at.mla;
    const auto token = static_cast<std::size_t>(first);
    cuda::multiplyHeads(weights.key_b, a.heads, cuda::HeadInput::kEach, cuda::rowsFrom(at.plain, first * a.heads),
                        tokens, at.absorbed, stream);

    cuda::LatentAttentionTask attention;
    attention.absorbed = at.absorbed;
    attention.queries = m_at.queries + token * static_cast<std::size_t>(a.queryWidth());
    attention.heads = a.heads;
    attention.key_dim = a.key_dim;
    attention.tokens = tokens;
    attention.first_token = first;
    attention.first_position = m_at.position;
    attention.scale = m_plan.attention_scale;
    attention.cache = at.caches[static_cast<std::size_t>(index)];
    attention.workspace = at.workspace;
    attention.out = at.summed;
    cuda::attendLatents(attention, stream);

    cuda::multiplyHeads(weights.value_b, a.heads, cuda::HeadInput::kEach, at.summed, tokens,
                        m_at.attended.x + token * static_cast<std::size_t>(a.outputWidth()), stream);
}

/// Attention of a whole batch: some heads at a time, whose keys and values of all positions are made stretch by
/// stretch.
void CudaMlaAttention::attendExpanded(const CudaMla& weights, int index, int tokens, cudaStream_t stream) const {
    const AttentionShape& a = m_model.config.attention;
    const ExpandedMemory& at = m_at.mla.expanded;
    const int seen = m_first_position + tokens;
    for (int head = 0; head < a.heads; head += at.cache.heads) {
        cuda::ExpandedStoreTask store;
        store.plain = at.plain;
        store.values = at.values;
        store.from = m_at.mla.caches[static_cast<std::size_t>(index)];
        store.to = at.cache;
        store.to.heads = std::min(at.cache.heads, a.heads - head);
        for (store.first = 0; store.first < seen; store.first += at.stretch) {
            store.count = std::min(at.stretch, seen - store.first);
            cuda::loadLatents(store.from, store.first, store.count, at.latents, stream);
            cuda::multiplyHeads(cuda::matricesFrom(weights.key_up, head), store.to.heads, cuda::HeadInput::kShared,
                                at.latents, store.count, at.plain, stream);
            cuda::multiplyHeads(cuda::matricesFrom(weights.value_b, head), store.to.heads, cuda::HeadInput::kShared,
                                at.latents, store.count, at.values, stream);
            cuda::storeExpanded(store, stream);
        }

        cuda::AttentionTask attention;
        attention.queries = m_at.queries + head * a.key_dim;
        attention.heads = store.to.heads;
        attention.row_heads = a.heads;
        attention.tokens = tokens;
        attention.first_position = m_at.position;
        attention.scale = m_plan.attention_scale;
        attention.cache = store.to;
        attention.out.x = m_at.attended.x + head * a.value_dim;
        attention.out.columns = m_at.attended.columns;
        cuda::attention(attention, stream);
    }
}

}  // namespace moescope
