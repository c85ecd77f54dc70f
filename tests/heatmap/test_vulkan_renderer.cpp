// The Vulkan renderer beside the CPU's: equal pictures, and no word from the validation layers.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <limits>

#include "tests/heatmap/compare_images.h"
#include "tests/heatmap/heatmap_data.h"
#include "tests/support/skip.h"
#include "ui/heatmap/cpu_renderer.h"
#include "ui/heatmap/vulkan/vulkan_renderer.h"

using namespace moescope;

namespace {

/// Channels may differ by so much, and only for means: the last bit of a half.
constexpr int kTolerance = 1;

/// Skips the test case, visibly, where there is no device or no validation layer.
std::unique_ptr<HeatmapRenderer> vulkan() {
    auto renderer = makeVulkanRenderer({.validation = true, .software = true});
    if (renderer.ok()) return std::move(*renderer);
    skipCase(renderer.status().message());
    return nullptr;
}

HeatmapRect randomRect(const HeatmapScene& scene, Dice& dice) {
    const HeatmapRect all = wholeRect(scene);
    HeatmapRect r;
    r.width = all.width * std::pow(dice.unit(), 3) + 0.5;
    r.height = all.height * std::pow(dice.unit(), 2) + 0.5;
    // Past the ends too: what is outside stays empty.
    r.x = (all.width + 2 - r.width) * dice.unit() - 1;
    r.y = (all.height + 2 - r.height) * dice.unit() - 1;
    return r;
}

void randomLook(HeatmapView& view, Dice& dice) {
    view.metric = static_cast<CellMetric>(dice.below(kCellMetrics));
    view.map = static_cast<ColourMap>(dice.below(kColourMaps));
    view.scale = dice.below(2) ? Scale::kLog : Scale::kLinear;
    view.aggregation = dice.below(2) ? Aggregation::kMean : Aggregation::kMax;
    view.lanes = dice.below(3) > 0;
    view.range.reset();
    if (dice.below(4) == 0) view.range = ValueRange{0.01f, 0.3f};
}

void check(HeatmapRenderer& gpu, const HeatmapScene& scene, int width, int height) {
    CpuRenderer cpu;
    const auto a = renderWhole(gpu, scene, width, height), b = renderWhole(cpu, scene, width, height);
    REQUIRE(a.ok());
    REQUIRE(b.ok());
    const Difference d = compare(*a, *b);
    INFO("level of ", wholeRect(scene).width, " columns, rect ", scene.view.rect.x, " ", scene.view.rect.y, " ",
         scene.view.rect.width, " ", scene.view.rect.height, ", ", width, " x ", height);
    CHECK(d.most <= (scene.view.aggregation == Aggregation::kMax ? 0 : kTolerance));
}

}  // namespace

TEST_CASE("20 random zooms, sizes and data sets") {
    const auto gpu = vulkan();
    if (!gpu) return;
    Dice dice(11);
    for (int round = 0; round < 20; ++round) {
        HeatmapScene scene;
        const RoutingShape shape{1, 1 + dice.below(27), 4 + dice.below(61), 1 + dice.below(4), dice.below(3)};
        scene.routing = madeUp(shape, 1 + dice.below(round % 4 == 0 ? 9000 : 700), static_cast<std::uint32_t>(round));
        for (int zoom = 0; zoom < 6; ++zoom) {
            randomLook(scene.view, dice);
            scene.view.layer = dice.below(2) ? -1 : dice.below(shape.moe_layers);
            scene.view.rect = zoom == 0 ? HeatmapRect() : randomRect(scene, dice);
            check(*gpu, scene, 1 + dice.below(400), 1 + dice.below(300));
        }
    }
    CHECK(vulkanValidationMessages() == 0);
}

