#pragma once
// Router rules in words.

#include <QString>

#include "engine/routing/router_rules.h"

namespace moescope {

/// For the pill under the composer: "top 6, all experts"; "top 4, 3 masked, shared off".
QString rulesSummary(const RouterRules& rules, const RoutingShape& shape);

/// For a message, whole: "top 4, layer 12 top 2, without 3 5 (layer 12: 40), shared experts off"; "" for the model's
/// own rules.
QString rulesWords(const RouterRules& rules);

}  // namespace moescope
