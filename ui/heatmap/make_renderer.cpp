#include "ui/heatmap/make_renderer.h"

#include <cstdlib>
#include <string_view>

#include "ui/heatmap/cpu_renderer.h"
#include "ui/heatmap/vulkan/vulkan_renderer.h"

namespace moescope {
namespace {

/// Vulkan until it fails, then the CPU.
class FailoverRenderer : public HeatmapRenderer {
public:
    FailoverRenderer(std::unique_ptr<HeatmapRenderer> first, std::function<void(const std::string&)> on_fallback)
        : m_renderer(std::move(first)), m_on_fallback(std::move(on_fallback)) {}

    std::string name() const override { return m_renderer->name(); }
    std::size_t bytes() const override { return m_renderer->bytes(); }
    Result<HeatmapImage> render(const HeatmapScene& scene, int width, int height) override {
        Result<HeatmapImage> image = m_renderer->render(scene, width, height);
        if (image.ok() || m_fallen || image.status().code() == StatusCode::kInvalid) return image;
        m_fallen = true;
        m_renderer = std::make_unique<CpuRenderer>();
        if (m_on_fallback) m_on_fallback(image.status().message());
        return m_renderer->render(scene, width, height);
    }

private:
    std::unique_ptr<HeatmapRenderer> m_renderer;
    std::function<void(const std::string&)> m_on_fallback;
    bool m_fallen = false;
};

}  // namespace

std::unique_ptr<HeatmapRenderer> makeRenderer(const RendererOptions& options) {
    const char* wish = std::getenv("MOESCOPE_HEATMAP");
    if (options.force_cpu || (wish && std::string_view(wish) == "cpu")) return std::make_unique<CpuRenderer>();
    auto vulkan = makeVulkanRenderer(options.validation);
    if (vulkan.ok()) return std::make_unique<FailoverRenderer>(std::move(*vulkan), options.on_fallback);
    if (options.on_fallback) options.on_fallback(vulkan.status().message());
    return std::make_unique<CpuRenderer>();
}

}  // namespace moescope
