#pragma once
// The attention half of a layer on a GPU, as the CPU has it in cpu/attention.h.

#include <memory>

#include "engine/backend/cuda/cuda_model.h"
#include "engine/backend/cuda/session_memory.h"
#include "engine/model/rope_plan.h"

namespace moescope {

/// Queues a session's attention, whatever the model's kind. The model, the places and the stream outlive it.
class CudaAttention {
public:
    /// Of the kind that the model has.
    static std::unique_ptr<CudaAttention> create(const CudaModel& model, const SessionMemory& at);
    virtual ~CudaAttention() = default;

    /// Ok, or a sentence on what the kernels do not take of a model's heads.
    static Status check(const AttentionShape& shape);

    /// Brings the angles of all positions of the context onto the GPU, and waits until they are there.
    Status prepare(int context, cudaStream_t stream);
    /// Before queue() with several tokens: the position of the first. One token's list of kernels is the same wherever
    /// it is.
    virtual void begin(int /*first_position*/) {}
    /// Queues what a layer does with `tokens` rows of `normed`: what it keeps of them goes to the cache, and what it
    /// adds to the residual stream is added.
    virtual void queue(int layer, int tokens, cudaStream_t stream) const = 0;

protected:
    CudaAttention(const CudaModel& model, const SessionMemory& at)
        : m_model(model), m_at(at), m_plan(ropePlan(model.config)) {}
    cuda::RopeTable angles(int first) const;
    void queueOutput(const CudaLayer& layer, int tokens, cudaStream_t stream) const;

    const CudaModel& m_model;
    const SessionMemory& m_at;
    RopePlan m_plan;
};

}  // namespace moescope
