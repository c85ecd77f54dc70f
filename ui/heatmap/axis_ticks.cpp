#include "ui/heatmap/axis_ticks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace moescope {
namespace {

/// The smallest step of cells whose labels are `spacing` pixels apart: powers of two for experts, as their numbers are,
/// else 1, 2, 5 times a power of ten.
std::int64_t stepOf(double pixels_a_cell, double spacing, bool binary) {
    std::int64_t step = 1;
    while (static_cast<double>(step) * pixels_a_cell < spacing && step < (std::int64_t(1) << 40)) {
        if (binary) {
            step *= 2;
            continue;
        }
        std::int64_t leading = step;
        while (leading >= 10) leading /= 10;
        step = leading == 2 ? step / 2 * 5 : step * 2;
    }
    return step;
}

struct Numbering {
    std::int64_t first = 0;
    const std::vector<std::string>* names = nullptr;
    std::string of(std::int64_t cell) const {
        if (names && static_cast<std::size_t>(cell) < names->size()) return (*names)[static_cast<std::size_t>(cell)];
        return fmt::format("{}", first + cell);
    }
};

void addCells(std::vector<AxisTick>& ticks, double start, std::int64_t cells, double begin, double end,
              std::int64_t step, const Numbering& numbering, bool minor) {
    // Labels stand at multiples of the step as numbered, so that layers from 1 get 5, 10, 15.
    std::int64_t first = std::max<std::int64_t>(0, static_cast<std::int64_t>(std::floor(begin - start)));
    const std::int64_t past = (first + numbering.first) % step;
    if (past != 0 && !(first == 0 && step == 1)) first += step - past;
    const auto last = std::min<std::int64_t>(cells, static_cast<std::int64_t>(std::ceil(end - start)));
    for (std::int64_t c = first; c < last; c += step) {
        ticks.push_back({start + static_cast<double>(c) + 0.5, numbering.of(c), false, minor});
    }
}

/// Of one block of cells.
void addGroups(std::vector<double>& places, double start, std::int64_t cells, int groups, double begin, double end) {
    for (int g = 1; g < groups; ++g) {
        const double at = start + static_cast<double>(cells) * g / groups;
        if (at > begin && at < end) places.push_back(at);
    }
}

}  // namespace

std::vector<double> columnGroups(const HeatmapScene& scene, double begin, double size, double pixels, double spacing) {
    std::vector<double> places;
    if (scene.view.kind != HeatmapKind::kMatrix || !scene.matrix || !(size > 0)) return places;
    const MatrixAxis& axis = scene.matrix->columns();
    if (pixels / size * axis.count / axis.groups < spacing) return places;
    addGroups(places, 0, axis.count, axis.groups, begin, begin + size);
    return places;
}

std::vector<double> rowGroups(const HeatmapScene& scene, double begin, double size, double pixels, double spacing) {
    std::vector<double> places;
    const AxisLayout layout = rowLayout(scene);
    if (layout.cells == 0 || !(size > 0)) return places;
    const bool tokens = scene.view.kind == HeatmapKind::kTokens;
    const int groups = tokens ? scene.routing.shape().groups : scene.matrix->rows().groups;
    if (pixels / size * static_cast<double>(layout.cells) / groups < spacing) return places;
    for (int b = 0; b < layout.blocks; ++b) {
        addGroups(places, b * static_cast<double>(layout.pitch()), layout.cells, groups, begin, begin + size);
    }
    return places;
}

