#pragma once
// The heatmap drawn by one thread of the CPU: the reference, and what serves when there is no Vulkan.

#include "ui/heatmap/heatmap_renderer.h"

namespace moescope {

class CpuRenderer : public HeatmapRenderer {
public:
    CpuRenderer();
    ~CpuRenderer() override;
    std::string name() const override { return "CPU"; }
    Result<HeatmapImage> render(const HeatmapScene& scene, int width, int height) override;
    std::size_t bytes() const override;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace moescope
