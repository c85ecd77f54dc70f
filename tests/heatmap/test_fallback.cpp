// What happens without Vulkan, and when its device is lost.

#include <doctest/doctest.h>

#include <cstdlib>

#include "tests/heatmap/compare_images.h"
#include "tests/heatmap/heatmap_data.h"
#include "ui/heatmap/cpu_renderer.h"
#include "ui/heatmap/make_renderer.h"

using namespace moescope;

namespace {

/// Draws a few frames, and then its device is lost.
class Doomed : public HeatmapRenderer {
public:
    std::string name() const override { return "Doomed"; }
    std::size_t bytes() const override { return 0; }
    Result<HeatmapImage> render(const HeatmapScene& scene, int width, int height) override {
        if (++m_frames > 3) return ioError("Heatmaps are drawn by the CPU: the device was lost.");
        return m_cpu.render(scene, width, height);
    }

private:
    CpuRenderer m_cpu;
    int m_frames = 0;
};

}  // namespace

TEST_CASE("a lost device: the CPU goes on, with one sentence") {
    std::vector<std::string> sentences;
    const auto renderer =
        withFallback(std::make_unique<Doomed>(), [&](const std::string& sentence) { sentences.push_back(sentence); });
    HeatmapScene scene;
    scene.routing = madeUp({0, 2, 8, 2, 1}, 3000, 1);
    CpuRenderer cpu;
    const auto wanted = renderWhole(cpu, scene, 80, 50);
    REQUIRE(wanted.ok());
    for (int frame = 0; frame < 8; ++frame) {
        const auto image = renderWhole(*renderer, scene, 80, 50);
        REQUIRE(image.ok());
        CHECK(compare(*image, *wanted).pixels == 0);
    }
    CHECK(sentences == std::vector<std::string>{"Heatmaps are drawn by the CPU: the device was lost."});
    CHECK(renderer->name() == "CPU");
    CHECK(!renderer->render(scene, 0, 0).ok());
}

TEST_CASE("no driver: the CPU draws, and says why") {
    // The loader reads these when an instance is made.
    setenv("VK_DRIVER_FILES", "/nonexistent.json", 1);
    setenv("VK_ICD_FILENAMES", "/nonexistent.json", 1);
    std::string sentence;
    RendererOptions options;
    options.on_fallback = [&](const std::string& text) { sentence = text; };
    const auto renderer = makeRenderer(options);
    CHECK(renderer->name() == "CPU");
    CHECK(sentence.starts_with("Heatmaps are drawn by the CPU: "));
    HeatmapScene scene;
    scene.routing = madeUp({0, 2, 8, 2, 1}, 30, 1);
    CHECK(renderer->render(scene, 40, 40).ok());

    sentence.clear();
    setenv("MOESCOPE_HEATMAP", "cpu", 1);
    CHECK(makeRenderer(options)->name() == "CPU");
    CHECK(sentence.empty());  // asked for: nothing to explain
    unsetenv("MOESCOPE_HEATMAP");
}
