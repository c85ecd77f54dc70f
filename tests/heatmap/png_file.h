#pragma once
// Heatmaps as PNG files, without Qt.

#include <string>

#include "engine/base/status.h"
#include "ui/heatmap/heatmap_renderer.h"

namespace moescope {

/// The bytes of a PNG file, 8 bits a channel with transparency. `background`: what shows through, opaque; 0: nothing,
/// the file is transparent where there is no data.
Result<std::string> encodePng(const HeatmapImage& image, Argb background = 0);

/// Reads a PNG of any kind as premultiplied pixels; one sentence for what is not one, or larger than
/// kMaxHeatmapSide.
Result<HeatmapImage> decodePng(std::string_view bytes);

}  // namespace moescope
