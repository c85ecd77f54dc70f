#include "engine/backend/layer_router.h"

#include <algorithm>

namespace moescope {

LayerRouter layerRouter(const ModelConfig& config, const RouterRules& rules, int layer, const float* bias) {
    const LayerRules& its_rules = rulesOf(rules, layer);
    LayerRouter router;
    const auto mark = [&](const std::vector<std::int32_t>& ids, std::vector<std::uint8_t>& marks) {
        if (ids.empty()) return static_cast<const std::uint8_t*>(nullptr);
        marks.assign(static_cast<std::size_t>(config.experts), 0);
        for (const std::int32_t e : ids) marks[static_cast<std::size_t>(e)] = 1;
        return static_cast<const std::uint8_t*>(marks.data());
    };
    RouterParameters& p = router.parameters;
    p.function = config.gate_function;
    p.experts = config.experts;
    p.used = its_rules.experts_used.value_or(config.experts_used);
    p.bias = bias;
    p.groups = config.expert_groups;
    p.group_score = config.group_score;
    p.groups_used = config.expert_groups_used;
    p.renormalise = rules.renormalise.value_or(config.renormalise_gates);
    p.scale = rules.scale.value_or(config.routed_scale);
    p.masked = mark(its_rules.masked, router.masked);
    p.forced = mark(its_rules.forced, router.forced);
    p.masked_top = its_rules.masked_top;
    return router;
}

LayerRouting recordOf(const RouterChoice& choice) {
    LayerRouting routing;
    routing.count = choice.count;
    std::copy_n(choice.experts, choice.count, routing.experts.begin());
    std::copy_n(choice.gates, choice.count, routing.gates.begin());
    std::copy_n(choice.probabilities, choice.count, routing.probabilities.begin());
    std::copy_n(choice.selections, choice.count, routing.selections.begin());
    std::copy_n(choice.runners_up, kRunnersUp, routing.runners_up.begin());
    std::copy_n(choice.runner_up_selections, kRunnersUp, routing.runner_up_selections.begin());
    std::copy_n(choice.runner_up_probabilities, kRunnersUp, routing.runner_up_probabilities.begin());
    return routing;
}

}  // namespace moescope
