#include "ui/heatmap/colour_table.h"

#include <algorithm>
#include <cmath>

#include "kernels/half.h"

namespace moescope {

double colourPosition(const ColourKey& key, double value) {
    if (std::isnan(value)) return value;
    const double low = key.range.low, high = key.range.high;
    if (key.scale == Scale::kLinear) return std::clamp((value - low) / (high - low), 0.0, 1.0);
    const double magnitude = key.diverging ? std::abs(value) : value;
    double t = 0;
    if (magnitude > low) t = std::min(1.0, std::log(magnitude / low) / std::log(high / low));
    return key.diverging ? 0.5 + std::copysign(0.5 * t, value) : t;
}

double valueAt(const ColourKey& key, double position) {
    const double low = key.range.low, high = key.range.high;
    if (key.scale == Scale::kLinear) return low + position * (high - low);
    if (!key.diverging) return low * std::pow(high / low, position);
    const double t = 2 * position - 1;
    return t == 0 ? 0 : std::copysign(low * std::pow(high / low, std::abs(t)), t);
}

ColourKey colourKey(const HeatmapScene& scene) {
    ColourKey key;
    key.map = scene.view.map;
    key.scale = scene.view.scale;
    key.range = resolvedRange(scene);
    if (scene.view.kind == HeatmapKind::kMatrix && scene.matrix) {
        key.half_unit = scene.matrix->halfUnit();
        key.diverging = scene.matrix->smallest() < 0;
    }
    key.diverging |= scene.view.map == ColourMap::kDiverging;
    return key;
}

std::vector<Argb> makeColourTable(const ColourKey& key) {
    std::vector<Argb> table(2 * kHalves);
    for (std::size_t h = 0; h < kHalves; ++h) {
        const double value = halfToFloat(static_cast<std::uint16_t>(h));
        table[h] = colour(key.map, colourPosition(key, value * key.half_unit));
        table[kHalves + h] = sharedColour(value);
    }
    return table;
}

}  // namespace moescope
