#pragma once
// Draws a scene into an image. Two implementations: CpuRenderer and VulkanRenderer. Both follow one plan of which cells
// a pixel shows (frame_plan.h) and look colours up in one table (colour_table.h), so that cell edges and maxima are
// equal; means may differ in the last bit of a half, which is at most 1 of 255 in a colour channel.

#include <cstdint>
#include <memory>
#include <string>

#include "engine/base/status.h"
#include "ui/heatmap/heatmap_view.h"

namespace moescope {

/// Pixels 0xAARRGGBB, premultiplied, row after row from the top; 0 (transparent) where there is no data. The memory
/// may be a device's own: it stays valid as long as someone holds `pixels`, after the renderer's end too.
struct HeatmapImage {
    int width = 0, height = 0;
    std::shared_ptr<const Argb> pixels;
    /// False while data is still being read in, in pieces, so that no frame waits for 100,000 tokens: the picture lacks
    /// the newest tokens; draw again.
    bool complete = true;

    Argb at(int x, int y) const { return pixels.get()[static_cast<std::int64_t>(y) * width + x]; }
};

/// The largest width and height that renderers draw.
inline constexpr int kMaxHeatmapSide = 16384;

/// Used by one thread at a time. Keeps what it has read of a matrix and reads only what was appended since.
class HeatmapRenderer {
public:
    virtual ~HeatmapRenderer() = default;
    /// "CPU", or the device's name.
    virtual std::string name() const = 0;
    /// One frame. Fails only for sizes outside 1..kMaxHeatmapSide, for want of memory, or when the device is lost.
    virtual Result<HeatmapImage> render(const HeatmapScene& scene, int width, int height) = 0;
    /// Memory held for data and images, host and device together.
    virtual std::size_t bytes() const = 0;
};

/// Draws until the image is complete.
Result<HeatmapImage> renderWhole(HeatmapRenderer& renderer, const HeatmapScene& scene, int width, int height);

}  // namespace moescope
