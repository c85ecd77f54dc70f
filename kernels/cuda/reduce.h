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
