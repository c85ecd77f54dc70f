#include "ui/heatmap/heatmap_view.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace moescope {
namespace {

using Part = AxisLayout::Part;

bool routed(const HeatmapScene& scene) {
    return scene.view.kind == HeatmapKind::kTokens;
}

bool stacked(const HeatmapScene& scene) {
    return scene.view.layer < 0;
}

/// Up to 1, 2 or 5 times a power of ten.
float roundedUp(double value) {
    const double power = std::pow(10.0, std::floor(std::log10(value)));
    for (const double step : {1.0, 2.0, 5.0}) {
        // A hair above: 0.2 is not exactly twice 0.1.
        if (value <= step * power * (1 + 1e-6)) return static_cast<float>(step * power);
    }
    return static_cast<float>(10 * power);
}

/// The place of a cell along an axis, in blocks and cells; cell -1 is the lane.
double start(const AxisLayout& layout, int block, std::int64_t cell) {
    return static_cast<double>(block * layout.pitch() + (cell < 0 ? layout.laneOffset() : cell));
}

}  // namespace

AxisLayout columnLayout(const HeatmapScene& scene) {
    AxisLayout layout;
    if (routed(scene)) {
        if (scene.routing.shape().moe_layers > 0) layout.cells = static_cast<std::int64_t>(scene.routing.tokens());
        return layout;
    }
    if (!scene.matrix) return layout;
    layout.cells = scene.matrix->columns().count;
    if (scene.view.lanes && scene.matrix->hasLane()) {
        // As wide as a cell of 64 would be: a lane must stay visible beside many columns.
        layout.lane = std::max(1, static_cast<int>(layout.cells / 32));
        layout.gap = std::max(1, layout.lane / 2);
    }
    return layout;
}

AxisLayout rowLayout(const HeatmapScene& scene) {
    AxisLayout layout;
    if (!routed(scene)) {
        if (scene.matrix) layout.cells = scene.matrix->rows().count;
        return layout;
    }
    const RoutingShape& shape = scene.routing.shape();
    if (scene.view.layer >= shape.moe_layers) return layout;
    layout.cells = shape.experts;
    layout.blocks = stacked(scene) ? shape.moe_layers : 1;
    layout.gap = stacked(scene) || scene.view.lanes ? std::max(1, shape.experts / 32) : 0;
    // A lane of zeros would say that the shared experts did nothing, where a trace does not say what they did.
    if (scene.view.lanes && shape.shared_experts > 0 && shape.has_norms) layout.lane = std::max(1, shape.experts / 16);
    if (layout.blocks == 0) return {};
    return layout;
}

HeatmapRect wholeRect(const HeatmapScene& scene) {
    return {0, 0, static_cast<double>(columnLayout(scene).size()), static_cast<double>(rowLayout(scene).size())};
}

HeatmapRect visibleRect(const HeatmapScene& scene) {
    const HeatmapRect& r = scene.view.rect;
    const bool usable = r.width > 0 && r.height > 0 && std::isfinite(r.x) && std::isfinite(r.y) &&
                        std::isfinite(r.width) && std::isfinite(r.height);
    return usable ? r : wholeRect(scene);
}

HeatmapCell cellAt(const HeatmapScene& scene, double x, double y) {
    const AxisLayout columns = columnLayout(scene), rows = rowLayout(scene);
    const AxisLayout::Place c = columns.at(x), r = rows.at(y);
    const auto shown = [](Part part) { return part == Part::kCells || part == Part::kLane; };
    if (!shown(c.part) || !shown(r.part)) return {};
    HeatmapCell cell;
    cell.lane = c.part == Part::kLane || r.part == Part::kLane;
    if (routed(scene)) {
        cell.column = cell.token = static_cast<int>(c.cell);
        cell.layer = stacked(scene) ? r.block : scene.view.layer;
        if (!cell.lane) cell.expert = static_cast<int>(r.cell);
        const int experts = scene.routing.shape().experts;
        cell.row = cell.lane ? -1 : cell.layer * experts + cell.expert;
        return cell;
    }
    cell.row = static_cast<int>(r.cell);
    if (!cell.lane) cell.column = static_cast<int>(c.cell);
    const auto name = [&](AxisKind kind, int index) {
        if (kind == AxisKind::kToken) cell.token = index;
        if (kind == AxisKind::kLayer) cell.layer = index;
        if (kind == AxisKind::kExpert) cell.expert = index;
    };
    name(scene.matrix->columns().kind, cell.column);
    name(scene.matrix->rows().kind, cell.row);
    return cell;
}

