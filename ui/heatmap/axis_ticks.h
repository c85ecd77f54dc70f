#pragma once
// Where an axis of a heatmap gets labels, and what they say.

#include <string>
#include <vector>

#include "ui/heatmap/heatmap_view.h"

namespace moescope {

struct AxisTick {
    double position = 0;  ///< in cells of the layout, the middle of what it labels
    std::string label;
    bool lane = false;   ///< of the shared experts
    bool minor = false;  ///< of a cell within a labelled block
};

/// Labels of the part [begin, begin + size) of the axis, at least `spacing` pixels apart. Numbers count as users do:
/// layers from the model's first, dense ones included; experts from 0, tokens from the view's first_token.
std::vector<AxisTick> columnTicks(const HeatmapScene& scene, double begin, double size, double pixels, double spacing);
std::vector<AxisTick> rowTicks(const HeatmapScene& scene, double begin, double size, double pixels, double spacing);

/// Where groups of experts meet in the same part, in cells of the layout; none where there are no groups, or these are
/// less than `spacing` pixels wide.
std::vector<double> columnGroups(const HeatmapScene& scene, double begin, double size, double pixels, double spacing);
std::vector<double> rowGroups(const HeatmapScene& scene, double begin, double size, double pixels, double spacing);

/// "token", "expert", "layer", or what the matrix calls them.
std::string columnTitle(const HeatmapScene& scene);
std::string rowTitle(const HeatmapScene& scene);

/// A value in at most three digits: "0.31", "1200", "2.4e-05".
std::string shortNumber(double value);

}  // namespace moescope
