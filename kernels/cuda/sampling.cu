// Sampling: each block sorts 1024 logits and keeps the best; the block that is last to finish joins what all kept, and
// chooses as the host's sampler does (engine/sampling/sampler.cpp), in double precision where that does.

#include "kernels/cuda/reduce.h"
#include "kernels/cuda/sampling.h"

namespace moescope::cuda {
namespace {

constexpr unsigned kThreads = 512;
constexpr unsigned kPart = 2 * kThreads;  ///< logits that a block looks at, and keys that it can sort

/// A logit and its token as one number, so that greater is better: the higher logit, then the lower id. 0: none.
using Key = unsigned long long;

__device__ inline Key keyOf(float logit, unsigned token) {
    if (!(fabsf(logit) <= 3.402823466e38f)) return 0;                  // neither NaN nor infinite logits are chosen
    const unsigned bits = __float_as_uint(logit == 0 ? 0.0f : logit);  // -0 and 0 are a tie
    const unsigned ordered = bits & 0x80000000u ? ~bits : bits | 0x80000000u;
    return (static_cast<Key>(ordered) << 32) | ~token;
}
__device__ inline unsigned tokenOf(Key key) {
    return ~static_cast<unsigned>(key & 0xffffffffu);
}
__device__ inline float logitOf(Key key) {
    const unsigned ordered = static_cast<unsigned>(key >> 32);
    return __uint_as_float(ordered & 0x80000000u ? ordered ^ 0x80000000u : ~ordered);
}

/// Sorts a block's keys, best first (Batcher's bitonic sort).
__device__ inline void sortKeys(Key (&keys)[kPart]) {
    for (unsigned size = 2; size <= kPart; size *= 2) {
        for (unsigned stride = size / 2; stride > 0; stride /= 2) {
            __syncthreads();
            const unsigned low = threadIdx.x / stride * 2 * stride + threadIdx.x % stride;
            const Key a = keys[low], b = keys[low + stride];
            if ((low & size) == 0 ? a < b : a > b) {
                keys[low] = b;
                keys[low + stride] = a;
            }
        }
    }
    __syncthreads();
}

__device__ inline Key bestOf(Key key, Key (&partial)[kThreads / 32]) {
#pragma unroll
    for (int m = 16; m; m >>= 1) {
        const Key other = __shfl_xor_sync(kAllLanes, key, m);
        key = other > key ? other : key;
    }
    __syncthreads();
    if (threadIdx.x % 32 == 0) partial[threadIdx.x / 32] = key;
    __syncthreads();
    for (unsigned w = 0; w < kThreads / 32; ++w) key = partial[w] > key ? partial[w] : key;
    return key;
}

/// SplitMix64, as the host's sampler has it.
__device__ inline double uniform(std::uint64_t& state) {
    std::uint64_t z = state += 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

/// One thread chooses among `count` weights, which fall.
__device__ inline int chooseWeight(DeviceSampler& s, const double* weights, int count) {
    double total = 0;
    for (int i = 0; i < count; ++i) total += weights[i];
    const double enough = static_cast<double>(s.top_p) * total;
    double sum = 0;
    for (int i = 0; i < count; ++i) {
        sum += weights[i];
        if (sum >= enough) {
            count = i + 1;
            break;
        }
    }
    while (count > 1 && weights[count - 1] < static_cast<double>(s.min_p) * weights[0]) --count;
    total = 0;
    for (int i = 0; i < count; ++i) total += weights[i];
    double at = uniform(s.random) * total;
    for (int i = 0; i < count; ++i) {
        at -= weights[i];
        if (at < 0) return i;
    }
    return count - 1;
}

__device__ inline void finish(const SamplingTask& task, int token) {
    DeviceSampler& s = *task.sampler;
    *task.token = token;
    if (task.history) *task.history = token;
    if (task.position) ++*task.position;
    if (token < 0 || s.window <= 0) return;
    s.recent[s.recent_next] = token;
    s.recent_next = (s.recent_next + 1) % s.window;
    if (s.recent_count < s.window) ++s.recent_count;
}

struct SamplingWorkspace {
    Key* kept;  ///< (blocks, kMaxDeviceTopK)
    unsigned* ticket;
};

SamplingWorkspace workspaceAt(void* memory, unsigned blocks) {
    Key* kept = static_cast<Key*>(memory);
    return {kept, reinterpret_cast<unsigned*>(kept + static_cast<std::size_t>(blocks) * kMaxDeviceTopK)};
}

__global__ void __launch_bounds__(kThreads)
    sampleKernel(const __grid_constant__ SamplingTask task, const __grid_constant__ SamplingWorkspace work) {
    allowNext();
    waitForPrevious();
    MOESCOPE_BLOCK_SHARED(Key[kPart], keys);
    MOESCOPE_BLOCK_SHARED(double[kMaxDeviceTopK], weights);
    MOESCOPE_BLOCK_SHARED(Key[kThreads / 32], partial);
    MOESCOPE_BLOCK_SHARED(bool[kPart], penalised);
    MOESCOPE_BLOCK_SHARED(unsigned, filled);
    MOESCOPE_BLOCK_SHARED(bool, is_last);
    const DeviceSampler& s = *task.sampler;
    const bool greedy = s.temperature == 0;
    const unsigned vocabulary = static_cast<unsigned>(task.vocabulary), first = blockIdx.x * kPart;
    const unsigned wanted = greedy ? 1u : static_cast<unsigned>(min(max(s.top_k, 1), kMaxDeviceTopK));

    const bool penalty = s.repetition_penalty != 1.0f;
    for (unsigned i = threadIdx.x; i < kPart; i += kThreads) penalised[i] = false;
    __syncthreads();
    if (penalty && threadIdx.x < static_cast<unsigned>(s.recent_count)) {
        const unsigned at = static_cast<unsigned>(s.recent[threadIdx.x]) - first;
        if (at < kPart) penalised[at] = true;
    }
    __syncthreads();
    for (unsigned i = threadIdx.x; i < kPart; i += kThreads) {
        float logit = first + i < vocabulary ? task.logits[first + i] : NAN;
        if (penalised[i]) logit = logit > 0 ? logit / s.repetition_penalty : logit * s.repetition_penalty;
        keys[i] = keyOf(logit, first + i);
    }
    __syncthreads();
    if (greedy) {
        const Key best =
            bestOf(keys[threadIdx.x] > keys[threadIdx.x + kThreads] ? keys[threadIdx.x] : keys[threadIdx.x + kThreads],
                   partial);
        if (threadIdx.x == 0) work.kept[blockIdx.x * kMaxDeviceTopK] = best;
    } else {
        sortKeys(keys);
        if (threadIdx.x < wanted) work.kept[blockIdx.x * kMaxDeviceTopK + threadIdx.x] = keys[threadIdx.x];
    }
    __threadfence();  // what was kept is there before the ticket says so
    __syncthreads();
    if (threadIdx.x == 0) is_last = atomicAdd(work.ticket, 1u) == gridDim.x - 1;
    __syncthreads();
    if (!is_last) return;
    __threadfence();

    const unsigned candidates = gridDim.x * wanted;
    const auto candidate = [&](unsigned i) { return __ldcg(work.kept + (i / wanted * kMaxDeviceTopK + i % wanted)); };
    if (greedy) {
        Key best = 0;
        for (unsigned i = threadIdx.x; i < candidates; i += kThreads) best = candidate(i) > best ? candidate(i) : best;
        best = bestOf(best, partial);
        if (threadIdx.x == 0) {
            *work.ticket = 0;
            finish(task, best ? static_cast<int>(tokenOf(best)) : -1);
        }
        return;
    }
    // The best so far are at the front, in order; what is better than the worst of them is put behind, and all are
    // sorted again when there is no more room. Keys differ, so the order does not depend on who came first.
    for (unsigned i = threadIdx.x; i < kPart; i += kThreads) keys[i] = 0;
    if (threadIdx.x == 0) filled = wanted;
    __syncthreads();
    for (unsigned begin = 0; begin < candidates; begin += kThreads) {
        const unsigned i = begin + threadIdx.x;
        const Key worst = keys[wanted - 1], key = i < candidates ? candidate(i) : 0;
        if (filled + kThreads > kPart) {  // the same for all threads
            __syncthreads();
            sortKeys(keys);
            for (unsigned j = threadIdx.x; j < kPart; j += kThreads) {
                if (j >= wanted) keys[j] = 0;
            }
            if (threadIdx.x == 0) filled = wanted;
        }
        __syncthreads();
        if (key > worst) keys[atomicAdd(&filled, 1u)] = key;
        __syncthreads();
    }
    sortKeys(keys);
    const double largest = static_cast<double>(logitOf(keys[0]));
    if (threadIdx.x < wanted) {
        const double logit = static_cast<double>(logitOf(keys[threadIdx.x]));
        weights[threadIdx.x] = exp((logit - largest) / static_cast<double>(s.temperature));
    }
    __syncthreads();
    if (threadIdx.x != 0) return;
    *work.ticket = 0;
    int count = 0;
    while (count < static_cast<int>(wanted) && keys[count]) ++count;
    finish(task, count ? static_cast<int>(tokenOf(keys[chooseWeight(*task.sampler, weights, count)])) : -1);
}

unsigned blocksFor(int vocabulary) {
    return (static_cast<unsigned>(vocabulary) + kPart - 1) / kPart;
}

}  // namespace

std::size_t samplingWorkspaceBytes(int vocabulary) {
    return static_cast<std::size_t>(blocksFor(vocabulary)) * kMaxDeviceTopK * sizeof(Key) + sizeof(Key);
}

void sample(const SamplingTask& task, cudaStream_t stream) {
    const unsigned blocks = blocksFor(task.vocabulary);
    launch(sampleKernel, blocks, kThreads, 0, stream, task, workspaceAt(task.workspace, blocks));
}

}  // namespace moescope::cuda
