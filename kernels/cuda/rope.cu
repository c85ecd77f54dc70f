// Rotary position embedding, and storing keys and values.

#include "kernels/cuda/kv.h"
#include "kernels/cuda/rotate.h"

namespace moescope::cuda {
namespace {

constexpr unsigned kThreads = 128;

/// A warp a head: of the queries, then of the keys, then of the values.
__global__ void __launch_bounds__(kThreads) rotateAndStoreKernel(const __grid_constant__ RopeTask task) {
    allowNext();
    waitForPrevious();
    const KvCache& cache = task.cache;
    const unsigned lane = threadIdx.x % 32, token = blockIdx.y;
    const unsigned heads = static_cast<unsigned>(task.heads), kv_heads = static_cast<unsigned>(cache.heads);
    const unsigned key_dim = static_cast<unsigned>(cache.key_dim), value_dim = static_cast<unsigned>(cache.value_dim);
    const unsigned position = static_cast<unsigned>(*task.first_position) + token;
    unsigned head = blockIdx.x * (kThreads / 32) + threadIdx.x / 32;
    if (position >= static_cast<unsigned>(cache.context)) return;
    if (head < heads) {
        float* x = task.queries + (static_cast<std::size_t>(token) * heads + head) * key_dim;
        const unsigned pairs = static_cast<unsigned>(task.table.dim) / 2;
        for (unsigned pair = lane; pair < pairs; pair += 32) rotatePair(task.table, position, pair, x);
        return;
    }
    head -= heads;
    if (head < kv_heads) {
        const float* x = task.keys + (static_cast<std::size_t>(token) * kv_heads + head) * key_dim;
        for (unsigned i = lane; i < key_dim; i += 32) {
            storeLane(cache.type, cache.keys, kv_heads, static_cast<unsigned>(cache.context), key_dim, head, position,
                      i, rotated(task.table, position, i, x));
        }
        return;
    }
    head -= kv_heads;
    if (head < kv_heads) {
        const float* x = task.values + (static_cast<std::size_t>(token) * kv_heads + head) * value_dim;
        for (unsigned i = lane; i < value_dim; i += 32) {
            storeLane(cache.type, cache.values, kv_heads, static_cast<unsigned>(cache.context), value_dim, head,
                      position, i, x[i]);
        }
    }
}

}  // namespace

void rotateAndStore(const RopeTask& task, cudaStream_t stream) {
    const unsigned heads = static_cast<unsigned>(task.heads + 2 * task.cache.heads), per_block = kThreads / 32;
    launch(rotateAndStoreKernel, dim3((heads + per_block - 1) / per_block, static_cast<unsigned>(task.tokens)),
           kThreads, 0, stream, task);
}

}  // namespace moescope::cuda
