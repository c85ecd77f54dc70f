#pragma once
// Multi-head Latent Attention (DeepSeek-V2, arXiv 2405.04434) on a GPU; see kernels/cuda/latents.h.
// Long batches are computed in the expanded form, all others in the absorbed one; see expandFrom().

#include "engine/backend/cuda/cuda_attention.h"

namespace moescope {

class CudaMlaAttention : public CudaAttention {
public:
    CudaMlaAttention(const CudaModel& model, const SessionMemory& at) : CudaAttention(model, at) {}
    void begin(int first_position) override { m_first_position = first_position; }
    void queue(int layer, int tokens, cudaStream_t stream) const override;

private:
    void makeQueries(const CudaMla& weights, int tokens, cudaStream_t stream) const;
    void attendTile(const CudaMla& weights, int index, int first, int tokens, cudaStream_t stream) const;
    void attendExpanded(const CudaMla& weights, int index, int tokens, cudaStream_t stream) const;

    int m_first_position = 0;
};

}  // namespace moescope
