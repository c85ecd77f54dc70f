#pragma once
// The attention half of a layer on the CPU, beside MoeFfn: owns a session's cache and knows how to use it.

#include <memory>
#include <span>
#include <stop_token>

#include "engine/backend/backend.h"
#include "engine/backend/cpu/activations.h"
#include "engine/backend/cpu/cpu_weights.h"
#include "engine/backend/thread_pool.h"

namespace moescope {

class CpuAttention;

/// Tokens of a batch at consecutive positions of one session.
struct CacheRun {
    CpuAttention* owner = nullptr;  ///< of the cache with the positions before, which gets theirs
    int first_position = 0;
    std::size_t tokens = 0;
};

/// One session's attention, whatever the model's kind. One thread at a time.
class CpuAttention {
public:
    /// What it computes with; everything outlives it.
    struct Tools {
        const ModelConfig& config;
        const CpuKernels& kernels;
        ThreadPool& pool;
    };
    /// Of the kind that the model has. Errors: a cache that does not fit the model or the memory.
    static Result<std::unique_ptr<CpuAttention>> create(const Tools& tools, const BackendSessionOptions& options);
    /// What create() will take in memory with that many threads.
    static SessionBytes bytesFor(const ModelConfig& config, const BackendSessionOptions& options, int threads);
    virtual ~CpuAttention() = default;

    /// Before a batch's first layer: its tokens are those of the runs, one run after another. The owners were made with
    /// the same tools, context and type of cache as this one, which computes for them in its own workspace.
    virtual void begin(std::span<const CacheRun> runs) = 0;
    /// Stores the batch's keys and values in the caches of layer `index`, and computes what the layer adds to each
    /// token's residual stream from `input`, which is normed and in both of its forms. Leaves early after stop; results
    /// are then meaningless. `clock` is told of projections and attention.
    virtual void run(const CpuLayer& layer, int index, const Activations& input, PhaseClock& clock,
                     const std::stop_token& stop) = 0;
    virtual const float* result(std::size_t token) const = 0;  ///< (hidden)

    /// Tokens that a batch of several runs may have. Up to there a token's results are the same bits in every batch.
    virtual std::size_t mostTogether() const = 0;
    virtual SessionBytes bytes() const = 0;
};

}  // namespace moescope
