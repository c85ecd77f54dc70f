#pragma once
// The CPU's part of a layer: the experts that tokens chose and that are not on the GPU.

#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "engine/backend/cpu/moe_ffn.h"
#include "engine/backend/cuda/cuda_model.h"
#include "engine/backend/cuda/device.h"
#include "kernels/cuda/router.h"

namespace moescope {

/// While the GPU computes a layer's experts that are on it, this fetches what the tokens chose and what goes in,
/// computes the others with the CPU backend's kernels, and sends the sums back. One a session.
class AwayExperts {
public:
    static Result<std::unique_ptr<AwayExperts>> create(CudaModel& model, int max_batch);

    /// Queues the copies that compute() needs: of the layer's choices and of the normed tokens (tokens, hidden).
    Status fetch(const cuda::RoutingRecord* records, const float* normed, int tokens, cudaStream_t stream);
    /// Marks in the stream where they are done. Apart, since a recorded mark is none that can be waited for.
    Status mark(cudaStream_t stream);

    /// Waits for the mark and computes. False if every chosen expert is on the GPU: there are no sums then.
    Result<bool> compute(int moe_layer, int tokens, const std::stop_token& stop);
    /// Makes sums of zero where there are none.
    void clear(int tokens);
    /// Queues the copy of the sums to `sums` (tokens, hidden).
    Status send(float* sums, int tokens, cudaStream_t stream);

private:
    explicit AwayExperts(CudaModel& model, int max_batch)
        : m_model(model),
          m_input(static_cast<std::size_t>(max_batch), static_cast<std::size_t>(model.config.hidden)),
          m_ffn(model.kernels, model.pool, model.config, static_cast<std::size_t>(max_batch)) {}

    CudaModel& m_model;
    PinnedBuffer m_records, m_normed, m_sums;
    Event m_fetched;
    Activations m_input;
    MoeFfn m_ffn;
    std::vector<RouterChoice> m_choices;
};

}  // namespace moescope
