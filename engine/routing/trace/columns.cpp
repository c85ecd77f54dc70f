#include "engine/routing/trace/columns.h"

#include <fmt/format.h>

#include <algorithm>

namespace moescope {

Status TokenColumns::check() const {
    for (std::size_t t = 0; t < positions.size(); ++t) {
        if (positions[t] < 0) {
            return invalid(fmt::format("Token {} has the position {}; expected 0 or more.", t, positions[t]));
        }
    }
    for (std::size_t t = 0; t < ids.size(); ++t) {
        if (ids[t] < -1) return invalid(fmt::format("Token {} has the id {}; expected -1 or more.", t, ids[t]));
    }
    for (std::size_t t = 0; t < phases.size(); ++t) {
        if (phases[t] < 0 || phases[t] > 1) {
            return invalid(fmt::format("Token {} has the phase {}; expected 0 (prefill) or 1 (decode).", t, phases[t]));
        }
    }
    return {};
}

TokenRouting TokenColumns::at(std::size_t token, std::span<const LayerRouting> layers) const {
    return {ids.empty() ? -1 : ids[token], positions.empty() ? static_cast<std::int32_t>(token) : positions[token],
            !phases.empty() && phases[token] == 1 ? Phase::kDecode : Phase::kPrefill, layers};
}

bool isFilled(std::span<const std::int32_t> slots) {
    return isMasked(slots) && std::ranges::any_of(slots, [](std::int32_t e) { return e >= 0; });
}

Result<int> largestId(std::span<const std::int32_t> ids, std::size_t width) {
    int largest = -1;
    for (std::size_t at = 0; at + width <= ids.size(); at += width) {
        const auto slots = ids.subspan(at, width);
        const auto [low, high] = std::ranges::minmax(slots);
        if (low < -1) return invalid(fmt::format("The trace names the expert {}; expected -1 for none.", low));
        if (!isFilled(slots)) largest = std::max(largest, high);
    }
    return largest;
}

RecordKind takeRecord(const RecordView& view, LayerRouting& out) {
    out = {};
    if (isFilled(view.experts)) return RecordKind::kMasked;
    for (std::size_t i = 0; i < view.experts.size(); ++i) {
        const std::int32_t e = view.experts[i];
        if (e < 0) continue;
        const auto slot = static_cast<std::size_t>(out.count);
        const auto end = out.experts.begin() + out.count;
        if (std::find(out.experts.begin(), end, e) != end) return RecordKind::kTwice;
        out.experts[slot] = e;
        if (!view.gates.empty()) out.gates[slot] = view.gates[i];
        if (!view.probabilities.empty()) out.probabilities[slot] = view.probabilities[i];
        if (!view.selections.empty()) out.selections[slot] = view.selections[i];
        ++out.count;
    }
    std::ranges::copy(view.runners_up, out.runners_up.begin());
    std::ranges::copy(view.runner_up_probabilities, out.runner_up_probabilities.begin());
    std::ranges::copy(view.runner_up_selections, out.runner_up_selections.begin());
    out.shared_norm = view.shared_norm;
    out.routed_norm = view.routed_norm;
    out.on_card = view.on_card;
    return out.count > 0 ? RecordKind::kKnown : RecordKind::kMasked;
}

Status namedTwice(std::size_t token, int layer) {
    return invalid(
        fmt::format("An expert is named twice for token {} in layer {}; expected different ones.", token, layer));
}

}  // namespace moescope
