#include "ui/heatmap/axis_layout.h"

#include <cmath>

namespace moescope {

AxisLayout::Place AxisLayout::at(double position) const {
    if (!(position >= 0) || position >= static_cast<double>(size())) return {};
    const auto unit = static_cast<std::int64_t>(position);
    Place place;
    place.block = static_cast<int>(unit / pitch());
    const std::int64_t within = unit % pitch();
    if (within < cells) {
        place.part = Part::kCells;
        place.cell = within;
    } else if (lane > 0 && within >= laneOffset() && within < blockSize()) {
        place.part = Part::kLane;
    } else {
        place.part = Part::kGap;
    }
    return place;
}

}  // namespace moescope
