#include "engine/routing/trace/choices.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "engine/routing/trace/masked.h"

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
    if (largest_id >= kMaxTraceExperts) {
        return outOfRange(
            fmt::format("The trace names the expert {}; expected at most {}.", largest_id, kMaxTraceExperts - 1));
    }
    if (shape.experts == 0) {
        if (largest_id < 0) return noRecords();
        // Models have multiples of 4, and a short text may not use the last ones.
        shape.experts = (largest_id + 1 + 3) / 4 * 4;
        notes.push_back(
            fmt::format("The number of experts is not in the file; {} were assumed, as the largest id is {}.",
                        shape.experts, largest_id));
    }
    if (shape.experts < 0 || shape.experts > kMaxTraceExperts) {
        return outOfRange(
            fmt::format("The trace is of {} experts per layer; expected at most {}.", shape.experts, kMaxTraceExperts));
    }
    if (largest_id < shape.experts) return {};
    return invalid(fmt::format("The trace names expert {}; with {} experts per layer, expected at most {}.", largest_id,
                               shape.experts, shape.experts - 1));
}

Status checkLayers(const RoutingShape& shape) {
    if (shape.first_moe_layer + shape.moe_layers <= kMaxTraceLayers) return {};
    return outOfRange(fmt::format("The trace has the layers {} to {}; expected at most {}.", shape.first_moe_layer,
                                  shape.first_moe_layer + shape.moe_layers - 1, kMaxTraceLayers - 1));
}

Status setGroups(RoutingShape& shape, int groups, int groups_used) {
    shape.groups = std::max(1, groups);
    shape.groups_used = std::max(1, groups_used);
    if (shape.groupsFit()) return {};
    return invalid(fmt::format("The trace has {} experts a layer in {} groups, {} of them used; that cannot be.",
                               shape.experts, groups, groups_used));
}

void sayDense(std::size_t dense, std::size_t layers, std::vector<std::string>& notes) {
    if (dense == 0) return;
    notes.push_back(
        dense == 1 ? fmt::format("The first of {} layers holds no record (0, or -1); it was taken as dense.", layers)
                   : fmt::format("The first {} of {} layers hold no record (0, or -1); they were taken as "
                                 "dense.",
                                 dense, layers));
}

void sayExpertsUsed(int k, std::vector<std::string>& notes) {
    notes.push_back(
        fmt::format("Each token was taken to have {} expert{} a layer; --top-k sets it.", k, k == 1 ? "" : "s"));
}

Status noRecords() {
    return invalid("The trace has no records: none of its tokens names an expert, or all name one id in all slots.");
}

