#include "engine/sampling/log_probabilities.h"

#include <algorithm>
#include <cmath>

namespace moescope {

double logSumExp(std::span<const float> logits) {
    double largest = -INFINITY, total = 0;
    for (const float l : logits) largest = std::max(largest, static_cast<double>(l));
    for (const float l : logits) total += std::exp(static_cast<double>(l) - largest);
    return largest + std::log(total);
}

std::size_t likeliest(std::span<const float> logits, std::span<std::int32_t> best) {
    std::size_t count = 0;
    float least = -INFINITY;  // what is not larger is passed over at once
    for (std::size_t i = 0; i < logits.size() && !best.empty(); ++i) {
        if (!(logits[i] > least)) continue;
        std::size_t at = std::min(count, best.size() - 1);
        for (; at > 0 && logits[static_cast<std::size_t>(best[at - 1])] < logits[i]; --at) best[at] = best[at - 1];
        best[at] = static_cast<std::int32_t>(i);
        count = std::min(count + 1, best.size());
        if (count == best.size()) least = logits[static_cast<std::size_t>(best.back())];
    }
    return count;
}

TokenScore scoreOf(std::span<const float> logits, std::int32_t token, int best) {
    const double sum = logSumExp(logits);
    const auto logProbability = [&](std::int32_t id) {
        return static_cast<double>(logits[static_cast<std::size_t>(id)]) - sum;
    };
    TokenScore score{token, logProbability(token), {}};
    std::vector<std::int32_t> ids(std::min(static_cast<std::size_t>(std::max(0, best)), logits.size()));
    ids.resize(likeliest(logits, ids));
    for (const std::int32_t id : ids) score.best.emplace_back(id, logProbability(id));
    return score;
}

}  // namespace moescope
