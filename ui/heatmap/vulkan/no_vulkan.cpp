// Stands in where Vulkan's headers or glslc were missing when the program was built.

#include "ui/heatmap/vulkan/vulkan_renderer.h"

namespace moescope {

Result<std::unique_ptr<HeatmapRenderer>> makeVulkanRenderer(const VulkanOptions&) {
    return unsupported("Heatmaps are drawn by the CPU: this program was built without Vulkan.");
}

int vulkanValidationMessages() {
    return 0;
}

}  // namespace moescope
