#include "app/remote/served_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "engine/routing/trace.h"
#include "engine/routing/trace/formats.h"
#include "engine/routing/trace/masked.h"
#include "engine/routing/trace/served_array.h"

namespace moescope {
namespace {

std::int32_t highestId(const RoutingLog& log) {
    std::int32_t highest = -1;
    for (std::size_t t = 0; t < log.size(); ++t) {
        for (int l = 0; l < log.shape().moe_layers; ++l) {
            for (const std::int32_t e : log.experts(t, l)) highest = std::max(highest, e);
        }
    }
    return highest;
}

/// Whether every record names this expert, which no router does: it is the shared one, computed with the others.
bool isAlwaysThere(std::int32_t expert, const RoutingLog& log) {
    for (std::size_t t = 0; t < log.size(); ++t) {
        for (int l = 0; l < log.shape().moe_layers; ++l) {
            const ExpertIds experts = log.experts(t, l);
            if (!experts.empty() && !experts.contains(expert)) return false;
        }
    }
    return log.shape().experts_used > 1;
}

Status misfit(std::string_view what) {
    return invalid(fmt::format("The server's routing cannot be read: {}.", what));
}

}  // namespace

Result<RowLayout> layoutOf(const std::string& response, int experts) {
    const auto trace = parseServedTrace(response, TraceReadOptions());
    if (!trace.ok()) return trace.status();
    const RoutingLog& log = trace->log;
    RowLayout layout;
    layout.shape = log.shape();
    layout.layers = layout.shape.first_moe_layer + layout.shape.moe_layers;
    layout.width = layout.shape.experts_used;
    const std::int32_t highest = highestId(log);
    layout.shared_slot = isAlwaysThere(highest, log);
    if (layout.shared_slot) {
        layout.shape.experts = highest;
        layout.shape.experts_used -= 1;
        layout.shape.shared_experts = 1;
    } else if (experts > 0 && experts <= highest) {
        return misfit(fmt::format("it names expert {}, but a layer was said to have {}", highest, experts));
    } else if (experts > 0) {
        layout.shape.experts = experts;
    }
    layout.shape.has_tokens = layout.shape.has_phases = true;
    return layout;
}

Status giveRows(const nlohmann::json& routed, const RowLayout& layout, const RowsOf& tokens, int& next,
                RoutingSink& sink) {
    const auto array = readServedArray(routed, {});
    if (!array.ok()) return array.status();
    const auto layers = static_cast<std::size_t>(layout.layers), slots = static_cast<std::size_t>(layout.width);
    const std::size_t row = layers * slots;
    const bool bare = array->shape.empty();
    if (bare ? array->ids.size() % row != 0 : array->shape[1] != layers || array->shape[2] != slots) {
        return misfit(fmt::format("its rows are not of {} layers with {} experts", layers, slots));
    }
    const auto rows = static_cast<int>(array->ids.size() / row);
    // Versions that do not know how to leave rows out give all of them.
    const int expected = tokens.rows_end - tokens.start;
    const int first = rows == expected ? tokens.start : 0;
    if (rows != expected && rows != tokens.rows_end) {
        return misfit(fmt::format("it has {} rows; expected {}", rows, expected));
    }
    std::vector<LayerRouting> record(static_cast<std::size_t>(layout.shape.moe_layers));
    for (int i = std::max(0, next - first); i < rows; ++i) {
        const auto at = static_cast<std::size_t>(first + i);
        for (std::size_t l = 0; l < record.size(); ++l) {
            record[l] = {};
            const std::size_t layer = l + static_cast<std::size_t>(layout.shape.first_moe_layer);
            const auto ids = std::span(array->ids).subspan(static_cast<std::size_t>(i) * row + layer * slots, slots);
            if (isMasked(ids)) continue;
            for (const std::int32_t e : ids) {
                if (e == -1 || (layout.shared_slot && e == layout.shape.experts)) continue;
                const auto chosen = std::span(record[l].experts).first(static_cast<std::size_t>(record[l].count));
                if (e < 0 || e >= layout.shape.experts || std::ranges::find(chosen, e) != chosen.end()) {
                    return misfit(
                        fmt::format("token {}, layer {} names expert {}; expected {} different ones of {}. If a layer "
                                    "has more, say so in the server's settings",
                                    at, layer, e, layout.shape.experts_used, layout.shape.experts));
                }
                record[l].experts[static_cast<std::size_t>(record[l].count++)] = e;
            }
        }
        const auto position = static_cast<std::int32_t>(at);
        sink.onToken({at < tokens.ids.size() ? tokens.ids[at] : -1, position,
                      position >= tokens.prompt_tokens ? Phase::kDecode : Phase::kPrefill, record});
        next = position + 1;
    }
    return {};
}

}  // namespace moescope
