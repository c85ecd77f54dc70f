#pragma once
// What a heatmap shows, as plain data: renderers, widgets and the command line agree on it.

#include <memory>
#include <optional>
#include <string>

#include "ui/heatmap/axis_layout.h"
#include "ui/heatmap/colour_map.h"
#include "ui/heatmap/dense_matrix.h"
#include "ui/heatmap/routing_matrix.h"

namespace moescope {

enum class HeatmapKind : std::uint8_t {
    kTokens,  ///< tokens (across) x experts of one MoE layer or of all, stacked
    kMatrix,  ///< a DenseMatrix
};

/// How cells that share a pixel become one.
enum class Aggregation : std::uint8_t {
    kMax,   ///< the value farthest from 0: a single token's spike stays visible at any zoom
    kMean,  ///< over all cells, those that are 0 included
};

enum class Scale : std::uint8_t { kLinear, kLog };

/// Values that the ends of the colours stand for. On a log scale `low` is above 0, and smaller values have its colour.
struct ValueRange {
    float low = 0, high = 1;
    bool operator==(const ValueRange&) const = default;
};

/// A part of the picture in cells: x along columns, y along rows of the layout (see AxisLayout). Zoom and pan.
struct HeatmapRect {
    double x = 0, y = 0, width = 0, height = 0;
    bool operator==(const HeatmapRect&) const = default;
};

struct HeatmapView {
    HeatmapKind kind = HeatmapKind::kTokens;
    int layer = -1;       ///< kTokens: a MoE layer from 0, or -1 for all
    int first_token = 0;  ///< kTokens: the number that the first one is shown with
    CellMetric metric = CellMetric::kGate;
    bool lanes = true;  ///< the shared experts' share as a lane; none if the data has none
    Aggregation aggregation = Aggregation::kMax;
    ColourMap map = ColourMap::kCividis;
    Scale scale = Scale::kLinear;
    std::optional<ValueRange> range;  ///< not set: from the data, see resolvedRange()
    HeatmapRect rect;                 ///< without width: everything
    bool operator==(const HeatmapView&) const = default;
};

/// A view and what it looks at. Cheap to copy; a copy may be drawn on another thread.
struct HeatmapScene {
    HeatmapView view;
    RoutingMatrix routing;                      ///< kTokens
    std::shared_ptr<const DenseMatrix> matrix;  ///< kMatrix; may be nullptr: nothing
};

/// A cell in the words of the data; -1 where an axis does not apply.
struct HeatmapCell {
    int column = -1, row = -1;  ///< of the picture's data: token and layer * experts + expert, or of the matrix
    int token = -1;
    int layer = -1;  ///< MoE layer from 0
    int expert = -1;
    bool lane = false;  ///< the shared experts' share
    bool valid() const { return column >= 0 || row >= 0; }
    bool operator==(const HeatmapCell&) const = default;
};

/// How the axes are divided. `rows` depends on the view's layer and lanes.
AxisLayout columnLayout(const HeatmapScene& scene);
AxisLayout rowLayout(const HeatmapScene& scene);
/// All of the picture.
HeatmapRect wholeRect(const HeatmapScene& scene);
/// The view's rectangle, or everything.
HeatmapRect visibleRect(const HeatmapScene& scene);

/// The cell at a point in cells; not valid in gaps and outside.
HeatmapCell cellAt(const HeatmapScene& scene, double x, double y);
/// The rectangle of a cell; without width if the view does not show it.
HeatmapRect cellRect(const HeatmapScene& scene, const HeatmapCell& cell);
/// The cell of a token, layer and expert in this view, as far as its axes have them; not valid if it is not shown.
HeatmapCell cellOf(const HeatmapScene& scene, int token, int layer, int expert);
/// Its value, not aggregated; NaN outside.
float cellValue(const HeatmapScene& scene, const HeatmapCell& cell);

/// The range that colours stand for: the view's own, else 0 (log scale: a thousandth) to the largest value, rounded up
/// to 1, 2 or 5 times a power of ten; for a matrix with values below 0, or the diverging map, symmetric around 0.
ValueRange resolvedRange(const HeatmapScene& scene);
/// What the colours measure: "gate", or the matrix' quantity.
std::string quantityName(const HeatmapScene& scene);

}  // namespace moescope
