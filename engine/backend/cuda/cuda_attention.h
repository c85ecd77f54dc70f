#pragma once
// The attention half of a layer on a GPU, as the CPU has it in cpu/attention.h.

#include "engine/backend/cuda/cuda_model.h"
#include "engine/backend/cuda/session_memory.h"
#include "engine/model/rope_plan.h"

namespace moescope {

/// Queues a session's attention. The model, the places and the stream outlive it.
class CudaAttention {
public:
    CudaAttention(const CudaModel& model, const SessionMemory& at)
        : m_model(model), m_at(at), m_plan(ropePlan(model.config)) {}

    /// Brings the angles of all positions of the context onto the GPU, and waits until they are there.
    Status prepare(int context, cudaStream_t stream);
    /// Queues what a layer does with `tokens` rows of `normed`: their keys and values go to the cache, and what it
    /// adds to the residual stream is added.
    void queue(int layer, int tokens, cudaStream_t stream) const;

private:
    const CudaModel& m_model;
    const SessionMemory& m_at;
    RopePlan m_plan;
};

}  // namespace moescope