std::vector<AxisTick> columnTicks(const HeatmapScene& scene, double begin, double size, double pixels, double spacing) {
    std::vector<AxisTick> ticks;
    const AxisLayout layout = columnLayout(scene);
    if (layout.cells == 0 || !(size > 0)) return ticks;
    const double pixels_a_cell = pixels / size, end = begin + size;
    Numbering numbering{scene.view.first_token};
    bool binary = false;
    if (scene.view.kind == HeatmapKind::kMatrix) {
        const MatrixAxis& axis = scene.matrix->columns();
        numbering = {axis.first, axis.names.empty() ? nullptr : &axis.names};
        binary = axis.kind == AxisKind::kExpert;
    }
    addCells(ticks, 0, layout.cells, begin, end, stepOf(pixels_a_cell, spacing, binary), numbering, false);
    const double lane = static_cast<double>(layout.laneOffset()) + layout.lane / 2.0;
    if (layout.lane > 0 && lane >= begin && lane < end) {
        while (!ticks.empty() && (lane - ticks.back().position) * pixels_a_cell < spacing) ticks.pop_back();
        ticks.push_back({lane, scene.matrix->lane_title, true, false});
    }
    return ticks;
}

std::vector<AxisTick> rowTicks(const HeatmapScene& scene, double begin, double size, double pixels, double spacing) {
    std::vector<AxisTick> ticks;
    const AxisLayout layout = rowLayout(scene);
    if (layout.cells == 0 || !(size > 0)) return ticks;
    const double pixels_a_cell = pixels / size, end = begin + size;
    if (scene.view.kind == HeatmapKind::kMatrix) {
        const MatrixAxis& axis = scene.matrix->rows();
        const bool binary = axis.kind == AxisKind::kExpert;
        addCells(ticks, 0, layout.cells, begin, end, stepOf(pixels_a_cell, spacing, binary),
                 {axis.first, axis.names.empty() ? nullptr : &axis.names}, false);
        return ticks;
    }
    const RoutingShape& shape = scene.routing.shape();
    if (layout.blocks == 1 && scene.view.layer >= 0) {
        addCells(ticks, 0, layout.cells, begin, end, stepOf(pixels_a_cell, spacing, true), {}, false);
        return ticks;
    }
    const double pitch = static_cast<double>(layout.pitch());
    const std::int64_t block_step = stepOf(pixels_a_cell * pitch, spacing, false);
    // Layers by name; once a block is tall, its experts too.
    const bool experts = pitch * pixels_a_cell >= 5 * spacing;
    for (int b = 0; b < layout.blocks; ++b) {
        const double start = b * pitch;
        if (start + pitch < begin || start > end) continue;
        if (experts) {
            ticks.push_back({start, fmt::format("L{}", shape.first_moe_layer + b), false, false});
            const std::int64_t step = std::max<std::int64_t>(2, stepOf(pixels_a_cell, spacing, true));
            std::vector<AxisTick> cells;
            addCells(cells, start, layout.cells, begin, end, step, {}, true);
            for (AxisTick& tick : cells) {
                // The first label would stand on the layer's.
                if ((tick.position - start) * pixels_a_cell >= spacing) ticks.push_back(std::move(tick));
            }
        } else if ((shape.first_moe_layer + b) % block_step == 0) {
            const double middle = start + static_cast<double>(layout.blockSize()) / 2;
            if (middle >= begin && middle < end) {
                ticks.push_back({middle, fmt::format("{}", shape.first_moe_layer + b), false, false});
            }
        }
    }
    return ticks;
}

std::string columnTitle(const HeatmapScene& scene) {
    if (scene.view.kind == HeatmapKind::kTokens) return "token";
    return scene.matrix ? scene.matrix->columns().title : std::string();
}

std::string rowTitle(const HeatmapScene& scene) {
    if (scene.view.kind == HeatmapKind::kTokens) return scene.view.layer < 0 ? "layer" : "expert";
    return scene.matrix ? scene.matrix->rows().title : std::string();
}

std::string shortNumber(double value) {
    if (std::isnan(value)) return "not a number";
    // Whole numbers in full as long as they are short: 1200, not 1.2e+03.
    if (value == std::round(value) && std::abs(value) < 1e7) return fmt::format("{:.0f}", value + 0.0);
    return fmt::format("{:.3g}", value);
}

}  // namespace moescope
