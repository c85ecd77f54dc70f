// What comes before attention over latents: the latents' norm, rotation, and the cache.

#include "kernels/cuda/kv.h"
#include "kernels/cuda/latents.h"
#include "kernels/cuda/rotate.h"

namespace moescope::cuda {
namespace {

constexpr unsigned kThreads = 128;

/// A query's values that do not rotate go to `plain`; the others are rotated where they are.
__device__ inline void takeQuery(const LatentStoreTask& task, unsigned position, std::size_t row) {
    const unsigned lane = threadIdx.x % 32, columns = static_cast<unsigned>(task.plain.columns);
    const unsigned rope = static_cast<unsigned>(task.cache.rope);
    float* x = task.queries + row * (columns + rope);
    const std::size_t first = row * columns;
    for (unsigned i = lane; i < columns; i += 32) {
        task.plain.x[first + i] = x[i];
        // Columns are whole blocks of 32 where there is a quantized form.
        if (task.plain.q) quantizeLanes(x[i], task.plain.q + first + i / 32 * 32, task.plain.scales + (first + i) / 32);
    }
    for (unsigned pair = lane; pair < rope / 2; pair += 32) rotatePair(task.table, position, pair, x + columns);
}

__device__ inline void storeLatent(const LatentStoreTask& task, unsigned position, unsigned token) {
    const LatentCache& cache = task.cache;
    const unsigned lane = threadIdx.x % 32, latent = static_cast<unsigned>(cache.latent);
    const unsigned rope = static_cast<unsigned>(cache.rope), width = static_cast<unsigned>(cache.width());
    const float* x = task.latents + static_cast<std::size_t>(token) * (latent + rope);
    float squares = 0;
    for (unsigned i = lane; i < latent; i += 32) squares += x[i] * x[i];
    const float factor = 1.0f / sqrtf(sumLanes(squares) / static_cast<float>(latent) + task.eps);
    for (unsigned i = lane; i < width; i += 32) {
        float value = 0;
        if (i < latent) {
            value = x[i] * factor * task.weight[i];
        } else if (i < latent + rope) {
            value = rotated(task.table, position, i - latent, x + latent);
        }
        storeLane(cache.type, cache.rows, 1, static_cast<unsigned>(cache.context), width, 0, position, i, value);
    }
}

/// A warp a head's query, and one for the latent.
__global__ void __launch_bounds__(kThreads) storeLatentsKernel(const __grid_constant__ LatentStoreTask task) {
    allowNext();
    waitForPrevious();
    const unsigned heads = static_cast<unsigned>(task.heads), token = blockIdx.y;
    const unsigned head = blockIdx.x * (kThreads / 32) + threadIdx.x / 32;
    const unsigned position = static_cast<unsigned>(*task.first_position) + token;
    if (position >= static_cast<unsigned>(task.cache.context)) return;
    if (head < heads) takeQuery(task, position, static_cast<std::size_t>(token) * heads + head);
    if (head == heads) storeLatent(task, position, token);
}

}  // namespace

void storeLatents(const LatentStoreTask& task, cudaStream_t stream) {
    const unsigned warps = static_cast<unsigned>(task.heads) + 1, per_block = kThreads / 32;
    launch(storeLatentsKernel, dim3((warps + per_block - 1) / per_block, static_cast<unsigned>(task.tokens)), kThreads,
           0, stream, task);
}

}  // namespace moescope::cuda
