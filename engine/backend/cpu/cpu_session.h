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
               std::unique_ptr<CpuAttention> attention, const BackendSessionOptions& options);
    /// What a session takes with that many threads.
    static SessionBytes bytesFor(const ModelConfig& config, const BackendSessionOptions& options, int threads);

    Status forward(const ForwardRequest& request, ForwardResult& result) override;
    /// Computes batches of sessions for which canShare() holds, in this one's workspace. A stop ends none of them
    /// early.
    void forwardTogether(std::span<SharedBatch> batches);
    /// Whether this one can compute a batch of `tokens` tokens of which some are the other's.
    bool canShare(const CpuSession& other, std::size_t tokens) const;
    /// Of batches that attention computes in the same form: see mla_attention.h.
    bool sameInBatches() const override { return true; }
    void setRouterRules(const RouterRules& rules) override;
    int maxBatch() const override { return m_options.max_batch; }
    std::uint64_t memoryBytes() const override;

private:
    /// A token of the batch that is being computed.
    struct Row {
        const CpuSession* session = nullptr;  ///< whose token it is
        LayerRouting* records = nullptr;      ///< (MoE layers), to be filled; null without
    };

    Status compute(std::span<SharedBatch> batches, const std::stop_token& stop, PhaseTimes* times);
    void embed(std::span<SharedBatch> batches);
    void normalise(const float* weight);
    void multiplyAll(const PackedMatrix& matrix, const ActivationRow* rows, std::size_t tokens, float* out);
    void attend(const CpuLayer& layer, int index, PhaseClock& clock);
    void feedForward(const CpuLayer& layer, int index, PhaseClock& clock);
    void computeLayers(PhaseClock& clock);
    void computeLogits(std::span<SharedBatch> batches);
    bool stopRequested() const { return m_stop.stop_requested(); }

    const ModelConfig& m_config;
    const CpuWeights& m_weights;
    const CpuKernels& m_kernels;
    ThreadPool& m_pool;
    std::unique_ptr<CpuAttention> m_attention;
    BackendSessionOptions m_options;
    std::vector<LayerRouter> m_routers;  // one per MoE layer
    bool m_use_shared = true;

    // The batch that is being computed.
    std::size_t m_tokens = 0;
    std::vector<Row> m_rows;       // (tokens)
    std::vector<CacheRun> m_runs;  // of them
    std::stop_token m_stop;
    std::size_t m_hidden;
    std::vector<float> m_x;  // residual stream (tokens, hidden)
    Activations m_normed;    // (tokens, hidden)
    std::vector<float> m_router_logits, m_probabilities;
    std::vector<RouterChoice> m_choices;
    std::vector<std::size_t> m_wanted;  // tokens whose logits are wanted
    std::vector<float> m_logits;        // (those tokens, padded vocabulary), where several sessions share the batch
    MoeFfn m_ffn;
};

}  // namespace moescope
