#include "ui/heatmap/make_renderer.h"

#include <cstdlib>
#include <string_view>

#include "ui/heatmap/cpu_renderer.h"

namespace moescope {
namespace {

/// Vulkan until it fails, then the CPU.
class FailoverRenderer : public HeatmapRenderer {
public:
    FailoverRenderer(std::unique_ptr<HeatmapRenderer> first, OnFallback on_fallback)
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
    OnFallback m_on_fallback;
    bool m_fallen = false;
};

}  // namespace

std::unique_ptr<HeatmapRenderer> withFallback(std::unique_ptr<HeatmapRenderer> first, OnFallback on_fallback) {
    return std::make_unique<FailoverRenderer>(std::move(first), std::move(on_fallback));
}

std::unique_ptr<HeatmapRenderer> makeRenderer(const RendererOptions& options) {
    const char* variable = std::getenv("MOESCOPE_HEATMAP");
    const std::string_view wish = variable ? variable : "";
    if (options.force_cpu || wish == "cpu") return std::make_unique<CpuRenderer>();
    VulkanOptions vulkan = options.vulkan;
    if (wish == "vulkan" || wish == "validation") vulkan.software = true;
    if (wish == "validation") vulkan.validation = true;
    auto renderer = makeVulkanRenderer(vulkan);
    if (renderer.ok()) return withFallback(std::move(*renderer), options.on_fallback);
    if (options.on_fallback) options.on_fallback(renderer.status().message());
    return std::make_unique<CpuRenderer>();
}

}  // namespace moescope
