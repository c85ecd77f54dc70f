#pragma once
// Attention whose heads have keys and values of their own (MHA), or share them in groups (GQA), on a GPU.

#include "engine/backend/cuda/cuda_attention.h"

namespace moescope {

class CudaMhaAttention : public CudaAttention {
public:
    CudaMhaAttention(const CudaModel& model, const SessionMemory& at) : CudaAttention(model, at) {}
    void queue(int layer, int tokens, cudaStream_t stream) const override;
};

}  // namespace moescope
