#pragma once
// Quantizes 32 values, one per lane. For .cu files only.

#include "kernels/cuda/activations.h"
#include "kernels/cuda/reduce.h"

namespace moescope::cuda {

/// A lane's value as an integer, and the scale of all 32. All lanes of a warp call this; the same bits as the CPU's.
__device__ inline int quantizeLane(float x, float& d) {
    // Zero for finite values, NaN otherwise: the maximum alone may drop a NaN.
    const bool finite = __all_sync(kAllLanes, x * 0.0f == 0.0f);
    const float largest = maxLanes(fabsf(x));
    d = finite ? largest / 127.0f : __int_as_float(0x7fc00000);
    if (!finite || !(d > 0)) return 0;
    return static_cast<int>(fminf(127.0f, fmaxf(-127.0f, rintf(x * (127.0f / largest)))));
}

/// The same into a block of activations, with the sums that products need.
__device__ inline void quantizeLanes(float x, std::int8_t* q, ActivationScale* scale) {
    const unsigned lane = threadIdx.x % 32;
    float d;
    const int rounded = quantizeLane(x, d);
    int half_sum = rounded;
#pragma unroll
    for (int m = 8; m; m >>= 1) half_sum += __shfl_xor_sync(kAllLanes, half_sum, m);
    const int other_sum = __shfl_xor_sync(kAllLanes, half_sum, 16);
    q[lane] = static_cast<std::int8_t>(rounded);
    if (lane == 0) *scale = {d, {static_cast<std::int16_t>(half_sum), static_cast<std::int16_t>(other_sum)}};
}

}  // namespace moescope::cuda
