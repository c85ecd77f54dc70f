#pragma once
// Chooses a renderer.

#include <functional>
#include <memory>
#include <string>

#include "ui/heatmap/heatmap_renderer.h"

namespace moescope {

struct RendererOptions {
    bool force_cpu = false;
    bool validation = false;  ///< Vulkan: with validation layers, synchronisation included
    /// Gets one sentence when the CPU must take over, on the thread that draws.
    std::function<void(const std::string&)> on_fallback;
};

/// Vulkan if there is a device, and the CPU if there is none or once it is lost. The environment variable
/// MOESCOPE_HEATMAP=cpu forces the CPU. Never fails.
std::unique_ptr<HeatmapRenderer> makeRenderer(const RendererOptions& options);

}  // namespace moescope
