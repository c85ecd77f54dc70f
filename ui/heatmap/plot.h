#pragma once
// A heatmap with title, axes and legend as SVG, without Qt: for the command line. The cells are an embedded PNG, the
// rest is vectors and text.

#include <string>

#include "ui/heatmap/heatmap_renderer.h"

namespace moescope {

struct PlotOptions {
    int width = 1200, height = 700;  ///< of the whole plot; at least 200 x 150 is used
    std::string title;
    bool dark = false;
};

Result<std::string> plotSvg(const HeatmapScene& scene, const PlotOptions& options);

/// The picture alone in such a size, as PNG: a pixel is a pixel of the cells.
Result<std::string> plotPng(const HeatmapScene& scene, const PlotOptions& options);

}  // namespace moescope
