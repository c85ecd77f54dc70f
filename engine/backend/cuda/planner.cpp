#include "engine/backend/cuda/planner.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/backend/cuda/mla_forms.h"
#include "engine/format/transpose.h"

namespace moescope {
namespace {

std::string gigabytes(std::uint64_t bytes) {
    return fmt::format("{:.1f} GB", static_cast<double>(bytes) / 1e9);
}

std::string thousands(std::uint64_t n) {
    return n < 1000 ? fmt::format("{}", n) : fmt::format("{},{:03}", n / 1000, n % 1000);
}

}  // namespace

std::uint64_t PlacementSizes::routed() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t bytes : expert_bytes) sum += bytes * static_cast<std::uint64_t>(experts);
    return sum;
}

PlacementSizes placementSizes(const ModelConfig& config, const ModelMatrices& matrices, const PackedBytes& packed) {
    PlacementSizes sizes;
    sizes.experts = config.experts;
    sizes.expert_bytes.assign(static_cast<std::size_t>(config.moeLayers()), 0);
    forEachMatrix(matrices, [&](const MatrixSource& m, MatrixRole role, std::size_t layer) {
        const auto as_in_file = [&] { return packed(m.type, m.rows, m.columns); };
        const auto transposed = [&] { return packed(transposedType(m.type), m.columns, m.rows); };
        const bool both = role == MatrixRole::kKeyB && expandFrom(config.attention) > 0;
        const std::uint64_t bytes = both                                    ? as_in_file() + transposed()
                                    : usedTransposed(matrices, role, layer) ? transposed()
                                                                            : as_in_file();
        if (isRouted(role)) {
            sizes.expert_bytes[layer - static_cast<std::size_t>(config.dense_layers)] += bytes;
        } else {
            sizes.always += m.count * bytes;
        }
    });
    return sizes;
}

Placement plan(const PlacementSizes& sizes, const std::string& card, std::uint64_t free, std::uint64_t limit) {
    Placement p;
    p.on_card.assign(sizes.expert_bytes.size(), 0);
    std::uint64_t room = free > kCardReserve ? free - kCardReserve : 0;
    if (limit > 0) room = std::min(room, limit);

    const std::uint64_t least =
        sizes.always + sizes.cache + sizes.workspace + (sizes.whole() <= room ? 0 : sizes.exchange);
    if (least > room) {
        p.status =
            outOfMemory(fmt::format("The GPU {} has {} for this program, but the model needs at least {} there ({} for "
                                    "weights that every token reads, {} for the context, {} for computation); choose a "
                                    "smaller context or a Q8_0 cache, or close other programs that use the GPU.",
                                    card, gigabytes(room), gigabytes(least), gigabytes(sizes.always),
                                    gigabytes(sizes.cache), gigabytes(least - sizes.always - sizes.cache)));
        return p;
    }
    p.card_bytes = least;
    std::uint64_t placed = 0, all = 0;
    for (int round = 0; round < sizes.experts; ++round) {
        for (std::size_t l = 0; l < p.on_card.size(); ++l) {
            ++all;
            if (p.on_card[l] < round || p.card_bytes + sizes.expert_bytes[l] > room) continue;
            p.card_bytes += sizes.expert_bytes[l];
            ++p.on_card[l];
            ++placed;
        }
    }
    p.whole = placed == all;
    if (p.whole) {
        p.sentence = fmt::format("The whole model is on the GPU {}: {} of {} is used, {} of it for the context.", card,
                                 gigabytes(p.card_bytes), gigabytes(free), gigabytes(sizes.cache));
        return p;
    }
    p.ram_bytes = sizes.routed();
    p.sentence = fmt::format(
        "The GPU {} has {} for this program: attention, routers, shared experts and {} of {} "
        "routed experts are on it ({}); the CPU computes the others from RAM ({}).",
        card, gigabytes(room), thousands(placed), thousands(all), gigabytes(p.card_bytes), gigabytes(p.ram_bytes));
    return p;
}

}  // namespace moescope