Result<RoutingLog> Choices::build(const TraceReadOptions& options, std::vector<std::string>& notes) {
    if (!std::ranges::is_sorted(choices, before)) std::ranges::sort(choices, before);
    std::size_t records = 0, kept = 0;
    int lowest = kMaxTraceLayers, highest = -1, largest_id = -1, largest_count = 0;
    struct Record {
        std::uint32_t token;
        std::uint16_t layer;
    };
    std::vector<Record> masked;
    std::vector<std::int32_t> slots;
    for (std::size_t begin = 0, end = 0; begin < choices.size(); begin = end) {
        const Choice first = choices[begin];  // a copy: choices move
        const auto where = [&] {
            return fmt::format("position {}, layer {}", tokens[first.token].position, first.layer);
        };
        slots.clear();
        for (end = begin; end < choices.size() && sameRecord(choices[end], first); ++end) {
            const Choice& c = choices[end];
            if (end > begin && c.slot == choices[end - 1].slot) {
                return invalid(fmt::format("The slot {} occurs twice at {}; expected it once.", c.slot, where()));
            }
            if (slots.size() == kMaxActiveExperts) {
                return outOfRange(
                    fmt::format("More than {} experts are chosen at {}, which is more than can be stored.",
                                kMaxActiveExperts, where()));
            }
            slots.push_back(c.expert == kNoExpert ? -1 : c.expert);
        }
        if (isMasked(slots)) {
            masked.push_back({first.token, first.layer});
            continue;
        }
        int count = 0;
        for (std::size_t i = 0; i < slots.size(); ++i) {
            if (slots[i] < 0) continue;
            const auto at = slots.begin() + static_cast<std::ptrdiff_t>(i);
            if (std::find(slots.begin(), at, slots[i]) != at) {
                return invalid(
                    fmt::format("The expert {} is chosen twice at {}; expected it once.", slots[i], where()));
            }
            choices[kept++] = choices[begin + i];
            largest_id = std::max(largest_id, slots[i]);
            ++count;
        }
        ++records;
        lowest = std::min<int>(lowest, first.layer);
        highest = std::max<int>(highest, first.layer);
        largest_count = std::max(largest_count, count);
    }
    choices.resize(kept);
    if (highest < 0) return noRecords();
    // Layers before the first record are dense ones.
    int first_masked = lowest;
    for (const Record& r : masked) first_masked = std::min<int>(first_masked, r.layer);
    sayDense(static_cast<std::size_t>(lowest - first_masked), static_cast<std::size_t>(highest - first_masked + 1),
             notes);
    std::erase_if(masked, [&](const Record& r) { return r.layer < lowest || r.layer > highest; });
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
    if (Status status = checkLayers(shape); !status.ok()) return status;
    if (shape.experts_used == 0) shape.experts_used = largest_count;

    RoutingLog log(shape);
    MaskCount masks;
    std::size_t next_masked = 0;
    std::vector<LayerRouting> row(static_cast<std::size_t>(layers));
    std::size_t at = 0;
    for (std::size_t t = 0; t < tokens.size(); ++t) {
        std::ranges::fill(row, LayerRouting());
        const std::size_t masked_before = next_masked;
        while (next_masked < masked.size() && masked[next_masked].token == t) ++next_masked;
        const bool known = at < choices.size() && choices[at].token == t;
        masks.add(next_masked - masked_before, known ? 0 : next_masked - masked_before);
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
    masks.say(notes);
    return log;
}

namespace {

/// Ids of a token that stand for none.
bool isFilling(std::span<const std::int32_t> group) {
    return (group[0] == 0 || group[0] == -1) &&
           std::ranges::all_of(group, [&](std::int32_t e) { return e == group[0]; });
}

/// Whether ids can be groups of k different experts.
bool fits(std::span<const std::int32_t> ids, std::size_t runs_divisor, std::size_t k) {
    if (runs_divisor % k != 0 || ids.size() % k != 0) return false;
    for (std::size_t at = 0; at < ids.size(); at += k) {
        const auto group = ids.subspan(at, k);
        if (isFilling(group)) continue;
        for (std::size_t i = 1; i < k; ++i) {
            const auto end = group.begin() + static_cast<std::ptrdiff_t>(i);
            if (std::find(group.begin(), end, group[i]) != end) return false;
        }
    }
    return true;
}

}  // namespace

int inferExpertsUsed(std::span<const std::int32_t> ids, std::size_t runs_divisor) {
    for (int k = kMaxActiveExperts; k > 0; --k) {
        if (fits(ids, runs_divisor, static_cast<std::size_t>(k))) return k;
    }
    return 0;
}

int otherExpertsUsed(std::span<const std::int32_t> ids, std::size_t runs_divisor, int k, int experts) {
    constexpr double kChance = 0.1;
    const auto width = static_cast<std::size_t>(k);
    for (int other = k - 1; other > 0; --other) {
        const auto step = static_cast<std::size_t>(other);
        if (!fits(ids, runs_divisor, step)) continue;
        // Two ids of a group of k that would be of different tokens or layers are the same with a chance of 1 / N.
        double pairs = 0;
        for (std::size_t at = 0; at < ids.size(); at += width) {
            if (isFilling(ids.subspan(at, width))) continue;
            for (std::size_t i = at; i < at + width; ++i) {
                for (std::size_t j = i + 1; j < at + width; ++j) pairs += i / step != j / step;
            }
        }
        if (std::exp(-pairs / std::max(1, experts)) > kChance) return other;
    }
    return 0;
}

}  // namespace moescope
