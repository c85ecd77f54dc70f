#include "engine/backend/cuda/cuda_attention.h"

#include <fmt/format.h>

#include "engine/backend/cuda/cuda_mha.h"
#include "engine/backend/cuda/cuda_mla.h"
#include "kernels/cuda/matmul.h"
#include "kernels/rope.h"

namespace moescope {

std::unique_ptr<CudaAttention> CudaAttention::create(const CudaModel& model, const SessionMemory& at) {
    if (model.config.attention.latent > 0) return std::make_unique<CudaMlaAttention>(model, at);
    return std::make_unique<CudaMhaAttention>(model, at);
}

Status CudaAttention::check(const AttentionShape& a) {
    if (a.latent > 0) {
        if (a.latent % 32 == 0 && a.latent <= cuda::kMaxLatent && a.latent + a.rope_dim <= cuda::kMaxLatentWidth)
            return {};
        return unsupported(
            fmt::format("The GPU's kernels take latents of a multiple of 32 values up to {}, and {} "
                        "including those that rotate; this model's have {} and {}. Compute on the CPU.",
                        cuda::kMaxLatent, cuda::kMaxLatentWidth, a.latent, a.latent + a.rope_dim));
    }
    for (const int dim : {a.key_dim, a.value_dim}) {
        if (dim % 16 == 0 && dim <= cuda::kMaxHeadDim) continue;
        return unsupported(
            fmt::format("The GPU's kernels take heads of a multiple of 16 values up to {}; this model's have {}. "
                        "Compute on the CPU.",
                        cuda::kMaxHeadDim, dim));
    }
    return {};
}

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
        if (Status s = moescope::check(error, "prepare a session"); !s.ok()) return s;
    }
    return {};
}

cuda::RopeTable CudaAttention::angles(int first) const {
    return {m_at.cosines, m_at.sines, m_model.config.attention.rope_dim, first, false};
}

void CudaAttention::queueOutput(const CudaLayer& layer, int tokens, cudaStream_t stream) const {
    const cuda::Product output = {layer.attention_output, m_at.x, true};
    cuda::matmul(&output, 1, m_at.attended, tokens, stream, m_model.blas.get());
}

}  // namespace moescope
