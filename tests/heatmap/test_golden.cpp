// Each kind of view in each colour map, against pictures that were looked at: by the CPU, and by Vulkan where it is.
// MOESCOPE_UPDATE_GOLDEN=1 writes them anew.

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "tests/heatmap/compare_images.h"
#include "tests/heatmap/heatmap_data.h"
#include "tests/heatmap/png_file.h"
#include "ui/heatmap/cpu_renderer.h"
#include "ui/heatmap/vulkan/vulkan_renderer.h"

using namespace moescope;

namespace {

constexpr int kWidth = 120, kHeight = 80;

/// Roundings of log() on other machines may move a colour by one.
constexpr int kTolerance = 1;

struct Named {
    std::string name;
    HeatmapScene scene;
};

std::vector<Named> scenes() {
    static const RoutingMatrix few = madeUp({1, 6, 16, 3, 2}, 60, 4), many = madeUp({1, 6, 16, 3, 2}, 5000, 4);
    std::vector<Named> all;
    const auto add = [&](const char* name, auto change) {
        for (int map = 0; map < kColourMaps; ++map) {
            Named named;
            named.scene.view.map = static_cast<ColourMap>(map);
            change(named.scene);
            named.name = std::string(name) + "_" + colourMapName(named.scene.view.map);
            all.push_back(std::move(named));
        }
    };
    add("layer", [](HeatmapScene& s) {
        s.routing = few;
        s.view.layer = 3;
    });
    add("layer_log_probability", [](HeatmapScene& s) {
        s.routing = few;
        s.view.layer = 0;
        s.view.metric = CellMetric::kProbability;
        s.view.scale = Scale::kLog;
        s.view.rect = {10.5, 2, 24, 12};
    });
    add("stacked_max", [](HeatmapScene& s) { s.routing = many; });
    add("stacked_mean", [](HeatmapScene& s) {
        s.routing = many;
        s.view.aggregation = Aggregation::kMean;
        s.view.range = ValueRange{0, 0.2f};
        s.view.lanes = false;
    });
    add("layers_by_experts", [](HeatmapScene& s) {
        s.view.kind = HeatmapKind::kMatrix;
        s.matrix = layersByExperts(few, LoadMetric::kRelativeLoad);
    });
    add("difference_nan", [](HeatmapScene& s) {
        s.view.kind = HeatmapKind::kMatrix;
        s.matrix = madeUpMatrix(12, 30, true, false);
    });
    return all;
}

std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("golden pictures") {
    CpuRenderer cpu;
    auto gpu = makeVulkanRenderer({.validation = true, .software = true});
    if (!gpu.ok()) std::printf("SKIPPED for Vulkan: %s\n", gpu.status().message().c_str());
    for (const Named& named : scenes()) {
        INFO(named.name);
        const std::string path = std::string(MOESCOPE_HEATMAP_GOLDEN) + "/" + named.name + ".png";
        const auto drawn = renderWhole(cpu, named.scene, kWidth, kHeight);
        REQUIRE(drawn.ok());
        if (std::getenv("MOESCOPE_UPDATE_GOLDEN")) {
            const auto png = encodePng(*drawn);
            REQUIRE(png.ok());
            std::ofstream(path, std::ios::binary) << *png;
        }
        const auto golden = decodePng(read(path));
        REQUIRE(golden.ok());
        CHECK(compare(*drawn, *golden).most <= kTolerance);
        if (!gpu.ok()) continue;
        const auto by_gpu = renderWhole(**gpu, named.scene, kWidth, kHeight);
        REQUIRE(by_gpu.ok());
        CHECK(compare(*by_gpu, *golden).most <= kTolerance);
    }
    CHECK(vulkanValidationMessages() == 0);
}

TEST_CASE("PNG files come back as they were") {
    CpuRenderer cpu;
    const auto drawn = renderWhole(cpu, scenes()[0].scene, 100, 70);
    REQUIRE(drawn.ok());
    const auto png = encodePng(*drawn);
    REQUIRE(png.ok());
    const auto back = decodePng(*png);
    REQUIRE(back.ok());
    CHECK(compare(*drawn, *back).pixels == 0);
    CHECK(!decodePng("no PNG").ok());
    CHECK(!decodePng(png->substr(0, png->size() / 2)).ok());
    // Over a background nothing shines through.
    const auto opaque = encodePng(*drawn, 0xff102030u);
    REQUIRE(opaque.ok());
    const auto over = decodePng(*opaque);
    REQUIRE(over.ok());
    for (int i = 0; i < 7000; ++i) {
        const Argb wanted = drawn->pixels.get()[i] ? drawn->pixels.get()[i] : 0xff102030u;
        if (over->pixels.get()[i] != wanted) FAIL("pixel ", i);
    }
}
