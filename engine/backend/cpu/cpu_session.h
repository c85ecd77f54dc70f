#pragma once
// The forward pass of a DeepSeekMoE model on the CPU. Source of the architecture: arXiv 2401.06066.

#include "engine/backend/backend.h"
#include "engine/backend/cpu/activations.h"
#include "engine/backend/cpu/cpu_weights.h"
#include "engine/backend/cpu/kv_cache.h"
#include "engine/backend/cpu/moe_ffn.h"
#include "engine/backend/layer_router.h"
#include "engine/backend/thread_pool.h"

namespace moescope {

class CpuSession : public BackendSession {
public:
    /// Everything referred to outlives the session.
    CpuSession(const ModelConfig& config, const CpuWeights& weights, const CpuKernels& kernels, ThreadPool& pool,
               KvCache cache, int max_batch);

    Status forward(const ForwardRequest& request, ForwardResult& result) override;
    void setRouterRules(const RouterRules& rules) override;
    int maxBatch() const override { return m_max_batch; }
    std::uint64_t memoryBytes() const override;

private:
    /// A product of one matrix with all tokens of the batch.
    struct Product {
        const PackedMatrix* matrix;
        const ActivationRow* rows;
        float* out;  ///< (rows, groups * 16)
        std::size_t stride;
    };

    void embed(const ForwardRequest& request);
    void normalise(const float* weight);
    void multiply(std::span<const Product> products, std::size_t tokens);
    void attend(const CpuLayer& layer, int index, int first_position);
    void feedForward(const CpuLayer& layer, int index, bool trace, ForwardResult& result);
    void computeLogits(LogitsWanted wanted, ForwardResult& result);
    bool stopRequested() const { return m_stop.stop_requested(); }

    const ModelConfig& m_config;
    const CpuWeights& m_weights;
    const CpuKernels& m_kernels;
    ThreadPool& m_pool;
    KvCache m_cache;
    int m_max_batch;
    std::vector<LayerRouter> m_routers;  // one a MoE layer
    bool m_use_shared = true;

    // The batch that is being computed.
    std::size_t m_tokens = 0;
    std::stop_token m_stop;
    std::size_t m_hidden;
    std::vector<float> m_x;        // residual stream (tokens, hidden)
    Activations m_normed;          // (tokens, hidden)
    Activations m_attended;        // (tokens, heads * head_dim)
    std::vector<float> m_queries;  // (tokens, query stride)
    std::vector<float> m_keys, m_values;
    std::vector<float> m_projected;  // attention's result (tokens, hidden stride)
    std::vector<float> m_router_logits, m_probabilities;
    std::vector<RouterChoice> m_choices;
    std::vector<float> m_cosines, m_sines;     // (tokens, rope_dim / 2)
    std::vector<std::vector<float>> m_scores;  // attention workspace, one a worker
    MoeFfn m_ffn;
};

}  // namespace moescope
