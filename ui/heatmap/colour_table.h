#pragma once
// The colour of every half: drawing a cell is one lookup, and both renderers give the same colour.

#include <vector>

#include "ui/heatmap/heatmap_view.h"

namespace moescope {

struct ColourKey {
    ColourMap map = ColourMap::kCividis;
    Scale scale = Scale::kLinear;
    ValueRange range;
    bool diverging = false;  ///< the middle of the colours is 0
    float half_unit = 1;     ///< what a half of 1 stands for
    bool operator==(const ColourKey&) const = default;
};

inline constexpr std::size_t kHalves = 65536;

/// Where a value lies between the ends of the colours, 0 to 1; NaN stays NaN.
double colourPosition(const ColourKey& key, double value);
/// The value at a position: the inverse, for legends.
double valueAt(const ColourKey& key, double position);

ColourKey colourKey(const HeatmapScene& scene);
/// 2 * kHalves colours: for cells, then for the lane.
std::vector<Argb> makeColourTable(const ColourKey& key);

/// The colour of a cell's first pixel where cells are large: a quiet line between cells.
inline Argb edgeColour(Argb colour) {
    return 0xff000000u | (((colour >> 1) & 0x7f7f7fu) + ((colour >> 2) & 0x3f3f3fu));
}

}  // namespace moescope
