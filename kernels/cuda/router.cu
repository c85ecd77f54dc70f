// The router: logits in F32, probabilities, and the choice of experts by the rules.

#include "kernels/cuda/reduce.h"
#include "kernels/cuda/router.h"

namespace moescope::cuda {
namespace {

constexpr unsigned kThreads = 128;
constexpr unsigned kChoosingWarps = 4;
constexpr unsigned kLogitThreads = 256, kLogitTokens = 8;

constexpr int kMaxGroups = 256;

/// What a warp needs to choose one token's experts.
struct Choosing {
    float probabilities[kMaxRouterExperts];
    float selections[kMaxRouterExperts];    ///< what the choice goes by
    std::uint8_t state[kMaxRouterExperts];  ///< kOut, kIn or kTaken
    float worth[kMaxGroups];
    std::uint32_t kept_groups[kMaxGroups / 32];
};
constexpr std::uint8_t kOut = 0, kIn = 1, kTaken = 2;

__device__ inline float rankOf(float p) {
    return p != p ? -INFINITY : p;  // NaN ranks below every number
}

/// The best of the numbers that `candidate` admits: the highest rank, ties to the lower number; -1 if there is none.
/// All lanes of a warp call this and receive the same.
template <class Rank, class Candidate>
__device__ inline int bestOf(int n, Rank&& rank, Candidate&& candidate) {
    float best_rank = -INFINITY;
    int best = n;
    for (int e = static_cast<int>(threadIdx.x % 32); e < n; e += 32) {
        if (candidate(e) && (best == n || rank(e) > best_rank)) {
            best = e;
            best_rank = rank(e);
        }
    }
#pragma unroll
    for (int m = 16; m; m >>= 1) {
        const int other = __shfl_xor_sync(kAllLanes, best, m);
        const float other_rank = __shfl_xor_sync(kAllLanes, best_rank, m);
        const bool better = best == n || other_rank > best_rank || (other_rank == best_rank && other < best);
        if (other < n && better) {
            best = other;
            best_rank = other_rank;
        }
    }
    return best < n ? best : -1;
}

__device__ inline bool bitOf(const std::uint32_t* words, int e) {
    return (words[e / 32] >> (e % 32)) & 1u;
}

/// What a group of `size` experts is worth; -infinity if none of them may be chosen.
__device__ inline float worthOf(GroupScore kind, const Choosing& c, int first, int size) {
    float best = -INFINITY, second = -INFINITY;
    int found = 0;
    for (int e = first; e < first + size; ++e) {
        if (c.state[e] != kIn) continue;
        ++found;
        const float s = rankOf(c.selections[e]);
        second = fmaxf(second, fminf(best, s));
        best = fmaxf(best, s);
    }
    if (kind == GroupScore::kBest) return best;
    return best + (found == 1 ? best : second);
}

/// Leaves the experts of the best groups only.
__device__ inline void limitToGroups(const DeviceRules& rules, int n, Choosing& c) {
    const int lane = static_cast<int>(threadIdx.x % 32), size = n / rules.groups;
    for (int g = lane; g < rules.groups; g += 32) c.worth[g] = worthOf(rules.group_score, c, g * size, size);
    if (lane < kMaxGroups / 32) c.kept_groups[lane] = 0;
    __syncwarp();
    for (int i = 0; i < rules.groups_used; ++i) {
        const int g = bestOf(
            rules.groups, [&](int candidate) { return rankOf(c.worth[candidate]); },
            [&](int candidate) { return !bitOf(c.kept_groups, candidate); });
        __syncwarp();
        if (lane == 0) c.kept_groups[g / 32] |= 1u << (g % 32);
        __syncwarp();
    }
    for (int e = lane; e < size * rules.groups; e += 32) {
        if (!bitOf(c.kept_groups, e / size)) c.state[e] = kOut;
    }
    __syncwarp();
}

/// One warp chooses one token's experts.
__device__ inline void choose(const DeviceRules& rules, const float* logits, const float* bias, int n, Choosing& c,
                              RoutingRecord& record) {
    const int lane = static_cast<int>(threadIdx.x % 32);
    float* p = c.probabilities;
    if (rules.function == GateFunction::kSigmoid) {
        for (int e = lane; e < n; e += 32) p[e] = 1.0f / (1.0f + expf(-logits[e]));
    } else {
        float largest = -INFINITY, total = 0;
        for (int e = lane; e < n; e += 32) largest = fmaxf(largest, logits[e]);
        largest = maxLanes(largest);
        for (int e = lane; e < n; e += 32) {
            p[e] = expf(logits[e] - largest);
            total += p[e];
        }
        total = sumLanes(total);
        for (int e = lane; e < n; e += 32) p[e] /= total;
    }
    for (int e = lane; e < n; e += 32) {
        c.selections[e] = bias ? p[e] + bias[e] : p[e];
        c.state[e] = bitOf(rules.masked, e) ? kOut : kIn;
    }
    __syncwarp();
    const auto rank = [&](int e) { return rankOf(c.selections[e]); };

    for (int i = 0; i < rules.masked_top; ++i) {
        const int e = bestOf(
            n, rank, [&](int candidate) { return c.state[candidate] == kIn && !bitOf(rules.forced, candidate); });
        if (e < 0) break;
        __syncwarp();
        if (lane == 0) c.state[e] = kOut;
        __syncwarp();
    }
    if (rules.groups > 1 && rules.groups_used < rules.groups) limitToGroups(rules, n, c);

    // Forced experts first, then the best of the rest, into the record by falling probability.
    const auto take = [&](int e) {
        __syncwarp();
        if (lane == 0) c.state[e] = kTaken;
        __syncwarp();
    };
    int count = 0;
    for (int forced = 1; forced >= 0; --forced) {
        while (count < rules.used) {
            const int e = bestOf(n, rank, [&](int candidate) {
                return forced ? c.state[candidate] != kTaken && bitOf(rules.forced, candidate)
                              : c.state[candidate] == kIn;
            });
            if (e < 0) break;
            take(e);
            ++count;
        }
    }
    RouterChoice& choice = record.choice;
    const auto likelihood = [&](int e) { return rankOf(p[e]); };
    float total = 0;
    int mine = -1;  // lane i holds the i-th expert
    int previous = -1;
    float previous_rank = INFINITY;
    for (int i = 0; i < count; ++i) {
        const int e = bestOf(n, likelihood, [&](int candidate) {
            const float r = likelihood(candidate);
            return c.state[candidate] == kTaken &&
                   (previous < 0 || r < previous_rank || (r == previous_rank && candidate > previous));
        });
        previous = e;
        previous_rank = likelihood(e);
        total += p[e];
        if (lane == i) mine = e;
    }
    const float factor = (rules.renormalise && total > 0 ? 1.0f / total : 1.0f) * rules.scale;
    if (lane < kMaxActiveExperts) {
        choice.experts[lane] = mine;
        choice.probabilities[lane] = mine < 0 ? 0.0f : p[mine];
        choice.selections[lane] = mine < 0 ? 0.0f : c.selections[mine];
        choice.gates[lane] = mine < 0 ? 0.0f : p[mine] * factor;
    }
    if (lane == 0) {
        choice.count = count;
        record.shared_norm = record.routed_norm = 0;
    }
    for (int i = 0; i < kRunnersUp; ++i) {
        const int e = bestOf(n, rank, [&](int candidate) { return c.state[candidate] == kIn; });
        if (lane == 0) {
            choice.runners_up[i] = e;
            choice.runner_up_probabilities[i] = e < 0 ? 0.0f : p[e];
            choice.runner_up_selections[i] = e < 0 ? 0.0f : c.selections[e];
        }
        if (e >= 0) take(e);
    }
}

/// Four values of a row from `column`, zeros past its end.
__device__ inline float4 activations4(const float* x, unsigned columns, unsigned column) {
    if (columns % 4 == 0) return *reinterpret_cast<const float4*>(x + column);
    float4 v = make_float4(x[column], 0, 0, 0);
    if (column + 1 < columns) v.y = x[column + 1];
    if (column + 2 < columns) v.z = x[column + 2];
    if (column + 3 < columns) v.w = x[column + 3];
    return v;
}

/// One token: a block per expert; the block that is last to finish chooses.
__global__ void __launch_bounds__(kThreads) routeKernel(const __grid_constant__ RouterTask task) {
    allowNext();
    MOESCOPE_BLOCK_SHARED(float[32], partial);
    MOESCOPE_BLOCK_SHARED(bool, is_last);
    MOESCOPE_BLOCK_SHARED(Choosing, choosing);
    const unsigned hidden = static_cast<unsigned>(task.hidden), chunks = (hidden + 3) / 4;
    const float4* weights =
        reinterpret_cast<const float4*>(task.weights) + static_cast<std::size_t>(blockIdx.x) * chunks;
    constexpr unsigned kAhead = 4;
    float sum = 0;
    for (unsigned first = threadIdx.x; first < chunks; first += kAhead * kThreads) {
        float4 w[kAhead] = {};
#pragma unroll
        for (unsigned i = 0; i < kAhead; ++i) {
            if (first + i * kThreads < chunks) w[i] = __ldg(weights + first + i * kThreads);
        }
        waitForPrevious();  // weights may come while the kernel before ends
#pragma unroll
        for (unsigned i = 0; i < kAhead; ++i) {
            const unsigned c = 4 * (first + i * kThreads);
            if (c >= hidden) break;
            const float4 x = activations4(task.x, hidden, c);
            sum += w[i].x * x.x;
            sum += w[i].y * x.y;
            sum += w[i].z * x.z;
            sum += w[i].w * x.w;
        }
    }
    waitForPrevious();
    sum = sumBlock(sum, partial);
    if (threadIdx.x == 0) {
        task.logits[blockIdx.x] = sum;
        __threadfence();  // the logit is there before the ticket says so
        is_last = atomicAdd(task.ticket, 1u) == gridDim.x - 1;
    }
    __syncthreads();
    if (!is_last || threadIdx.x >= 32) return;
    __threadfence();
    // Past the multiprocessor's own cache, which does not see what other blocks wrote. A lane reads what it works on.
    float* logits = choosing.probabilities;
    for (int e = static_cast<int>(threadIdx.x); e < task.experts; e += 32) logits[e] = __ldcg(task.logits + e);
    choose(*task.rules, logits, task.bias, task.experts, choosing, *task.records);
    if (threadIdx.x == 0) *task.ticket = 0;
}

/// Several tokens' logits: a warp per expert, kLogitTokens tokens at a time.
__global__ void __launch_bounds__(kLogitThreads) logitsKernel(const __grid_constant__ RouterTask task) {
    allowNext();
    waitForPrevious();
    const unsigned lane = threadIdx.x % 32, expert = blockIdx.x * (kLogitThreads / 32) + threadIdx.x / 32;
    const unsigned hidden = static_cast<unsigned>(task.hidden), chunks = (hidden + 3) / 4;
    const unsigned first = blockIdx.y * kLogitTokens, tokens = static_cast<unsigned>(task.tokens);
    if (expert >= static_cast<unsigned>(task.experts)) return;
    const float4* weights = reinterpret_cast<const float4*>(task.weights) + static_cast<std::size_t>(expert) * chunks;
    float sum[kLogitTokens] = {};
    for (unsigned i = lane; i < chunks; i += 32) {
        const float4 w = __ldg(weights + i);
#pragma unroll
        for (unsigned t = 0; t < kLogitTokens; ++t) {
            const unsigned token = first + t < tokens ? first + t : tokens - 1;
            const float4 x = activations4(task.x + static_cast<std::size_t>(token) * hidden, hidden, 4 * i);
            sum[t] += w.x * x.x;
            sum[t] += w.y * x.y;
            sum[t] += w.z * x.z;
            sum[t] += w.w * x.w;
        }
    }
#pragma unroll
    for (unsigned t = 0; t < kLogitTokens; ++t) {
        const float logit = sumLanes(sum[t]);
        if (lane == 0 && first + t < tokens) {
            task.logits[static_cast<std::size_t>(first + t) * static_cast<unsigned>(task.experts) + expert] = logit;
        }
    }
}

/// Several tokens, whose logits are there: a warp per token.
__global__ void __launch_bounds__(kChoosingWarps * 32) chooseKernel(const __grid_constant__ RouterTask task) {
    allowNext();
    waitForPrevious();
    MOESCOPE_BLOCK_SHARED(Choosing[kChoosingWarps], choosing);
    const unsigned warp = threadIdx.x / 32;
    const std::size_t token = blockIdx.x * kChoosingWarps + warp;
    if (token >= static_cast<unsigned>(task.tokens)) return;
    choose(*task.rules, task.logits + token * static_cast<unsigned>(task.experts), task.bias, task.experts,
           choosing[warp], task.records[token * static_cast<unsigned>(task.record_stride)]);
}

}  // namespace

DeviceRules deviceRules(const RouterParameters& parameters, bool use_shared) {
    DeviceRules rules;
    rules.function = parameters.function;
    rules.group_score = parameters.group_score;
    rules.renormalise = parameters.renormalise;
    rules.use_shared = use_shared;
    rules.used = parameters.used;
    rules.groups = parameters.groups;
    rules.groups_used = parameters.groups_used;
    rules.masked_top = parameters.masked_top;
    rules.scale = parameters.scale;
    for (int e = 0; e < parameters.experts; ++e) {
        if (parameters.masked && parameters.masked[e]) rules.masked[e / 32] |= 1u << (e % 32);
        if (parameters.forced && parameters.forced[e]) rules.forced[e / 32] |= 1u << (e % 32);
    }
    return rules;
}

void route(const RouterTask& task, cudaStream_t stream) {
    if (task.tokens == 1) {
        launch(routeKernel, static_cast<unsigned>(task.experts), kThreads, 0, stream, task);
        return;
    }
    const unsigned experts = static_cast<unsigned>(task.experts), tokens = static_cast<unsigned>(task.tokens);
    launch(logitsKernel,
           dim3((experts + kLogitThreads / 32 - 1) / (kLogitThreads / 32), (tokens + kLogitTokens - 1) / kLogitTokens),
           kLogitThreads, 0, stream, task);
    const unsigned blocks = (static_cast<unsigned>(task.tokens) + kChoosingWarps - 1) / kChoosingWarps;
    launch(chooseKernel, blocks, kChoosingWarps * 32, 0, stream, task);
}

}  // namespace moescope::cuda
