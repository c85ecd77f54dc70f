#pragma once
// The feed-forward half of a layer on the CPU: one dense network, or routed and shared experts.

#include <span>
#include <stop_token>
#include <vector>

#include "engine/backend/cpu/activations.h"
#include "engine/backend/cpu/cpu_weights.h"
#include "engine/backend/thread_pool.h"
#include "kernels/router.h"

namespace moescope {

/// Runs SwiGLU networks over the tokens that chose them, in two phases and without a barrier between experts: first
/// the gate and up rows of all networks, then the rows of the results. Sums over experts go by rising expert id, so
/// that a token's result does not depend on which other tokens are computed with it.
class MoeFfn {
public:
    /// Workspace for batches of up to `max_tokens` tokens.
    MoeFfn(const CpuKernels& kernels, ThreadPool& pool, const ModelConfig& config, std::size_t max_tokens);

    // Both compute routed() and, if there is one, shared() of each token of `input`. They leave early after stop;
    // results are then meaningless.
    void runDense(const CpuLayer& layer, Activations& input, std::size_t tokens, const std::stop_token& stop);
    void runExperts(const CpuLayer& layer, Activations& input, std::span<const RouterChoice> choices, bool use_shared,
                    const std::stop_token& stop);

    const float* routed(std::size_t token) const { return &m_routed[token * m_stride]; }  ///< gate-weighted (hidden)
    const float* shared(std::size_t token) const { return &m_shared[token * m_stride]; }  ///< (hidden); 0 if unused
    std::uint64_t bytes() const;
    static std::uint64_t bytesFor(const ModelConfig& config, std::size_t max_tokens);  ///< before it is made

private:
    /// One network and the tokens that go through it.
    struct Job {
        const CpuFfn* ffn = nullptr;
        Activations* middle = nullptr;    ///< what goes into `down`
        std::size_t first_row = 0;        ///< row of `middle` of the first token
        bool shared = false;              ///< its output goes to shared()
        std::vector<std::size_t> tokens;  ///< rising
        std::vector<float> gates;
    };
    Job& newJob(const CpuFfn& ffn, Activations& middle, std::size_t first_row, bool shared);
    void run(Activations& input, std::size_t tokens, const std::stop_token& stop);
    void expand(const Job& job, Activations& input, std::size_t first_group, std::size_t groups, int worker);
    void contract(std::size_t first_group, std::size_t groups, std::size_t tokens, int worker);

    const CpuKernels& m_kernels;
    ThreadPool& m_pool;
    std::size_t m_hidden, m_stride;
    std::vector<Job> m_jobs;  // the first m_job_count are in use; kept from layer to layer for their memory
    std::size_t m_job_count = 0;
    Activations m_dense_middle, m_shared_middle, m_routed_middle;
    std::vector<float> m_routed, m_shared;
    struct Workspace {
        std::vector<float> gate, up;  ///< a tile of results
        std::vector<ActivationRow> rows;
    };
    std::vector<Workspace> m_workspaces;  // one a worker
};

}  // namespace moescope
