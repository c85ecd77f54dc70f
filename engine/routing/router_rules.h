#pragma once
// The router's rules as data, so that they can be changed between two tokens.

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "engine/base/status.h"
#include "engine/routing/record.h"

namespace moescope {

/// Deviations from a model's own rules in one MoE layer. Default: none.
struct LayerRules {
    std::optional<int> experts_used;   ///< another k
    std::vector<std::int32_t> masked;  ///< experts that may not be chosen
    std::vector<std::int32_t> forced;  ///< experts that are always chosen (they count towards k)
    /// Of the others, so many with the highest probabilities are masked, for each token anew (DeepSeekMoE, figure 4).
    int masked_top = 0;

    bool operator==(const LayerRules&) const = default;
};

/// Rules for all layers of a session. The default leaves the model as it is.
struct RouterRules {
    LayerRules all;                    ///< for every MoE layer that `layers` does not name
    std::map<int, LayerRules> layers;  ///< by layer number in the model (the dense layer is 0)
    std::optional<bool> renormalise;   ///< make the chosen gates sum to 1 before scaling
    std::optional<float> scale;        ///< factor on the routed sum
    bool shared_experts = true;        ///< false switches the shared experts off

    bool operator==(const RouterRules&) const = default;
};

/// The rules of a layer, by its number in the model.
const LayerRules& rulesOf(const RouterRules& rules, int layer);

/// One sentence for rules that do not fit a model; must be called before rules are used.
Status validate(const RouterRules& rules, const RoutingShape& shape);

}  // namespace moescope
