#pragma once
// Chooses the experts of one token in one layer.

#include <cstdint>

namespace moescope {

/// How scores become probabilities.
enum class GateFunction : std::uint8_t { kSoftmax, kSigmoid };

/// The rules for one layer; what a model says, changed by what a user asks.
struct RouterParameters {
    GateFunction function = GateFunction::kSoftmax;
    int experts = 0;
    int used = 0;         ///< k, at most kMaxRouted and at most `experts`
    int groups = 1;       ///< group-limited routing (DeepSeek-V2): only the best `groups_used` groups are searched,
    int groups_used = 1;  ///< a group being as good as its best expert that is not masked
    bool renormalise = false;  ///< chosen gates sum to 1 before scaling
    float scale = 1;
    const std::uint8_t* masked = nullptr;  ///< one an expert, non-zero: may not be chosen; null: none
    const std::uint8_t* forced = nullptr;  ///< one an expert, non-zero: chosen before all others; null: none
    /// Of the experts that may be chosen and are not forced, so many of the likeliest are masked, for each token anew
    /// (ties: the lower id first). DeepSeekMoE, section 4.5, figure 4.
    int masked_top = 0;
};

inline constexpr int kMaxRouted = 16;           ///< most experts a token may use
inline constexpr int kMaxRouterExperts = 1024;  ///< most experts a layer may have
inline constexpr int kMaxRunnersUp = 2;

struct RouterChoice {
    int count = 0;
    int experts[kMaxRouted];          ///< by falling probability; ties: the lower id first
    float gates[kMaxRouted];          ///< probability, renormalised and scaled as the rules say
    float probabilities[kMaxRouted];  ///< over all experts, before masking
    int runners_up[kMaxRunnersUp];    ///< best experts not chosen that could have been; -1 if none
    float runner_up_probabilities[kMaxRunnersUp];
};

/// Routes one token: logits (experts) -> choice. `probabilities` (experts) is workspace and receives them all.
/// F32 throughout. A NaN probability ranks below every number, so it is chosen only when nothing else is left.
void route(const RouterParameters& rules, const float* logits, float* probabilities, RouterChoice& choice);

}  // namespace moescope
