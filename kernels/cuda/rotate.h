#pragma once
// Rotating values by a table's angles. For .cu files only.

#include "kernels/cuda/launch.h"
#include "kernels/cuda/rope.h"

namespace moescope::cuda {

/// Rotates one of the table.dim / 2 pairs of `x` in place.
__device__ inline void rotatePair(const RopeTable& table, unsigned position, unsigned pair, float* x) {
    const unsigned half = static_cast<unsigned>(table.dim) / 2;
    const unsigned a = static_cast<unsigned>(table.first) + (table.halves ? pair : 2 * pair);
    const unsigned b = a + (table.halves ? half : 1);
    const std::size_t at = static_cast<std::size_t>(position) * half + pair;
    const float cosine = table.cosines[at], sine = table.sines[at], first = x[a], second = x[b];
    x[a] = first * cosine - second * sine;
    x[b] = second * cosine + first * sine;
}

/// Value `i` of `x` once it has been rotated; those that do not rotate are as they were.
__device__ inline float rotated(const RopeTable& table, unsigned position, unsigned i, const float* x) {
    const unsigned first = static_cast<unsigned>(table.first), dim = static_cast<unsigned>(table.dim), half = dim / 2;
    if (i < first || i >= first + dim) return x[i];
    const unsigned at = i - first, pair = table.halves ? at % half : at / 2;
    const float other = x[first + (table.halves ? (at + half) % dim : at ^ 1u)];
    const float cosine = table.cosines[static_cast<std::size_t>(position) * half + pair];
    const float sine = table.sines[static_cast<std::size_t>(position) * half + pair];
    const bool second = table.halves ? at >= half : at % 2;
    return second ? x[i] * cosine + other * sine : x[i] * cosine - other * sine;
}

}  // namespace moescope::cuda
