// What the CPU renderer draws, pixel by pixel against the data.

#include <doctest/doctest.h>

#include "tests/heatmap/compare_images.h"
#include "tests/heatmap/heatmap_data.h"
#include "ui/heatmap/colour_table.h"
#include "ui/heatmap/cpu_renderer.h"

using namespace moescope;

namespace {

constexpr RoutingShape kShape{1, 3, 8, 2, 1};

Argb expected(const HeatmapScene& scene, float value, bool lane) {
    return lane ? sharedColour(value) : colour(scene.view.map, colourPosition(colourKey(scene), value));
}

/// Draws with cells of 4 x 4 pixels and compares every pixel with its cell's value.
void checkCells(HeatmapScene scene) {
    const HeatmapRect whole = wholeRect(scene);
    const int width = 4 * static_cast<int>(whole.width), height = 4 * static_cast<int>(whole.height);
    CpuRenderer renderer;
    const auto image = renderWhole(renderer, scene, width, height);
    REQUIRE(image.ok());
    int wrong = 0;
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            const HeatmapCell cell = cellAt(scene, (x + 0.5) / 4, (y + 0.5) / 4);
            // 1: halves have three digits, colours 256 steps.
            const Argb wanted = cell.valid() ? expected(scene, cellValue(scene, cell), cell.lane) : 0;
            if (distance(image->at(x, y), wanted) > 1) ++wrong;
        }
    }
    CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("every pixel has its cell's colour") {
    HeatmapScene scene;
    scene.routing = madeUp(kShape, 40, 7);
    for (const int layer : {-1, 0, 2}) {
        for (const CellMetric metric : {CellMetric::kGate, CellMetric::kChosen, CellMetric::kProbability}) {
            for (const bool lanes : {true, false}) {
                scene.view.layer = layer;
                scene.view.metric = metric;
                scene.view.lanes = lanes;
                scene.view.scale = metric == CellMetric::kGate ? Scale::kLog : Scale::kLinear;
                checkCells(scene);
            }
        }
    }
    scene.view.kind = HeatmapKind::kMatrix;
    for (const ColourMap map : {ColourMap::kCividis, ColourMap::kDiverging}) {
        scene.view.map = map;
        scene.matrix = madeUpMatrix(9, 14, map == ColourMap::kDiverging, true);
        checkCells(scene);
        scene.matrix = layersByExperts(scene.routing, LoadMetric::kRelativeLoad);
        checkCells(scene);
    }
}

TEST_CASE("zoomed out, a pixel shows the maximum or the mean of its cells") {
    const int tokens = 5000, width = 100;  // 50 tokens a pixel: bins of 32
    HeatmapScene scene;
    scene.routing = madeUp(kShape, tokens, 3);
    scene.view.layer = 1;
    scene.view.lanes = false;
    for (const Aggregation aggregation : {Aggregation::kMax, Aggregation::kMean}) {
        scene.view.aggregation = aggregation;
        if (aggregation == Aggregation::kMean) scene.view.range = ValueRange{0, 0.2f};
        CpuRenderer renderer;
        const auto image = renderWhole(renderer, scene, width, kShape.experts);
        REQUIRE(image.ok());
        int bins = 0;
        for (int x = 0; x < width; ++x) {
            // Bins of 32 tokens whose middle lies in [50 x, 50 x + 50); the last one ends with the data.
            std::vector<int> members;
            for (int b = 0; b * 32 < tokens; ++b) {
                const bool last = b == tokens / 32;
                if ((b * 32 + 16 < 50 * x || b * 32 + 16 >= 50 * (x + 1)) && !(last && x == width - 1)) continue;
                if (last && x < width - 1) continue;
                ++bins;
                for (int t = b * 32; t < std::min(tokens, b * 32 + 32); ++t) members.push_back(t);
            }
            for (int e = 0; e < kShape.experts; ++e) {
                float most = 0, sum = 0;
                for (const int t : members) {
                    const float v = cellValue(scene, cellOf(scene, t, 1, e));
                    most = std::max(most, v);
                    sum += v;
                }
                const float value = aggregation == Aggregation::kMax ? most : sum / static_cast<float>(members.size());
                CHECK(distance(image->at(x, e), expected(scene, value, false)) <= 1);
            }
        }
        CHECK(bins == (tokens + 31) / 32);
    }
}

TEST_CASE("a single spike stays visible at any zoom") {
    RoutingShape shape{0, 2, 16, 1, 0};
    HeatmapScene scene;
    scene.routing = RoutingMatrix(shape);
    std::vector<LayerRouting> layers(2);
    for (int t = 0; t < 30000; ++t) {
        for (LayerRouting& r : layers) {
            r.count = 1;
            r.experts[0] = t == 12345 ? 9 : 0;
            r.gates[0] = 0.5f;
        }
        REQUIRE(scene.routing.append({0, t, Phase::kDecode, layers}).ok());
    }
    scene.view.layer = 1;
    CpuRenderer renderer;
    for (const int width : {3, 50, 777, 1600, 9999}) {
        const auto image = renderWhole(renderer, scene, width, 16);
        REQUIRE(image.ok());
        int seen = 0;
        for (int x = 0; x < width; ++x) seen += image->at(x, 9) != image->at(x, 10);
        CHECK(seen == 1);
    }
}

TEST_CASE("no data, one token, sizes that cannot be") {
    CpuRenderer renderer;
    HeatmapScene scene;
    auto image = renderWhole(renderer, scene, 5, 4);
    REQUIRE(image.ok());
    for (int i = 0; i < 20; ++i) CHECK(image->pixels.get()[i] == 0);
    scene.routing = madeUp(kShape, 1, 1);
    checkCells(scene);
    scene.view.kind = HeatmapKind::kMatrix;
    CHECK(renderWhole(renderer, scene, 5, 4).ok());
    CHECK(!renderer.render(scene, 0, 4).ok());
    CHECK(!renderer.render(scene, 4, kMaxHeatmapSide + 1).ok());
}

TEST_CASE("tokens that come later change only what they touch") {
    HeatmapScene scene;
    scene.routing = madeUp(kShape, 3000, 5);
    scene.view.rect = {0, 0, 6000, wholeRect(scene).height};
    CpuRenderer growing;
    for (int step = 0; step < 20; ++step) {
        appendMadeUp(scene.routing, 1 + step * 13, static_cast<std::uint32_t>(100 + step));
        for (const Aggregation aggregation : {Aggregation::kMax, Aggregation::kMean}) {
            scene.view.aggregation = aggregation;
            CpuRenderer fresh;
            const auto a = renderWhole(growing, scene, 200, 90), b = renderWhole(fresh, scene, 200, 90);
            REQUIRE(a.ok());
            REQUIRE(b.ok());
            CHECK(std::equal(a->pixels.get(), a->pixels.get() + 200 * 90, b->pixels.get()));
        }
    }
}
