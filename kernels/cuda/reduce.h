#pragma once
// Sums and maxima over the lanes of a warp or the threads of a block, always in the same order. For .cu files only.

#include "kernels/cuda/launch.h"

namespace moescope::cuda {

inline constexpr unsigned kAllLanes = 0xffffffffu;

/// Sum over each aligned run of `kLanes` lanes; every one of them receives it.
template <int kLanes = 32>
__device__ inline float sumLanes(float x) {
#pragma unroll
    for (int m = kLanes / 2; m; m >>= 1) x += __shfl_xor_sync(kAllLanes, x, m);
    return x;
}

/// Sums of kCount values, a power of two, over a warp: lane l receives the sum of value l / (32 / kCount).
/// Uses up `x`.
template <int kCount>
__device__ inline float sumEach(float (&x)[kCount]) {
    const int lane = static_cast<int>(threadIdx.x % 32);
    int lanes = 16;
#pragma unroll
    for (int half = kCount / 2; half; half /= 2, lanes /= 2) {
        // Of each two lanes one goes on with the first half of the values, the other with the second.
#pragma unroll
        for (int i = 0; i < half; ++i) {
            const bool second = lane & lanes;
            const float given = __shfl_xor_sync(kAllLanes, second ? x[i] : x[half + i], lanes);
            x[i] = (second ? x[half + i] : x[i]) + given;
        }
    }
#pragma unroll
    for (; lanes; lanes /= 2) x[0] += __shfl_xor_sync(kAllLanes, x[0], lanes);
    return x[0];
}

/// NaN is lost where another lane has a number.
__device__ inline float maxLanes(float x) {
#pragma unroll
    for (int m = 16; m; m >>= 1) x = fmaxf(x, __shfl_xor_sync(kAllLanes, x, m));
    return x;
}

/// Sum over a block of at most 1024 threads; every thread receives it. `partial` is the block's own and may be used
/// again after the next barrier.
__device__ inline float sumBlock(float x, float (&partial)[32]) {
    const unsigned warps = blockDim.x / 32;
    x = sumLanes(x);
    if (threadIdx.x % 32 == 0) partial[threadIdx.x / 32] = x;
    __syncthreads();
    return sumLanes(threadIdx.x % 32 < warps ? partial[threadIdx.x % 32] : 0.0f);
}

}  // namespace moescope::cuda
