#include "engine/sampling/log_probabilities.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace moescope {

double logSumExp(std::span<const float> logits) {
    double largest = -INFINITY, total = 0;
    for (const float l : logits) largest = std::max(largest, static_cast<double>(l));
    for (const float l : logits) total += std::exp(static_cast<double>(l) - largest);
    return largest + std::log(total);
}

TokenScore scoreOf(std::span<const float> logits, std::int32_t token, int best) {
    const double sum = logSumExp(logits);
    const auto logProbability = [&](std::int32_t id) {
        return static_cast<double>(logits[static_cast<std::size_t>(id)]) - sum;
    };
    TokenScore score{token, logProbability(token), {}};
    const auto count = std::min(static_cast<std::size_t>(std::max(0, best)), logits.size());
    if (count == 0) return score;
    std::vector<std::int32_t> ids(logits.size());
    std::iota(ids.begin(), ids.end(), 0);
    const auto key = [&](std::int32_t id) {  // what is not a number comes last
        const float l = logits[static_cast<std::size_t>(id)];
        return std::isnan(l) ? -INFINITY : l;
    };
    const auto end = ids.begin() + static_cast<std::ptrdiff_t>(count);
    std::partial_sort(ids.begin(), end, ids.end(),
                      [&](std::int32_t a, std::int32_t b) { return key(a) != key(b) ? key(a) > key(b) : a < b; });
    for (auto id = ids.begin(); id != end; ++id) score.best.emplace_back(*id, logProbability(*id));
    return score;
}

}  // namespace moescope
