#pragma once
// What a model's logits say of its tokens, as natural logarithms of probabilities: before temperature, penalties and
// all else that a sampler does.

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace moescope {

/// ln of the sum of exp(logits), in double precision. NaN if a logit is NaN.
double logSumExp(std::span<const float> logits);

/// Fills `best` with the ids of the largest logits, best first (ties: the lower id first), and gives how many these
/// are: fewer than asked for where fewer are larger than -inf. NaN is left out.
std::size_t likeliest(std::span<const float> logits, std::span<std::int32_t> best);

/// A token with ln p, and the likeliest tokens with theirs, as likeliest() has them.
struct TokenScore {
    std::int32_t token = 0;
    double log_probability = 0;
    std::vector<std::pair<std::int32_t, double>> best;
};

/// `token` is one of `logits`, `best` how many of the likeliest are told.
TokenScore scoreOf(std::span<const float> logits, std::int32_t token, int best);

}  // namespace moescope
