#pragma once
// The heatmap drawn by Vulkan compute shaders into memory that the CPU reads: no window, no swapchain, no graphics
// queue, so it works wherever there is a device, under any platform of Qt, and in tests on lavapipe.

#include <memory>

#include "ui/heatmap/heatmap_renderer.h"

namespace moescope {

struct VulkanOptions {
    /// With the validation layer and its synchronization checks; fails without them.
    bool validation = false;
    /// Devices that are programs on the CPU (lavapipe) count too. CpuRenderer is several times faster than they are.
    bool software = false;
};

/// One sentence if this program was built without Vulkan, or there is no loader, driver or device.
Result<std::unique_ptr<HeatmapRenderer>> makeVulkanRenderer(const VulkanOptions& options);

/// How many messages the validation layers have given so far, all devices together.
int vulkanValidationMessages();

}  // namespace moescope
