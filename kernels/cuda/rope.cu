// Rotary position embedding, and storing keys and values.

#include "kernels/cuda/kv.h"
#include "kernels/cuda/rope.h"

namespace moescope::cuda {
namespace {

constexpr unsigned kThreads = 128;

/// Cosine and sine of the pair that value `i` of a head belongs to, and whether it is the pair's second.
struct Rotation {
    float cosine, sine;
    unsigned other;  ///< the pair's other value
    bool second;
};

__device__ inline bool rotationOf(const RopeTable& table, unsigned position, unsigned i, Rotation& r) {
    const unsigned first = static_cast<unsigned>(table.first), dim = static_cast<unsigned>(table.dim), half = dim / 2;
    if (i < first || i >= first + dim) return false;
    const unsigned at = i - first;
    const unsigned pair = table.halves ? at % half : at / 2;
    r.second = table.halves ? at >= half : at % 2;
    r.other = first + (table.halves ? (at + half) % dim : at ^ 1u);
    r.cosine = table.cosines[static_cast<std::size_t>(position) * half + pair];
    r.sine = table.sines[static_cast<std::size_t>(position) * half + pair];
    return true;
}

__device__ inline float rotated(const RopeTable& table, unsigned position, unsigned i, const float* x) {
    Rotation r;
    if (!rotationOf(table, position, i, r)) return x[i];
    return r.second ? x[i] * r.cosine + x[r.other] * r.sine : x[i] * r.cosine - x[r.other] * r.sine;
}

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
        float kept[kMaxHeadDim / 32];
#pragma unroll
        for (unsigned j = 0; j < kMaxHeadDim / 32; ++j) {
            if (lane + 32 * j < key_dim) kept[j] = rotated(task.table, position, lane + 32 * j, x);
        }
        __syncwarp();  // pairs may be of two lanes
#pragma unroll
        for (unsigned j = 0; j < kMaxHeadDim / 32; ++j) {
            if (lane + 32 * j < key_dim) x[lane + 32 * j] = kept[j];
        }
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
