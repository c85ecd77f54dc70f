#include "engine/sampling/odds.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/sampling/log_probabilities.h"
#include "kernels/cpu/cpu_kernels.h"

namespace moescope {

TokenOdds oddsOf(std::span<const float> logits, std::int32_t chosen) {
    static const CpuKernels& kKernels = cpuKernels(bestIsa());
    TokenOdds odds;
    if (chosen < 0 || static_cast<std::size_t>(chosen) >= logits.size()) return odds;
    const SoftmaxSums sums = kKernels.softmaxSums(logits.data(), logits.size());
    if (!std::isfinite(sums.largest)) return odds;
    const auto probability = [&](float logit) {
        const double share = std::exp(static_cast<double>(logit) - static_cast<double>(sums.largest)) / sums.total;
        return std::isnan(logit) ? 0.0f : static_cast<float>(share);
    };
    odds.count = static_cast<int>(likeliest(logits, odds.tokens));
    for (int i = 0; i < odds.count; ++i) {
        const auto at = static_cast<std::size_t>(i);
        odds.probabilities[at] = probability(logits[static_cast<std::size_t>(odds.tokens[at])]);
    }
    odds.entropy = static_cast<float>(std::max(0.0, (std::log(sums.total) - sums.weighted / sums.total) / std::log(2)));
    const float own = logits[static_cast<std::size_t>(chosen)];
    odds.probability = probability(own);
    const auto ranked = std::find(odds.tokens.begin(), odds.tokens.begin() + odds.count, chosen) - odds.tokens.begin();
    odds.rank = static_cast<std::int32_t>(ranked);
    if (ranked == odds.count) {
        const auto value = [](float logit) {
            return std::isnan(logit) ? -std::numeric_limits<float>::infinity() : logit;
        };
        odds.rank = 0;
        for (std::size_t i = 0; i < logits.size(); ++i) {
            const bool before = static_cast<std::int32_t>(i) < chosen;
            odds.rank += value(logits[i]) > value(own) || (value(logits[i]) == value(own) && before);
        }
    }
    return odds;
}

}  // namespace moescope
