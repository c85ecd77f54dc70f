#pragma once
// The forward pass of a DeepSeekMoE model on a GPU. Source of the architecture: arXiv 2401.06066.
//
// Whatever a batch's size, the same list of kernels is queued. For one token, with all experts on the GPU, the list is
// recorded once as a graph, from the token's id to its logits and its record, and queued whole: positions, rules and
// choices are data on the GPU, so the graph is the same for every token. The host waits only at the end of a batch,
// except where experts are in memory: then each MoE layer waits for the CPU's part, and a token is two graphs a
// layer: to the choice of experts, and the experts that are on the GPU.

#include "engine/backend/cuda/away_experts.h"
#include "engine/backend/cuda/cuda_attention.h"
#include "engine/backend/cuda/cuda_model.h"
#include "engine/backend/cuda/session_memory.h"

namespace moescope {

class CudaSession : public BackendSession {
public:
    /// The model outlives the session.
    static Result<std::unique_ptr<BackendSession>> create(CudaModel& model, const BackendSessionOptions& options);
    ~CudaSession() override;

    Status forward(const ForwardRequest& request, ForwardResult& result) override;
    bool canChain(const SamplerSettings& settings) const override;
    Status chain(const ChainRequest& request) override;
    void setRouterRules(const RouterRules& rules) override;
    int maxBatch() const override { return m_options.max_batch; }
    std::uint64_t memoryBytes() const override { return m_memory.bytes() + m_pinned.bytes(); }

private:
    CudaSession(CudaModel& model, const BackendSessionOptions& options)
        : m_model(model), m_options(options), m_attention(CudaAttention::create(model, m_at)) {}
    Status prepare();
    Status warmUp();

    /// What the next norm adds to the residual stream.
    struct Pending {
        float* routed = nullptr;
        const float* elsewhere = nullptr;
        float* shared = nullptr;
        cuda::RoutingRecord* records = nullptr;
    };
    Status decode(LogitsWanted wanted, bool trace);
    Status decodeBeside(LogitsWanted wanted, bool trace);
    Status recordSegments();
    Status takeSums(int index, Pending& pending);
    Status prefill(int tokens, LogitsWanted wanted, bool trace, ForwardResult& result);
    void queueInput(int tokens);
    void attend(int layer, int tokens, Pending& pending);
    Status feedForward(int layer, int tokens, Pending& pending);
    void route(int layer, int tokens);
    void runExperts(int layer, int tokens);
    cuda::RoutingRecord* recordsOf(int layer, int tokens) const;
    Pending sumsOf(int layer, int tokens) const;
    void norm(int tokens, const float* weight, Pending& pending);
    void queueLogits(int first, int rows);
    void queueRecords(int tokens);
    Status uploadRules();
    void collect(const cuda::RoutingRecord* records, int tokens, std::vector<LayerRouting>& routing) const;
    void queueToken(bool logits);
    void copyLogits(int rows);
    Status queueChained(int slot, bool trace);

    CudaModel& m_model;
    BackendSessionOptions m_options;
    DeviceBuffer m_memory;
    SessionMemory m_at;
    std::unique_ptr<CudaAttention> m_attention;
    Stream m_stream;
    std::unique_ptr<AwayExperts> m_away;  // null if all experts are on the GPU
    Event m_layer_done[2];                // of every other layer in prefill, so that a stop is soon obeyed

    // What the GPU reads and writes in the machine's memory.
    struct Host {
        std::int32_t* tokens = nullptr;
        std::int32_t* position = nullptr;
        cuda::RoutingRecord* records = nullptr;
        cuda::DeviceRules* rules = nullptr;
        float* logits = nullptr;  ///< (kLogitRows, vocabulary)
        cuda::DeviceSampler* sampler = nullptr;
        // Of two tokens in a chain, which take turns:
        cuda::RoutingRecord* chained_records[2] = {};
        std::int32_t* chained_next[2] = {};
        static Host layOut(Arena& arena, const ModelConfig& config, const BackendSessionOptions& options);
    };
    PinnedBuffer m_pinned;
    Host m_host;

    std::vector<int> m_most_used;  // k of each MoE layer, which its kernels are launched for
    bool m_rules_changed = true;
    Graph m_graphs[2][2];           // of one token, or of its end: [with logits][with records]
    std::vector<Graph> m_segments;  // where experts are in memory: two a MoE layer
    bool m_warm = false;            // there: every kernel has run once, so that recording brings none to the GPU
    Graph m_chained;                // of one token that is on the GPU already, to the choice of the next
    Event m_chained_done[2];
    std::stop_token m_stop;
};

}  // namespace moescope
