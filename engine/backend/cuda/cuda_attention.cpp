#include "engine/backend/cuda/cuda_attention.h"

#include "kernels/cuda/attention.h"
#include "kernels/cuda/matmul.h"
#include "kernels/rope.h"

namespace moescope {

Status CudaAttention::prepare(int context, cudaStream_t stream) {
    const std::size_t pairs = m_plan.frequencies.size();
    std::vector<float> cosines(static_cast<std::size_t>(context) * pairs), sines(cosines.size());
    for (int p = 0; p < context; ++p) {
        const std::size_t at = static_cast<std::size_t>(p) * pairs;
        ropeAngles(p, m_plan.frequencies, m_plan.magnitude, cosines.data() + at, sines.data() + at);
    }
    // In the session's own queue: a plain copy may return before the GPU has it.
    const std::size_t bytes = cosines.size() * sizeof(float);
    for (const cudaError_t error :
         {cudaMemcpyAsync(m_at.cosines, cosines.data(), bytes, cudaMemcpyHostToDevice, stream),
          cudaMemcpyAsync(m_at.sines, sines.data(), bytes, cudaMemcpyHostToDevice, stream),
          cudaStreamSynchronize(stream)}) {
        if (Status s = check(error, "prepare a session"); !s.ok()) return s;
    }
    return {};
}

void CudaAttention::queue(int index, int tokens, cudaStream_t stream) const {
    const AttentionShape& a = m_model.config.attention;
    const CudaLayer& layer = m_model.weights.layers()[static_cast<std::size_t>(index)];
    const cuda::Product projections[] = {
        {layer.query, m_at.queries, false}, {layer.key, m_at.keys, false}, {layer.value, m_at.values, false}};
    cuda::matmul(projections, 3, m_at.normed, tokens, stream, m_model.blas.get());

    cuda::RopeTask rope;
    rope.queries = m_at.queries;
    rope.keys = m_at.keys;
    rope.values = m_at.values;
    rope.heads = a.heads;
    rope.tokens = tokens;
    rope.first_position = m_at.position;
    rope.table = {m_at.cosines, m_at.sines, a.rope_dim, a.rope_first, false};
    rope.cache = m_at.caches[static_cast<std::size_t>(index)];
    cuda::rotateAndStore(rope, stream);

    cuda::AttentionTask attention;
    attention.queries = m_at.queries;
    attention.heads = a.heads;
    attention.tokens = tokens;
    attention.first_position = m_at.position;
    attention.scale = m_plan.attention_scale;
    attention.cache = rope.cache;
    attention.workspace = m_at.attention_work;
    attention.out = m_at.attended;
    cuda::attention(attention, stream);

    const cuda::Product output = {layer.attention_output, m_at.x, true};
    cuda::matmul(&output, 1, m_at.attended, tokens, stream, m_model.blas.get());
}

}  // namespace moescope
