// The expanded form's way from the cache of latents to one of keys and values, around the products that make them.

#include "kernels/cuda/kv.h"
#include "kernels/cuda/latents.h"

namespace moescope::cuda {
namespace {

constexpr unsigned kThreads = 128, kWarps = kThreads / 32;

template <KvType kType>
__device__ inline KvRows<kType> rowsOf(const LatentCache& cache) {
    return headOf<kType>(cache.rows, 1, static_cast<unsigned>(cache.context), static_cast<unsigned>(cache.width()), 0);
}

__device__ inline float valueAt(const LatentCache& cache, unsigned position, unsigned i) {
    switch (cache.type) {
        case KvType::kF32:
            return load1(rowsOf<KvType::kF32>(cache), position, i);
        case KvType::kF16:
            return load1(rowsOf<KvType::kF16>(cache), position, i);
        case KvType::kQ8_0:
            break;
    }
    return load1(rowsOf<KvType::kQ8_0>(cache), position, i);
}

/// A warp a position.
__global__ void __launch_bounds__(kThreads) loadLatentsKernel(const __grid_constant__ LatentCache cache, unsigned first,
                                                              unsigned count, const __grid_constant__ Activations out) {
    allowNext();
    waitForPrevious();
    const unsigned row = blockIdx.x * kWarps + threadIdx.x / 32, latent = static_cast<unsigned>(cache.latent);
    if (row >= count) return;
    for (unsigned i = threadIdx.x % 32; i < latent; i += 32) {
        const std::size_t at = static_cast<std::size_t>(row) * latent + i;
        const float x = valueAt(cache, first + row, i);
        out.x[at] = x;
        if (out.q) quantizeLanes(x, out.q + at / 32 * 32, out.scales + at / 32);
    }
}

/// A warp a head and position.
__global__ void __launch_bounds__(kThreads) storeExpandedKernel(const __grid_constant__ ExpandedStoreTask task) {
    allowNext();
    waitForPrevious();
    const KvCache& to = task.to;
    const unsigned heads = static_cast<unsigned>(to.heads), context = static_cast<unsigned>(to.context);
    const unsigned key_dim = static_cast<unsigned>(to.key_dim), value_dim = static_cast<unsigned>(to.value_dim);
    const unsigned plain = key_dim - static_cast<unsigned>(task.from.rope);
    const unsigned head = blockIdx.x * kWarps + threadIdx.x / 32, row = blockIdx.y;
    if (head >= heads) return;
    const unsigned position = static_cast<unsigned>(task.first) + row;
    const std::size_t at = static_cast<std::size_t>(row) * heads + head;
    for (unsigned i = threadIdx.x % 32; i < key_dim; i += 32) {
        const float x = i < plain ? task.plain[at * plain + i]
                                  : valueAt(task.from, position, static_cast<unsigned>(task.from.latent) + i - plain);
        storeLane(to.type, to.keys, heads, context, key_dim, head, position, i, x);
    }
    for (unsigned i = threadIdx.x % 32; i < value_dim; i += 32) {
        storeLane(to.type, to.values, heads, context, value_dim, head, position, i, task.values[at * value_dim + i]);
    }
}

}  // namespace

void loadLatents(const LatentCache& cache, int first, int count, const Activations& out, cudaStream_t stream) {
    const unsigned rows = static_cast<unsigned>(count);
    launch(loadLatentsKernel, (rows + kWarps - 1) / kWarps, kThreads, 0, stream, cache, static_cast<unsigned>(first),
           rows, out);
}

void storeExpanded(const ExpandedStoreTask& task, cudaStream_t stream) {
    const unsigned heads = static_cast<unsigned>(task.to.heads);
    launch(storeExpandedKernel, dim3((heads + kWarps - 1) / kWarps, static_cast<unsigned>(task.count)), kThreads, 0,
           stream, task);
}

}  // namespace moescope::cuda