HeatmapRect cellRect(const HeatmapScene& scene, const HeatmapCell& cell) {
    if (!cell.valid()) return {};
    const AxisLayout columns = columnLayout(scene), rows = rowLayout(scene);
    if (routed(scene)) {
        if (cell.token < 0 || cell.token >= columns.cells || cell.layer < 0) return {};
        if (!stacked(scene) && cell.layer != scene.view.layer) return {};
        if (cell.layer >= scene.routing.shape().moe_layers || (cell.lane && rows.lane == 0)) return {};
        if (!cell.lane && (cell.expert < 0 || cell.expert >= rows.cells)) return {};
        return {static_cast<double>(cell.token),
                start(rows, stacked(scene) ? cell.layer : 0, cell.lane ? -1 : cell.expert), 1,
                cell.lane ? static_cast<double>(rows.lane) : 1.0};
    }
    if (cell.row < 0 || cell.row >= rows.cells || cell.column >= columns.cells) return {};
    if (cell.lane ? columns.lane == 0 : cell.column < 0) return {};
    return {start(columns, 0, cell.lane ? -1 : cell.column), static_cast<double>(cell.row),
            cell.lane ? static_cast<double>(columns.lane) : 1.0, 1};
}

HeatmapCell cellOf(const HeatmapScene& scene, int token, int layer, int expert) {
    HeatmapCell cell;
    if (routed(scene)) {
        cell.token = cell.column = token;
        cell.layer = layer;
        cell.expert = expert;
        cell.row = layer * scene.routing.shape().experts + expert;
    } else if (scene.matrix) {
        const auto index = [&](AxisKind kind) {
            return kind == AxisKind::kToken ? token : kind == AxisKind::kLayer ? layer : expert;
        };
        const AxisKind across = scene.matrix->columns().kind, down = scene.matrix->rows().kind;
        if (across == AxisKind::kOther || down == AxisKind::kOther) return {};
        cell.column = index(across);
        cell.row = index(down);
        if (across == AxisKind::kToken || down == AxisKind::kToken) cell.token = token;
        if (across == AxisKind::kLayer || down == AxisKind::kLayer) cell.layer = layer;
        if (across == AxisKind::kExpert || down == AxisKind::kExpert) cell.expert = expert;
    }
    return cellRect(scene, cell).width > 0 ? cell : HeatmapCell();
}

float cellValue(const HeatmapScene& scene, const HeatmapCell& cell) {
    if (cellRect(scene, cell).width <= 0) return std::numeric_limits<float>::quiet_NaN();
    if (!routed(scene)) {
        return cell.lane ? scene.matrix->lane[static_cast<std::size_t>(cell.row)]
                         : scene.matrix->at(cell.row, cell.column);
    }
    const auto token = static_cast<std::size_t>(cell.token);
    if (cell.lane) return scene.routing.sharedShare(token, cell.layer);
    const LayerRouting r = scene.routing.at(token, cell.layer);
    for (std::size_t i = 0; i < static_cast<std::size_t>(r.count); ++i) {
        if (r.experts[i] != cell.expert) continue;
        return scene.view.metric == CellMetric::kGate     ? r.gates[i]
               : scene.view.metric == CellMetric::kChosen ? 1
                                                          : r.probabilities[i];
    }
    if (scene.view.metric != CellMetric::kProbability) return 0;
    for (std::size_t i = 0; i < kRunnersUp; ++i) {
        if (r.runners_up[i] == cell.expert) return r.runner_up_probabilities[i];
    }
    return 0;
}

ValueRange resolvedRange(const HeatmapScene& scene) {
    const bool logarithmic = scene.view.scale == Scale::kLog;
    ValueRange range;
    if (scene.view.range) {
        range = *scene.view.range;
        if (!(range.high > range.low)) range.high = range.low + 1;
        if (logarithmic && !(range.low > 0)) range.low = range.high > 0 ? range.high / 1000 : 0.001f;
        if (logarithmic && !(range.high > range.low)) range.high = 1000 * range.low;
        return range;
    }
    double smallest = 0, largest = 1;
    if (!routed(scene)) {
        if (scene.matrix) largest = scene.matrix->largest(), smallest = scene.matrix->smallest();
    } else if (scene.view.metric == CellMetric::kGate) {
        largest = scene.routing.largestGate();
    } else if (scene.view.metric == CellMetric::kProbability) {
        largest = scene.routing.largestProbability();
    }
    const double magnitude = std::max(largest, -smallest);
    range.high = magnitude > 0 ? roundedUp(magnitude) : 1.0f;
    if (logarithmic) {
        range.low = range.high / 1000;
    } else if (smallest < 0 || scene.view.map == ColourMap::kDiverging) {
        range.low = -range.high;
    }
    return range;
}

std::string quantityName(const HeatmapScene& scene) {
    if (!routed(scene)) return scene.matrix ? scene.matrix->quantity : std::string();
    switch (scene.view.metric) {
        case CellMetric::kGate:
            return "gate";
        case CellMetric::kChosen:
            return "chosen";
        case CellMetric::kProbability:
            return "probability";
    }
    return {};
}

}  // namespace moescope
