#pragma once
// What 16 queries saw of some positions, as CpuKernels::latentAttention() leaves it, and how such parts are joined.

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "kernels/cpu/cpu_kernels.h"

namespace moescope {

/// Largest scores and totals (kLatentQueries each), then sums (kLatentQueries, value_width).
inline std::size_t latentPartFloats(std::size_t value_width) {
    return kLatentQueries * (2 + value_width);
}

/// Lets a task leave its results in `part`.
inline void putPart(LatentTask& task, float* part) {
    task.largest = part;
    task.total = part + kLatentQueries;
    task.sums = part + 2 * kLatentQueries;
}

/// Adds a part of later positions to `sum`, for the first `count` queries.
inline void joinPart(float* sum, const float* part, std::size_t count, std::size_t value_width) {
    for (std::size_t q = 0; q < count; ++q) {
        const float total = part[kLatentQueries + q];
        if (total == 0) continue;  // nothing there is seen
        const float largest = std::max(sum[q], part[q]);
        const float mine = std::exp(sum[q] - largest), other = std::exp(part[q] - largest);
        sum[q] = largest;
        sum[kLatentQueries + q] = sum[kLatentQueries + q] * mine + total * other;
        float* to = sum + 2 * kLatentQueries + q * value_width;
        const float* from = part + 2 * kLatentQueries + q * value_width;
        for (std::size_t d = 0; d < value_width; ++d) to[d] = to[d] * mine + from[d] * other;
    }
}

/// What query `q` saw, (value_width), once all parts are joined.
inline void finishPart(const float* sum, std::size_t q, std::size_t value_width, float* out) {
    const float inverse = 1.0f / sum[kLatentQueries + q];
    const float* from = sum + 2 * kLatentQueries + q * value_width;
    for (std::size_t d = 0; d < value_width; ++d) out[d] = from[d] * inverse;
}

}  // namespace moescope
