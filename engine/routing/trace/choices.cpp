#include "engine/routing/trace/choices.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace moescope {
namespace {

/// A model of so many layers, most of them without a record, is a damaged file that would only fill memory.
constexpr std::size_t kCellsPerRecord = 8, kCellsAlways = 1 << 16;

bool before(const Choice& a, const Choice& b) {
    return std::tie(a.token, a.layer, a.slot) < std::tie(b.token, b.layer, b.slot);
}

bool sameRecord(const Choice& a, const Choice& b) {
    return a.token == b.token && a.layer == b.layer;
}

}  // namespace

Status chooseExperts(RoutingShape& shape, const TraceReadOptions& options, int largest_id,
                     std::vector<std::string>& notes) {
    if (options.experts > 0) shape.experts = options.experts;
    if (shape.experts == 0) {
        // Models have multiples of 4, and a short text may not use the last ones.
        shape.experts = (largest_id + 1 + 3) / 4 * 4;
        notes.push_back(
            fmt::format("The number of experts is not in the file; {} were assumed, as the largest id is {}.",
                        shape.experts, largest_id));
    }
    if (shape.experts < 0 || shape.experts > kMaxTraceExperts) {
        return outOfRange(
            fmt::format("The trace is of {} experts a layer; expected at most {}.", shape.experts, kMaxTraceExperts));
    }
    if (largest_id < shape.experts) return {};
    return invalid(fmt::format("The trace names expert {}; with {} experts a layer, expected at most {}.", largest_id,
                               shape.experts, shape.experts - 1));
}

Result<RoutingLog> Choices::build(const TraceReadOptions& options, std::vector<std::string>& notes) {
    if (!std::ranges::is_sorted(choices, before)) std::ranges::sort(choices, before);
    std::size_t records = 0;
    int lowest = kMaxTraceLayers, highest = -1, largest_id = -1, largest_count = 0, count = 0;
    for (std::size_t i = 0; i < choices.size(); ++i) {
        const Choice& c = choices[i];
        const bool begins = i == 0 || !sameRecord(c, choices[i - 1]);
        count = begins ? 1 : count + 1;
        records += begins;
        lowest = std::min<int>(lowest, c.layer);
        highest = std::max<int>(highest, c.layer);
        largest_id = std::max<int>(largest_id, c.expert);
        largest_count = std::max(largest_count, count);
        const auto where = [&] { return fmt::format("position {}, layer {}", tokens[c.token].position, c.layer); };
        if (!begins && c.slot == choices[i - 1].slot) {
            return invalid(fmt::format("The slot {} is there twice at {}; expected it once.", c.slot, where()));
        }
        if (count > kMaxActiveExperts) {
            return outOfRange(fmt::format("More than {} experts are chosen at {}; this is beyond what can be kept.",
                                          kMaxActiveExperts, where()));
        }
        for (std::size_t j = i - static_cast<std::size_t>(count - 1); j < i; ++j) {
            if (choices[j].expert == c.expert) {
                return invalid(
                    fmt::format("The expert {} is chosen twice at {}; expected it once.", c.expert, where()));
            }
        }
    }
    if (highest < 0) return invalid("The trace has no records.");
    if (Status status = chooseExperts(shape, options, largest_id, notes); !status.ok()) return status;
    const int layers = highest - lowest + 1;
    const std::size_t cells = tokens.size() * static_cast<std::size_t>(layers);
    if (cells > kCellsAlways && cells / kCellsPerRecord > records) {
        return invalid(
            fmt::format("There are only {} records for {} tokens and the layers {} to {}; the file is damaged.",
                        records, tokens.size(), lowest, highest));
    }
    shape.first_moe_layer = options.first_layer >= 0 ? options.first_layer : lowest;
    shape.moe_layers = layers;
    if (shape.experts_used == 0) shape.experts_used = largest_count;

    RoutingLog log(shape);
    std::vector<LayerRouting> row(static_cast<std::size_t>(layers));
    std::size_t at = 0;
    for (std::size_t t = 0; t < tokens.size(); ++t) {
        std::ranges::fill(row, LayerRouting());
        while (at < choices.size() && choices[at].token == t) {
            std::size_t end = at;
            while (end < choices.size() && sameRecord(choices[end], choices[at])) ++end;
            if (sort_by_weight) {
                std::sort(choices.begin() + static_cast<std::ptrdiff_t>(at),
                          choices.begin() + static_cast<std::ptrdiff_t>(end), [](const Choice& a, const Choice& b) {
                              // NaN last: std::sort needs an order of all.
                              const float wa = std::isnan(a.weight) ? -INFINITY : a.weight;
                              const float wb = std::isnan(b.weight) ? -INFINITY : b.weight;
                              return wa != wb ? wa > wb : a.expert < b.expert;
                          });
            }
            LayerRouting& r = row[static_cast<std::size_t>(choices[at].layer - lowest)];
            for (; at < end; ++at) {
                const auto slot = static_cast<std::size_t>(r.count++);
                r.experts[slot] = choices[at].expert;
                r.gates[slot] = choices[at].weight;
            }
        }
        log.onToken({tokens[t].token, tokens[t].position, tokens[t].phase, row});
    }
    choices = {};
    return log;
}

int inferExpertsUsed(std::span<const std::int32_t> ids, std::size_t runs_divisor) {
    for (int k = kMaxActiveExperts; k > 0; --k) {
        const auto width = static_cast<std::size_t>(k);
        if (runs_divisor % width != 0 || ids.size() % width != 0) continue;
        bool fits = true;
        for (std::size_t at = 0; fits && at < ids.size(); at += width) {
            const auto group = ids.subspan(at, width);
            if (std::ranges::all_of(group, [](std::int32_t e) { return e == 0; })) continue;
            for (std::size_t i = 1; fits && i < width; ++i) {
                fits = std::find(group.begin(), group.begin() + static_cast<std::ptrdiff_t>(i), group[i]) ==
                       group.begin() + static_cast<std::ptrdiff_t>(i);
            }
        }
        if (fits) return k;
    }
    return 0;
}

}  // namespace moescope
