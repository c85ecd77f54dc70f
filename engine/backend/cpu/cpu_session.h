#pragma once
// The forward pass of a DeepSeekMoE model on the CPU. Source of the architecture: arXiv 2401.06066.

#include "engine/backend/backend.h"
#include "engine/backend/cpu/activations.h"
#include "engine/backend/cpu/attention.h"
#include "engine/backend/cpu/cpu_weights.h"
#include "engine/backend/cpu/moe_ffn.h"
#include "engine/backend/layer_router.h"
#include "engine/backend/thread_pool.h"

namespace moescope {

class CpuSession : public BackendSession {
public:
    /// Everything referred to outlives the session.
    CpuSession(const ModelConfig& config, const CpuWeights& weights, const CpuKernels& kernels, ThreadPool& pool,
               std::unique_ptr<CpuAttention> attention, int max_batch);
    /// What a session takes with that many threads.
    static SessionBytes bytesFor(const ModelConfig& config, const BackendSessionOptions& options, int threads);

    Status forward(const ForwardRequest& request, ForwardResult& result) override;
    /// Of batches that attention computes in the same form: see mla_attention.h.
    bool sameInBatches() const override { return true; }
    void setRouterRules(const RouterRules& rules) override;
    int maxBatch() const override { return m_max_batch; }
    std::uint64_t memoryBytes() const override;

private:
    void embed(const ForwardRequest& request);
    void normalise(const float* weight);
    void multiplyAll(const PackedMatrix& matrix, const ActivationRow* rows, std::size_t tokens, float* out);
    void attend(const CpuLayer& layer, int index, PhaseClock& clock);
    void feedForward(const CpuLayer& layer, int index, bool trace, PhaseClock& clock, ForwardResult& result);
    void computeLayers(const ForwardRequest& request, PhaseClock& clock, ForwardResult& result);
    void computeLogits(LogitsWanted wanted, ForwardResult& result);
    bool stopRequested() const { return m_stop.stop_requested(); }

    const ModelConfig& m_config;
    const CpuWeights& m_weights;
    const CpuKernels& m_kernels;
    ThreadPool& m_pool;
    std::unique_ptr<CpuAttention> m_attention;
    int m_max_batch;
    std::vector<LayerRouter> m_routers;  // one per MoE layer
    bool m_use_shared = true;

    // The batch that is being computed.
    std::size_t m_tokens = 0;
    std::stop_token m_stop;
    std::size_t m_hidden;
    std::vector<float> m_x;  // residual stream (tokens, hidden)
    Activations m_normed;    // (tokens, hidden)
    std::vector<float> m_router_logits, m_probabilities;
    std::vector<RouterChoice> m_choices;
    MoeFfn m_ffn;
};

}  // namespace moescope
