#include "engine/model/rope_plan.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace moescope {
namespace {

/// YaRN: frequencies that turn often within the first context are kept, slow ones are slowed by the factor, and between
/// the two is a ramp. DeepSeek-V2's own code gives the scale of scores.
void stretch(RopePlan& plan, const ModelConfig& config) {
    const RopeShape::Yarn& yarn = *config.rope.yarn;
    const double dim = config.attention.rope_dim;
    const auto pairOf = [&](double rotations) {
        return dim * std::log(yarn.original_context / (rotations * 2 * std::numbers::pi)) /
               (2 * std::log(config.rope.base));
    };
    const double low = std::max(std::floor(pairOf(yarn.beta_fast)), 0.0);
    const double high = std::min(std::ceil(pairOf(yarn.beta_slow)), dim - 1);
    for (std::size_t i = 0; i < plan.frequencies.size(); ++i) {
        const double ramp = std::clamp((static_cast<double>(i) - low) / std::max(high - low, 0.001), 0.0, 1.0);
        const double kept = (1 - ramp) * yarn.extrapolation;
        plan.frequencies[i] *= kept + (1 - kept) / yarn.factor;
    }
    const double log = std::log(yarn.factor);
    plan.magnitude = yarn.attention_factor;
    if (yarn.log_multiplier) {
        const double m = 1 + *yarn.log_multiplier * log;
        plan.attention_scale = static_cast<float>(m * m / std::sqrt(static_cast<double>(config.attention.key_dim)));
    } else {
        plan.magnitude *= 1 + 0.1 * log;
    }
}

}  // namespace

RopePlan ropePlan(const ModelConfig& config) {
    const AttentionShape& a = config.attention;
    RopePlan plan;
    for (int i = 0; i < a.rope_dim / 2; ++i) {
        plan.frequencies.push_back(std::pow(config.rope.base, -2.0 * i / a.rope_dim));
    }
    plan.attention_scale = 1.0f / std::sqrt(static_cast<float>(a.key_dim));
    if (config.rope.yarn) stretch(plan, config);
    return plan;
}

}  // namespace moescope
