#include "engine/routing/expert_rule.h"

#include <algorithm>

namespace moescope {

ExpertRule expertRule(const RouterRules& rules, int layer, int expert) {
    const LayerRules& at = rulesOf(rules, layer);
    if (std::ranges::find(at.masked, expert) != at.masked.end()) return ExpertRule::kMasked;
    if (std::ranges::find(at.forced, expert) != at.forced.end()) return ExpertRule::kForced;
    return ExpertRule::kFree;
}

void setExpertRule(RouterRules& rules, int layer, int expert, ExpertRule rule) {
    LayerRules at = rulesOf(rules, layer);
    std::erase(at.masked, expert);
    std::erase(at.forced, expert);
    if (rule == ExpertRule::kMasked) at.masked.push_back(expert);
    if (rule == ExpertRule::kForced) at.forced.push_back(expert);
    std::ranges::sort(at.masked);
    std::ranges::sort(at.forced);
    if (at == rules.all) {
        rules.layers.erase(layer);
    } else {
        rules.layers[layer] = at;
    }
}

}  // namespace moescope