TEST_CASE("matrices: signed values, NaN, lanes, many columns") {
    const auto gpu = vulkan();
    if (!gpu) return;
    Dice dice(5);
    for (int round = 0; round < 20; ++round) {
        HeatmapScene scene;
        scene.view.kind = HeatmapKind::kMatrix;
        const bool wide = round % 5 == 0;
        scene.matrix = madeUpMatrix(1 + dice.below(70), 1 + dice.below(wide ? 20000 : 100), round % 2 == 0, !wide);
        for (int zoom = 0; zoom < 3; ++zoom) {
            randomLook(scene.view, dice);
            scene.view.rect = zoom == 0 ? HeatmapRect() : randomRect(scene, dice);
            check(*gpu, scene, 1 + dice.below(300), 1 + dice.below(200));
        }
    }
    CHECK(vulkanValidationMessages() == 0);
}

TEST_CASE("nothing, one token, NaN and infinity in records") {
    const auto gpu = vulkan();
    if (!gpu) return;
    HeatmapScene scene;
    check(*gpu, scene, 7, 5);
    const RoutingShape shape{0, 2, 8, 2, 1};
    scene.routing = RoutingMatrix(shape);
    check(*gpu, scene, 7, 5);
    scene.routing = madeUp(shape, 1, 1);
    check(*gpu, scene, 64, 64);
    check(*gpu, scene, 1, 1);
    std::vector<LayerRouting> layers(2);
    for (LayerRouting& r : layers) {
        r.count = 2;
        r.experts = {3, 5};
        r.gates = {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()};
    }
    for (int t = 0; t < 3000; ++t) REQUIRE(scene.routing.append({0, t, Phase::kDecode, layers}).ok());
    for (const Aggregation aggregation : {Aggregation::kMax, Aggregation::kMean}) {
        scene.view.aggregation = aggregation;
        check(*gpu, scene, 100, 50);
        check(*gpu, scene, 6000, 20);
    }
    scene.view = {};
    scene.view.kind = HeatmapKind::kMatrix;
    check(*gpu, scene, 7, 5);
    scene.matrix = std::make_shared<DenseMatrix>(MatrixAxis{}, MatrixAxis{}, std::vector<float>());
    check(*gpu, scene, 7, 5);
    CHECK(!gpu->render(scene, 0, 5).ok());
    CHECK(vulkanValidationMessages() == 0);
}

TEST_CASE("tokens arrive while others are read in") {
    const auto gpu = vulkan();
    if (!gpu) return;
    HeatmapScene scene;
    scene.routing = madeUp({1, 27, 64, 6, 2}, 20000, 3);
    // In pieces: the first pictures are not complete, but right as far as they go.
    int pieces = 1;
    auto image = gpu->render(scene, 320, 200);
    while (image.ok() && !image->complete) {
        appendMadeUp(scene.routing, 50, static_cast<std::uint32_t>(pieces));
        image = gpu->render(scene, 320, 200);
        ++pieces;
    }
    REQUIRE(image.ok());
    CHECK(pieces > 2);
    for (int step = 0; step < 12; ++step) {
        appendMadeUp(scene.routing, 1 + step * 29, static_cast<std::uint32_t>(step));
        scene.view.aggregation = step % 2 ? Aggregation::kMean : Aggregation::kMax;
        check(*gpu, scene, 320, 200);
    }
    CHECK(vulkanValidationMessages() == 0);
}

TEST_CASE("images outlive their renderer") {
    auto gpu = vulkan();
    if (!gpu) return;
    HeatmapScene scene;
    scene.routing = madeUp({0, 2, 8, 2, 1}, 30, 1);
    std::vector<HeatmapImage> held;
    CpuRenderer cpu;
    for (int i = 0; i < 6; ++i) {
        scene.view.rect = {0, 0, 30.0 - i, 10};
        auto image = gpu->render(scene, 60, 40);
        REQUIRE(image.ok());
        held.push_back(*image);
    }
    gpu.reset();
    for (int i = 0; i < 6; ++i) {
        scene.view.rect = {0, 0, 30.0 - i, 10};
        const auto expected = renderWhole(cpu, scene, 60, 40);
        REQUIRE(expected.ok());
        CHECK(compare(held[static_cast<std::size_t>(i)], *expected).pixels == 0);
    }
    held.clear();
    CHECK(vulkanValidationMessages() == 0);
}
