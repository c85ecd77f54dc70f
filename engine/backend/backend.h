#pragma once
// What computes: a model's weights in the form that a device wants, and sessions that own a KV cache.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/backend/phase_times.h"
#include "engine/base/status.h"
#include "engine/model/config.h"
#include "engine/routing/record.h"
#include "engine/routing/router_rules.h"
#include "engine/sampling/sampler.h"
#include "kernels/kv_layout.h"

namespace moescope {

/// Which of a batch's tokens want logits.
enum class LogitsWanted { kNone, kLast, kAll };

/// A run of tokens at consecutive positions.
struct ForwardRequest {
    std::span<const std::int32_t> tokens;  ///< at most BackendSession::maxBatch()
    int first_position = 0;
    LogitsWanted logits = LogitsWanted::kLast;
    bool trace = true;  ///< fill `routing`; logits are the same bits either way
    std::stop_token stop;
    PhaseTimes* times = nullptr;  ///< added to, where the backend measures them
};

/// Results of a batch; kept by the caller so that memory is used again.
struct ForwardResult {
    std::vector<float> logits;  ///< (rows wanted, vocabulary)
    /// (tokens, MoE layers) with trace, and then what larger batches left.
    std::vector<LayerRouting> routing;
};

/// A token that was computed, and the one that was chosen to follow it.
struct ChainedToken {
    std::int32_t token = 0;
    std::int32_t next = 0;                  ///< -1: no logit is a number
    std::span<const LayerRouting> routing;  ///< (MoE layers), valid during the call; empty without trace
};

/// Tokens that follow from one another, chosen where they are computed.
struct ChainRequest {
    std::int32_t token = 0;  ///< the first to be computed
    int position = 0;        ///< of it
    int most = 1;            ///< tokens there is room for
    SamplerState sampler;    ///< has accepted `token`
    bool trace = true;
    std::stop_token stop;
    /// Called for each token in order, while the next one is being computed; false ends the chain.
    std::function<bool(const ChainedToken&)> on_token;
};

/// Owns one conversation's KV cache. One thread at a time.
class BackendSession {
public:
    virtual ~BackendSession() = default;

    /// Computes a batch. Positions before first_position must have been computed; later ones are overwritten.
    /// kStopped after stop was asked for (within a phase of one layer); nothing at or past first_position is valid
    /// then.
    virtual Status forward(const ForwardRequest& request, ForwardResult& result) = 0;
    /// Whether a token's results are the same bits in whatever batch it is computed.
    virtual bool sameInBatches() const { return false; }

    /// Whether chain() chooses as these settings say.
    virtual bool canChain(const SamplerSettings&) const { return false; }
    /// Computes tokens until on_token returns false, or a stop (kStopped), or there is no more room. Nobody waits for
    /// the host in between, so one token more may have been computed than was reported; its place is overwritten.
    virtual Status chain(const ChainRequest&) { return unsupported("This backend does not choose tokens."); }

    /// Takes effect with the next forward(). The rules have been validated.
    virtual void setRouterRules(const RouterRules& rules) = 0;

    virtual int maxBatch() const = 0;
    virtual std::uint64_t memoryBytes() const = 0;  ///< of cache and workspace
};

/// One session's batch among those that are computed together. Everything outlives the computation.
struct SharedBatch {
    BackendSession* session = nullptr;
    const ForwardRequest* request = nullptr;
    ForwardResult* result = nullptr;
    Status status;  ///< of this batch, once it is computed
};

struct BackendSessionOptions {
    int context = 4096;  ///< positions in the KV cache
    KvType kv_type = KvType::kF16;
    int max_batch = 512;  ///< tokens computed at once in prefill
    bool operator==(const BackendSessionOptions&) const = default;
};

/// Bytes that a session takes where it computes: of its cache, and of all else.
struct SessionBytes {
    std::uint64_t cache = 0, workspace = 0;
    std::uint64_t all() const { return cache + workspace; }
};

/// A model's weights, ready to compute with. Immutable once made; sessions may share it, one of them
/// computing at a time, or several in one forwardTogether().
class Backend {
public:
    virtual ~Backend() = default;
    virtual Result<std::unique_ptr<BackendSession>> createSession(const BackendSessionOptions& options) = 0;
    /// Computes a batch of each of several sessions of this backend, with the results of each one's forward(). Where
    /// the backend can, weights are read once for all of them.
    virtual void forwardTogether(std::span<SharedBatch> batches) {
        for (SharedBatch& b : batches) b.status = b.session->forward(*b.request, *b.result);
    }
    /// What a session of such options will take: its memoryBytes().
    virtual SessionBytes sessionBytes(const BackendSessionOptions& options) const = 0;
    virtual std::string name() const = 0;                 ///< such as "CPU (AVX-512 VNNI), 2 threads"
    virtual std::string placement() const { return {}; }  ///< a sentence on where the weights are, if there is a choice
    /// Bytes a second that the memory of the weights yields, measured now; 0 where that is the CPU's.
    virtual double measureReadBandwidth() { return 0; }
    virtual int threads() const = 0;                ///< of the CPU, that compute
    virtual std::uint64_t memoryBytes() const = 0;  ///< of the weights' own copy
};

/// How loading reports and obeys.
struct LoadControl {
    std::function<void(double fraction)> progress;  ///< called on the loading thread, 0..1; may be empty
    std::stop_token stop;                           ///< looked at several times in 200 ms
};

}  // namespace moescope
