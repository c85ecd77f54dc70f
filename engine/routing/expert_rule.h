#pragma once
// What router rules say of one expert of one layer, to ask and to change: for pictures in which experts are clicked.

#include "engine/routing/router_rules.h"

namespace moescope {

enum class ExpertRule : std::uint8_t { kFree, kMasked, kForced };

/// `layer`: its number in the model.
ExpertRule expertRule(const RouterRules& rules, int layer, int expert);

/// Changes that expert only: a layer that differs from the rules for all gets rules of its own, one that no longer does
/// loses them. Experts are kept in rising order. Whether the rules fit a model is for validate() to say.
void setExpertRule(RouterRules& rules, int layer, int expert, ExpertRule rule);

}  // namespace moescope
