#pragma once
// The heatmap drawn by Vulkan compute shaders into memory that the CPU reads: no window, no swapchain, no graphics
// queue, so it works wherever there is a device, under any platform of Qt, and in tests on lavapipe.

#include <memory>

#include "ui/heatmap/heatmap_renderer.h"

namespace moescope {

/// One sentence if this program was built without Vulkan, or there is no loader, driver or device. `validation` asks
/// for the validation layer with synchronisation checks, and fails without it.
Result<std::unique_ptr<HeatmapRenderer>> makeVulkanRenderer(bool validation);

/// How many messages the validation layers have given so far, all devices together.
int vulkanValidationMessages();

}  // namespace moescope
