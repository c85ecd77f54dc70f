#include "engine/routing/trace/id_cube.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/routing/trace/choices.h"

namespace moescope {
namespace {

bool isDense(const IdCube& cube, std::size_t layer) {
    if (cube.k < 2) return false;
    for (std::size_t t = 0; t < cube.tokens; ++t) {
        const std::int32_t* record = &cube.ids[(t * cube.layers + layer) * cube.k];
        if (std::any_of(record, record + cube.k, [](std::int32_t e) { return e != 0; })) return false;
    }
    return true;
}

}  // namespace

RoutingShape idsOnly() {
    RoutingShape shape;
    shape.has_gates = shape.has_probabilities = shape.has_runners_up = shape.has_norms = false;
    shape.has_order = shape.has_tokens = shape.has_phases = false;
    return shape;
}

Result<RoutingLog> logOfIds(const IdCube& cube, const TraceReadOptions& options, std::vector<std::string>& notes) {
    if (cube.tokens == 0 || cube.layers == 0 || cube.k == 0) return invalid("The trace has no records.");
    if (cube.layers > kMaxTraceLayers) {
        return outOfRange(fmt::format("The trace has {} layers; expected at most {}.", cube.layers, kMaxTraceLayers));
    }
    if (cube.k > kMaxActiveExperts) {
        return outOfRange(
            fmt::format("The trace has {} experts a token and layer; expected at most {}.", cube.k, kMaxActiveExperts));
    }
    std::size_t dense = 0;
    while (dense < cube.layers && isDense(cube, dense)) ++dense;
    if (dense == cube.layers) return invalid("The trace names expert 0 only; it is of no MoE layer.");
    if (dense > 0) {
        notes.push_back(fmt::format("The first {} of {} layers name expert 0 only; they were taken as dense layers.",
                                    dense, cube.layers));
    }
    RoutingShape shape = idsOnly();
    shape.has_phases = cube.prompt_tokens.has_value();
    if (Status status = chooseExperts(shape, options, *std::ranges::max_element(cube.ids), notes); !status.ok()) {
        return status;
    }
    shape.moe_layers = static_cast<int>(cube.layers - dense);
    shape.first_moe_layer = options.first_layer >= 0 ? options.first_layer : static_cast<int>(dense);
    if (options.first_layer < 0 && dense == 0) {
        notes.push_back("Layers are numbered from 0, as the file does not say which is the first.");
    }
    shape.experts_used = static_cast<int>(cube.k);

    RoutingLog log(shape);
    std::vector<LayerRouting> row(cube.layers - dense);
    for (std::size_t t = 0; t < cube.tokens; ++t) {
        for (std::size_t l = 0; l < row.size(); ++l) {
            row[l] = {};
            const std::int32_t* record = &cube.ids[(t * cube.layers + dense + l) * cube.k];
            for (std::size_t i = 0; i < cube.k; ++i) {
                const std::int32_t e = record[i];
                if (e == -1) continue;
                const bool twice = std::find(record, record + i, e) != record + i;
                if (e < -1 || twice) {
                    return invalid(fmt::format("Token {}, layer {}: {} {}; expected {} different experts.", t,
                                               dense + l, e, twice ? "is named twice" : "is no expert", cube.k));
                }
                row[l].experts[static_cast<std::size_t>(row[l].count++)] = e;
            }
        }
        const bool decode = cube.prompt_tokens && t >= *cube.prompt_tokens;
        log.onToken({-1, static_cast<std::int32_t>(t), decode ? Phase::kDecode : Phase::kPrefill, row});
    }
    return log;
}

}  // namespace moescope
