#include "engine/routing/trace/id_cube.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/routing/trace/choices.h"
#include "engine/routing/trace/masked.h"

namespace moescope {
namespace {

std::span<const std::int32_t> recordOf(const IdCube& cube, std::size_t token, std::size_t layer) {
    return std::span(cube.ids).subspan((token * cube.layers + layer) * cube.k, cube.k);
}

bool isKnown(const IdCube& cube, std::size_t layer) {
    for (std::size_t t = 0; t < cube.tokens; ++t) {
        if (!isMasked(recordOf(cube, t, layer))) return true;
    }
    return false;
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
        return outOfRange(fmt::format("The trace has {} experts per token and layer; expected at most {}.", cube.k,
                                      kMaxActiveExperts));
    }
    std::size_t dense = 0;
    while (dense < cube.layers && !isKnown(cube, dense)) ++dense;
    if (dense == cube.layers) return noRecords();
    sayDense(dense, cube.layers, notes);
    // Ids of masked records are no experts, whatever they are.
    int largest_id = -1;
    for (std::size_t t = 0; t < cube.tokens; ++t) {
        for (std::size_t l = dense; l < cube.layers; ++l) {
            const auto record = recordOf(cube, t, l);
            if (!isMasked(record)) largest_id = std::max(largest_id, *std::ranges::max_element(record));
        }
    }
    RoutingShape shape = idsOnly();
    shape.has_phases = cube.prompt_tokens.has_value();
    shape.has_tokens = !cube.token_ids.empty();
    if (Status status = chooseExperts(shape, options, largest_id, notes); !status.ok()) return status;
    shape.moe_layers = static_cast<int>(cube.layers - dense);
    shape.first_moe_layer = options.first_layer >= 0 ? options.first_layer : static_cast<int>(dense);
    if (Status status = checkLayers(shape); !status.ok()) return status;
    if (options.first_layer < 0 && dense == 0) {
        notes.push_back("Layers are numbered from 0, as the file does not say which is the first.");
    }
    shape.experts_used = static_cast<int>(cube.k);

    RoutingLog log(shape);
    MaskCount masks;
    std::vector<LayerRouting> row(cube.layers - dense);
    for (std::size_t t = 0; t < cube.tokens; ++t) {
        std::size_t masked = 0;
        for (std::size_t l = 0; l < row.size(); ++l) {
            row[l] = {};
            const auto record = recordOf(cube, t, dense + l);
            if (isMasked(record)) {
                ++masked;
                continue;
            }
            for (std::size_t i = 0; i < cube.k; ++i) {
                const std::int32_t e = record[i];
                if (e == -1) continue;
                const auto end = record.begin() + static_cast<std::ptrdiff_t>(i);
                const bool twice = std::find(record.begin(), end, e) != end;
                if (e < -1 || twice) {
                    return invalid(fmt::format("Token {}, layer {}: {} {}; expected {} different experts.", t,
                                               dense + l, e, twice ? "is named twice" : "is not an expert", cube.k));
                }
                row[l].experts[static_cast<std::size_t>(row[l].count++)] = e;
            }
        }
        masks.add(masked, row.size());
        const std::size_t position = cube.first_position + (cube.sequence > 0 ? t % cube.sequence : t);
        const bool decode = cube.prompt_tokens && position >= *cube.prompt_tokens;
        log.onToken({cube.token_ids.empty() ? -1 : cube.token_ids[t], static_cast<std::int32_t>(position),
                     decode ? Phase::kDecode : Phase::kPrefill, row});
    }
    masks.say(notes);
    return log;
}

}  // namespace moescope
