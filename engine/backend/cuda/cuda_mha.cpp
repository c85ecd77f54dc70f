#include "engine/backend/cuda/cuda_mha.h"

#include "kernels/cuda/attention.h"
#include "kernels/cuda/matmul.h"

namespace moescope {

void CudaMhaAttention::queue(int index, int tokens, cudaStream_t stream) const {
    const AttentionShape& a = m_model.config.attention;
    const CudaLayer& layer = m_model.weights.layers()[static_cast<std::size_t>(index)];
    const auto& weights = std::get<CudaMha>(layer.attention);
    const cuda::Product projections[] = {{weights.query, m_at.queries, false},
                                         {weights.key, m_at.mha.keys, false},
                                         {weights.value, m_at.mha.values, false}};
    cuda::matmul(projections, 3, m_at.normed, tokens, stream, m_model.blas.get());

    cuda::RopeTask rope;
    rope.queries = m_at.queries;
    rope.keys = m_at.mha.keys;
    rope.values = m_at.mha.values;
    rope.heads = a.heads;
    rope.tokens = tokens;
    rope.first_position = m_at.position;
    rope.table = angles(a.rope_first);
    rope.cache = m_at.mha.caches[static_cast<std::size_t>(index)];
    cuda::rotateAndStore(rope, stream);

    cuda::AttentionTask attention;
    attention.queries = m_at.queries;
    attention.heads = a.heads;
    attention.tokens = tokens;
    attention.first_position = m_at.position;
    attention.scale = m_plan.attention_scale;
    attention.cache = rope.cache;
    attention.workspace = m_at.mha.workspace;
    attention.out = m_at.attended;
    cuda::attention(attention, stream);
    queueOutput(layer, tokens, stream);
}

}  // namespace moescope
