#include "engine/routing/router_rules.h"

#include <fmt/format.h>

#include <algorithm>

namespace moescope {
namespace {

Status validateLayer(const LayerRules& rules, const RoutingShape& shape, const std::string& where) {
    const int most = std::min(shape.experts, kMaxActiveExperts);
    const int used = rules.experts_used.value_or(shape.experts_used);
    if (used < 1 || used > most) {
        return invalid(fmt::format("{}: {} experts per token; expected 1 to {}.", where, used, most));
    }
    for (const auto* ids : {&rules.masked, &rules.forced}) {
        for (const std::int32_t id : *ids) {
            if (id < 0 || id >= shape.experts) {
                return invalid(
                    fmt::format("{}: there is no expert {}; expected 0 to {}.", where, id, shape.experts - 1));
            }
        }
    }
    std::vector<std::int32_t> masked = rules.masked, forced = rules.forced;
    for (auto* ids : {&masked, &forced}) {
        std::ranges::sort(*ids);
        ids->erase(std::unique(ids->begin(), ids->end()), ids->end());
    }
    for (const std::int32_t id : forced) {
        if (std::ranges::binary_search(masked, id)) {
            return invalid(fmt::format("{}: the expert {} is both masked and forced.", where, id));
        }
    }
    if (static_cast<int>(forced.size()) > used) {
        return invalid(fmt::format("{}: {} experts are forced, but a token uses only {}.", where, forced.size(), used));
    }
    if (rules.masked_top < 0 || rules.masked_top > shape.experts) {
        return invalid(fmt::format("{}: the best {} experts of a token are masked; expected 0 to {}.", where,
                                   rules.masked_top, shape.experts));
    }
    const int all_masked = static_cast<int>(masked.size()) + rules.masked_top;
    if (shape.experts - all_masked < used) {
        return invalid(fmt::format("{}: {} of {} experts are masked, which leaves fewer than the {} that a token uses.",
                                   where, all_masked, shape.experts, used));
    }
    return {};
}

}  // namespace

const LayerRules& rulesOf(const RouterRules& rules, int layer) {
    const auto own = rules.layers.find(layer);
    return own == rules.layers.end() ? rules.all : own->second;
}

Status validate(const RouterRules& rules, const RoutingShape& shape) {
    if (Status status = validateLayer(rules.all, shape, "The router's rules"); !status.ok()) return status;
    for (const auto& [layer, own] : rules.layers) {
        if (layer < shape.first_moe_layer || layer >= shape.first_moe_layer + shape.moe_layers) {
            return invalid(fmt::format("The router's rules name layer {}; layers with experts are {} to {}.", layer,
                                       shape.first_moe_layer, shape.first_moe_layer + shape.moe_layers - 1));
        }
        Status status = validateLayer(own, shape, fmt::format("The router's rules for layer {}", layer));
        if (!status.ok()) return status;
    }
    if (rules.scale && !(*rules.scale >= 0 && *rules.scale <= 1000)) {
        return invalid(fmt::format("The router's scale is {}; expected 0 to 1000.", *rules.scale));
    }
    return {};
}

}  // namespace moescope
