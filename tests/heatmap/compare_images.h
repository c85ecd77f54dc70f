#pragma once
// How far apart two pictures are.

#include <algorithm>
#include <cstdlib>

#include "ui/heatmap/heatmap_renderer.h"

namespace moescope {

struct Difference {
    int most = 0;    ///< in a channel, of 255; 256 if the sizes differ
    int pixels = 0;  ///< that are not equal
};

inline int distance(Argb a, Argb b) {
    int most = 0;
    for (int shift = 0; shift < 32; shift += 8) {
        most = std::max(most, std::abs(static_cast<int>(a >> shift & 255) - static_cast<int>(b >> shift & 255)));
    }
    return most;
}

inline Difference compare(const HeatmapImage& a, const HeatmapImage& b) {
    if (a.width != b.width || a.height != b.height) return {256, 0};
    Difference d;
    for (int i = 0; i < a.width * a.height; ++i) {
        const int apart = distance(a.pixels.get()[i], b.pixels.get()[i]);
        d.most = std::max(d.most, apart);
        d.pixels += apart > 0;
    }
    return d;
}

}  // namespace moescope
