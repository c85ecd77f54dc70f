#pragma once
// Pictures of routing for `trace plot`.

#include <string>
#include <vector>

#include "app/cli/canvas.h"
#include "ui/heatmap/heatmap_view.h"

namespace moescope::cli {

struct PlotHeading {
    std::string title;     ///< "Layers x experts"
    std::string subtitle;  ///< of what, which tokens
};

/// Where a picture's body may be, under its heading.
struct PlotArea {
    double x = 0, y = 0, width = 0, height = 0;
};
PlotArea drawHeading(Canvas& canvas, const PlotHeading& heading);

/// A heatmap with its axes and a legend that tells what colours stand for.
Status drawHeatmap(Canvas& canvas, const PlotHeading& heading, const HeatmapScene& scene);

/// One curve over layers.
struct Curve {
    std::string name;
    std::vector<double> values;  ///< one per layer; NaN: not known
    double reference = 0;        ///< of an even load or of chance, drawn as a thin line
    std::string reference_name;  ///< "" for none
    Colour colour = 0;
    bool whole = false;  ///< counts: no ticks between whole numbers
};
/// A small chart for each group of curves, one below the other, over the same layers.
void drawCurves(Canvas& canvas, const PlotHeading& heading, int first_layer,
                const std::vector<std::vector<Curve>>& groups);

/// How tokens pass from the experts of one layer to those of another; `flow` is (experts, experts) as expertFlow()
/// gives.
void drawFlow(Canvas& canvas, const PlotHeading& heading, const std::string& from, const std::string& to, int experts,
              const std::vector<double>& flow);

}  // namespace moescope::cli
