#pragma once
// Chooses the experts of one token in one layer.

#include <cstdint>

#include "kernels/routing_limits.h"

namespace moescope {

/// How scores become probabilities.
enum class GateFunction : std::uint8_t { kSoftmax, kSigmoid };

/// What a group of experts is worth, by those that may be chosen: its best (DeepSeek-V2, arXiv 2405.04434), or the sum
/// of its two best (DeepSeek-V3, arXiv 2412.19437; a group with one counts it twice).
enum class GroupScore : std::uint8_t { kBest, kTwoBest };

/// The rules for one layer; what a model says, changed by what a user asks.
struct RouterParameters {
    GateFunction function = GateFunction::kSoftmax;
    int experts = 0;
    int used = 0;  ///< k, at most kMaxActiveExperts and at most `experts`
    /// One an expert: added to the probability where experts and groups are chosen, and nowhere else; null: none.
    const float* bias = nullptr;
    int groups = 1;  ///< group-limited routing: only the best `groups_used` groups are searched
    int groups_used = 1;
    GroupScore group_score = GroupScore::kBest;
    bool renormalise = false;  ///< chosen gates sum to 1 before scaling
    float scale = 1;
    const std::uint8_t* masked = nullptr;  ///< one per expert, non-zero: may not be chosen; null: none
    const std::uint8_t* forced = nullptr;  ///< one per expert, non-zero: chosen before all others; null: none
    /// Of the experts that may be chosen and are not forced, this many of the best are masked, for every token anew
    /// (ties: the lower id first). DeepSeekMoE, section 4.5, figure 4.
    int masked_top = 0;
};

inline constexpr int kMaxRouterExperts = 1024;  ///< most experts a layer may have

/// An expert's selection score is what the choice goes by: its probability, plus the bias where there is one.
struct RouterChoice {
    int count = 0;
    int experts[kMaxActiveExperts];          ///< by falling probability; ties: the lower id first
    float gates[kMaxActiveExperts];          ///< probability, renormalised and scaled as the rules say
    float probabilities[kMaxActiveExperts];  ///< over all experts, before masking
    float selections[kMaxActiveExperts];     ///< selection scores
    int runners_up[kRunnersUp];              ///< best experts not chosen that could have been; -1 if none
    float runner_up_probabilities[kRunnersUp];
    float runner_up_selections[kRunnersUp];
};

/// Routes one token: logits (experts) -> choice. `probabilities` (experts) is workspace and receives them all.
/// F32 throughout. A NaN score ranks below every number, so it is chosen only when nothing else is left.
void route(const RouterParameters& rules, const float* logits, float* probabilities, RouterChoice& choice);

}  // namespace moescope
