#pragma once
// Products of matrices with the tokens of a batch, on all threads.

#include <algorithm>
#include <span>
#include <stop_token>

#include "engine/backend/thread_pool.h"
#include "kernels/cpu/cpu_kernels.h"

namespace moescope {

/// Rows as the kernels write them: whole groups of 16.
constexpr std::size_t padded(std::size_t rows) {
    return (rows + kGroupRows - 1) / kGroupRows * kGroupRows;
}

inline constexpr std::size_t kMostTaskGroups = 16;

/// Groups of 16 rows of weights in a task, of `groups` in all: few while decoding, for an even split; with many tokens
/// as many as leave each thread some tasks, since each task converts the tokens' activations to the form of its kernel.
constexpr std::size_t taskGroups(std::size_t groups, std::size_t tokens, int threads) {
    constexpr std::size_t kFew = 4, kManyTokens = 16;
    if (tokens < kManyTokens) return kFew;
    return std::clamp(groups / (4 * static_cast<std::size_t>(threads)) / kFew * kFew, kFew, kMostTaskGroups);
}

/// A product of one matrix with rows of activations, one per token.
struct Product {
    const PackedMatrix* matrix;
    const ActivationRow* rows;
    float* out;          ///< (tokens, at least padded(matrix->rows))
    std::size_t stride;  ///< from one token's results to the next one's
};

/// Computes all products, each of `tokens` rows. Leaves early after stop; results are then meaningless.
void multiply(const CpuKernels& kernels, ThreadPool& pool, std::span<const Product> products, std::size_t tokens,
              const std::stop_token& stop);

}  // namespace moescope
