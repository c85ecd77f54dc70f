#pragma once
// Chooses a renderer.

#include <functional>
#include <memory>
#include <string>

#include "ui/heatmap/heatmap_renderer.h"
#include "ui/heatmap/vulkan/vulkan_renderer.h"

namespace moescope {

/// Gets one sentence when the CPU must take over, on the thread that draws.
using OnFallback = std::function<void(const std::string&)>;

struct RendererOptions {
    bool force_cpu = false;
    VulkanOptions vulkan;
    OnFallback on_fallback;
};

/// Vulkan if there is a device, and the CPU if there is none or once it is lost. The environment variable
/// MOESCOPE_HEATMAP decides otherwise: `cpu` forces the CPU, with `vulkan` software devices count too, and `validation`
/// adds the validation layer to that. Never fails.
std::unique_ptr<HeatmapRenderer> makeRenderer(const RendererOptions& options);

/// Draws with `first` until it fails for another reason than a wrong size, then with the CPU.
std::unique_ptr<HeatmapRenderer> withFallback(std::unique_ptr<HeatmapRenderer> first, OnFallback on_fallback);

}  // namespace moescope
