#pragma once
// Which routed experts are on the GPU, where not all have a place: those that were used often and lately.

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/backend/cpu/cpu_weights.h"
#include "engine/backend/cuda/cuda_weights.h"
#include "engine/routing/record.h"

namespace moescope {

/// Scores of one layer's experts: each use adds one, and what was added fades by half in kHalfLife tokens.
class ExpertScores {
public:
    static constexpr double kHalfLife = 64;
    explicit ExpertScores(int experts) : m_scores(static_cast<std::size_t>(experts), 0.0) {}
    void use(int expert) { m_scores[static_cast<std::size_t>(expert)] += m_unit; }
    /// A token has passed.
    void age();
    double score(int expert) const { return m_scores[static_cast<std::size_t>(expert)] / m_unit; }

private:
    // Instead of shrinking all scores each token, what a use is worth grows.
    double m_unit = 1;
    std::vector<double> m_scores;
};

/// Decides which expert of a layer should come to the GPU and which should leave it.
struct Exchange {
    int in = -1, out = -1;  ///< -1: nothing to do
};
/// `slots`: the place of each expert or -1. `busy`: experts that are on their way. An exchange must be worth its
/// copy: the newcomer's score exceeds that of the one who leaves by more than a use.
Exchange worthwhile(const ExpertScores& scores, std::span<const std::int32_t> slots,
                    std::span<const std::uint8_t> busy);

/// Bytes of a model's largest routed expert as the CPU has it: where it arrives on the GPU.
std::size_t exchangeBytes(const ModelMatrices& matrices);

/// Keeps the table of places, moves experts in the background, one at a time: the GPU copies the newcomer from memory
/// as the CPU has it, and packs it into its place, while it computes. Where that memory is not pinned, a thread
/// brings it into a buffer that is. Until it has arrived the CPU computes it, and whatever was in its place too.
/// Calls come from the thread that computes, between batches.
class ExpertCache {
public:
    /// Everything referred to outlives it. `pinned`: the memory of `experts` is. Ok even if there is no place at all.
    static Result<std::unique_ptr<ExpertCache>> create(const ModelConfig& config, const CpuWeights& experts,
                                                       bool pinned, const CudaWeights& weights,
                                                       const Placement& placement, std::size_t exchange_bytes);
    ~ExpertCache();
    ExpertCache(const ExpertCache&) = delete;
    ExpertCache& operator=(const ExpertCache&) = delete;

    bool onCard(int moe_layer, int expert) const { return m_slots[index(moe_layer, expert)] >= 0; }

    /// Counts what a token's layer used.
    void use(int moe_layer, std::span<const std::int32_t> experts);
    /// After a batch of `tokens`, with nothing queued on `stream` that reads experts: finishes an exchange that has
    /// arrived, or begins one. What is queued on the stream after this sees the new places.
    Status between(int tokens, cudaStream_t stream);

    std::uint64_t exchanges() const { return m_exchanges; }  ///< finished so far

private:
    enum class Stage { kIdle, kGathering, kGathered, kCopying };
    ExpertCache(const ModelConfig& config, const CpuWeights& experts, bool pinned, const CudaWeights& weights)
        : m_config(config), m_experts(experts), m_pinned(pinned), m_weights(weights) {}
    std::size_t index(int moe_layer, int expert) const {
        return static_cast<std::size_t>(moe_layer) * static_cast<std::size_t>(m_config.experts) +
               static_cast<std::size_t>(expert);
    }
    Status publish(cudaStream_t stream);
    Status begin(cudaStream_t stream);
    Status copy();
    void work(const std::stop_token& stop);
    const CpuFfn& newcomer() const;

    const ModelConfig& m_config;
    const CpuWeights& m_experts;
    bool m_pinned;
    const CudaWeights& m_weights;
    std::vector<std::int32_t> m_slots;  // (MoE layers, experts)
    std::vector<ExpertScores> m_scores;
    std::vector<std::uint8_t> m_busy;  // experts, of the layer in exchange
    PinnedBuffer m_table;              // m_slots, for the GPU
    PinnedBuffer m_staging;            // where memory is not pinned: one expert's gate, up, down
    DeviceBuffer m_arrival;            // the same on the GPU
    Stream m_stream;
    Event m_copied;
    std::uint64_t m_exchanges = 0;
    int m_next_layer = 0;  // where to look for an exchange

    // The exchange that is under way.
    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    Stage m_stage = Stage::kIdle;  // guarded by m_mutex
    int m_layer = 0, m_expert = 0, m_slot = 0;
    std::jthread m_thread;  // last: it uses all the others; none where memory is pinned
};

}  // namespace moescope
