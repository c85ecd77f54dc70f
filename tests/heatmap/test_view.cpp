// Colours, scales, axes, and which cell lies under which pixel.

#include <doctest/doctest.h>

#include <limits>
#include <map>

#include "tests/heatmap/compare_images.h"
#include "tests/heatmap/heatmap_data.h"
#include "ui/heatmap/axis_ticks.h"
#include "ui/heatmap/colour_table.h"
#include "ui/heatmap/frame_plan.h"

using namespace moescope;

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// Perceived lightness, 0 to 100 (CIE L*).
double lightness(Argb colour_of) {
    const auto linear = [](unsigned channel) {
        const double c = channel / 255.0;
        return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
    };
    const double y = 0.2126 * linear(colour_of >> 16 & 255) + 0.7152 * linear(colour_of >> 8 & 255) +
                     0.0722 * linear(colour_of & 255);
    return y > 0.008856 ? 116 * std::cbrt(y) - 16 : 903.3 * y;
}

}  // namespace

TEST_CASE("colour maps: published values, rising lightness, a colour of its own for NaN") {
    CHECK(colour(ColourMap::kCividis, 0) == 0xff00224eu);
    CHECK(distance(colour(ColourMap::kCividis, 128 / 255.0), 0xff7d7c78u) <= 1);
    CHECK(distance(colour(ColourMap::kCividis, 1), 0xfffee838u) == 0);
    CHECK(distance(colour(ColourMap::kViridis, 128 / 255.0), 0xff21918cu) <= 1);
    CHECK(distance(colour(ColourMap::kMagma, 128 / 255.0), 0xffb73779u) <= 1);
    for (int m = 0; m < kColourMaps; ++m) {
        const auto map = static_cast<ColourMap>(m);
        CHECK(colour(map, kNan) == nanColour(map));
        CHECK(colour(map, -3) == colour(map, 0));
        CHECK(colour(map, 7) == colour(map, 1));
        for (int i = 0; i <= 255; ++i) CHECK(distance(colour(map, i / 255.0), nanColour(map)) > 60);
        if (map == ColourMap::kDiverging) continue;
        for (int i = 0; i < 255; ++i) {
            CHECK(lightness(colour(map, (i + 1) / 255.0)) > lightness(colour(map, i / 255.0)) - 0.6);
        }
    }
    // Differences of either sign look equally strong.
    for (int i = 0; i <= 127; ++i) {
        const double below = lightness(colour(ColourMap::kDiverging, i / 255.0));
        const double above = lightness(colour(ColourMap::kDiverging, 1 - i / 255.0));
        CHECK(std::abs(below - above) < 4);
    }
}

TEST_CASE("positions and values on the scales are each other's inverse") {
    for (const Scale scale : {Scale::kLinear, Scale::kLog}) {
        for (const bool diverging : {false, true}) {
            ColourKey key;
            key.scale = scale;
            key.diverging = diverging;
            key.range = scale == Scale::kLog ? ValueRange{0.001f, 2} : ValueRange{diverging ? -2.0f : 0.0f, 2};
            for (int i = 0; i <= 20; ++i) {
                const double position = i / 20.0;
                CHECK(colourPosition(key, valueAt(key, position)) == doctest::Approx(position).epsilon(1e-6));
            }
            CHECK(std::isnan(colourPosition(key, kNan)));
            CHECK(colourPosition(key, 1e9) == 1);
            CHECK(colourPosition(key, -1e9) == 0);
        }
    }
}

TEST_CASE("the range of the colours is the data's, rounded up") {
    HeatmapScene scene;
    const RoutingShape shape{0, 1, 8, 1, 0};
    scene.routing = RoutingMatrix(shape);
    std::vector<LayerRouting> layers(1);
    layers[0].count = 1;
    layers[0].experts[0] = 2;
    layers[0].gates[0] = 0.37f;
    REQUIRE(scene.routing.append({0, 0, Phase::kDecode, layers}).ok());
    CHECK(resolvedRange(scene) == ValueRange{0, 0.5f});
    scene.view.scale = Scale::kLog;
    CHECK(resolvedRange(scene).low == doctest::Approx(0.0005));
    scene.view.range = ValueRange{0, 0.2f};  // a log scale has no 0
    CHECK(resolvedRange(scene).low > 0);
    CHECK(resolvedRange(scene).high == 0.2f);
    scene.view = {};
    scene.view.kind = HeatmapKind::kMatrix;
    scene.matrix =
        std::make_shared<DenseMatrix>(MatrixAxis{AxisKind::kExpert, 2, 0, "expert", {}},
                                      MatrixAxis{AxisKind::kLayer, 1, 1, "layer", {}}, std::vector<float>{-0.3f, 110});
    CHECK(resolvedRange(scene) == ValueRange{-200, 200});
}

TEST_CASE("lines between groups of experts, where there are any and there is room") {
    RoutingShape shape{0, 2, 32, 4, 0};
    HeatmapScene scene;
    scene.routing = RoutingMatrix(shape);
    scene.view.layer = 0;
    CHECK(rowGroups(scene, 0, 32, 400, 16).empty());
    shape.groups = 4;
    shape.groups_used = 2;
    scene.routing = RoutingMatrix(shape);
    CHECK(rowGroups(scene, 0, 32, 400, 16) == std::vector<double>{8, 16, 24});
    CHECK(rowGroups(scene, 0, 20, 400, 16) == std::vector<double>{8, 16});
    CHECK(rowGroups(scene, 0, 32, 60, 16).empty());
    CHECK(columnGroups(scene, 0, 32, 400, 16).empty());
    // Of all layers, one above the other.
    scene.view.layer = -1;
    const double pitch = static_cast<double>(rowLayout(scene).pitch());
    const auto both = rowGroups(scene, 0, 2 * pitch, 2000, 16);
    CHECK(both == std::vector<double>{8, 16, 24, pitch + 8, pitch + 16, pitch + 24});
    scene.view = {};
    scene.view.kind = HeatmapKind::kMatrix;
    scene.matrix = layersByExperts(scene.routing, LoadMetric::kCount);
    CHECK(columnGroups(scene, 0, 32, 400, 16) == std::vector<double>{8, 16, 24});
    CHECK(rowGroups(scene, 0, 2, 400, 16).empty());
}

TEST_CASE("every bin and row belongs to exactly one pixel, at any zoom") {
    Dice dice(17);
    for (int round = 0; round < 300; ++round) {
        HeatmapScene scene;
        const RoutingShape shape{0, 1 + dice.below(6), 2 + dice.below(40), 1, dice.below(2)};
        const int tokens = 1 + dice.below(3000);
        scene.view.kind = HeatmapKind::kMatrix;
        scene.matrix = std::make_shared<DenseMatrix>(MatrixAxis{AxisKind::kToken, tokens * 10, 0, "token", {}},
                                                     MatrixAxis{AxisKind::kExpert, shape.experts, 0, "expert", {}},
                                                     std::vector<float>());
        const int width = 1 + dice.below(500), height = 1 + dice.below(200);
        const FramePlan plan = planFrame(scene, tokens * 10, width, height);
        // Zoomed in, a bin has several pixels: count those that start one.
        std::map<std::uint32_t, int> bins;
        for (std::size_t s = 0; s < plan.slots.size(); ++s) {
            for (std::uint32_t b = 0; b < plan.slots[s].count; ++b) ++bins[plan.slots[s].first + b];
        }
        CHECK(bins.size() == static_cast<std::size_t>(binCount(tokens * 10, plan.level)));
        for (const auto& [bin, times] : bins) CHECK(times == 1);
        std::map<std::uint32_t, int> rows;
        for (std::size_t y = 0; y < plan.rows.size(); ++y) {
            if (y > 0 && plan.rows[y].first == plan.rows[y - 1].first) continue;
            for (std::uint32_t r = 0; r < plan.rows[y].count; ++r) ++rows[plan.rows[y].first + r];
        }
        CHECK(rows.size() == static_cast<std::size_t>(shape.experts));
        for (const auto& [row, times] : rows) CHECK(times == 1);
    }
}

TEST_CASE("stacked layers: no row is lost, each layer has its lane") {
    Dice dice(5);
    for (int round = 0; round < 200; ++round) {
        HeatmapScene scene;
        const RoutingShape shape{0, 1 + dice.below(27), 4 + dice.below(61), 2, 1};
        scene.routing = madeUp(shape, 3, 1);
        scene.view.lanes = dice.below(2);
        const int height = 9 * shape.moe_layers + dice.below(900);
        const FramePlan plan = planFrame(scene, 3, 20, height);
        std::map<std::uint32_t, int> rows;
        for (const FramePlan::Pixel& p : plan.rows) {
            if (p.first == FramePlan::kOutside) continue;
            for (std::uint32_t r = 0; r < p.count; ++r) ++rows[plan.row_begin + p.first + r];
        }
        const std::size_t a_layer = static_cast<std::size_t>(shape.experts) + (scene.view.lanes ? 1 : 0);
        CHECK(rows.size() == a_layer * static_cast<std::size_t>(shape.moe_layers));
    }
}

TEST_CASE("cells and their rectangles agree") {
    HeatmapScene scene;
    scene.routing = madeUp({1, 5, 12, 2, 2}, 40, 1);
    for (const int layer : {-1, 3}) {
        scene.view.layer = layer;
        const HeatmapRect all = wholeRect(scene);
        int lanes = 0, gaps = 0;
        for (int y = 0; y < static_cast<int>(all.height); ++y) {
            const HeatmapCell cell = cellAt(scene, 7.5, y + 0.5);
            gaps += !cell.valid();
            if (!cell.valid()) continue;
            lanes += cell.lane;
            const HeatmapRect r = cellRect(scene, cell);
            CHECK(r.y <= y);
            CHECK(r.y + r.height >= y + 1);
            CHECK(cell.token == 7);
            if (!cell.lane) CHECK(cellOf(scene, 7, cell.layer, cell.expert) == cell);
        }
        CHECK(lanes == (layer < 0 ? 5 : 1));
        CHECK(gaps == (layer < 0 ? 9 : 1));
        CHECK(!cellAt(scene, -0.5, 1).valid());
        CHECK(!cellAt(scene, 41, 1).valid());
        CHECK(!cellOf(scene, 40, 3, 0).valid());
        CHECK(!cellOf(scene, 0, 3, 12).valid());
    }
    scene.view.layer = 3;
    CHECK(!cellOf(scene, 0, 2, 0).valid());
}

TEST_CASE("labels of axes") {
    HeatmapScene scene;
    scene.routing = madeUp({1, 5, 12, 2, 2}, 1000, 1);
    const auto tokens = columnTicks(scene, 0, 1000, 500, 50);
    REQUIRE(tokens.size() == 10);
    CHECK(tokens[1].label == "100");
    CHECK(tokens[1].position == 100.5);
    const auto layers = rowTicks(scene, 0, wholeRect(scene).height, 100, 14);
    REQUIRE(layers.size() == 5);
    CHECK(layers[0].label == "1");  // the dense layer is 0
    scene.view.layer = 2;
    const auto experts = rowTicks(scene, 0, wholeRect(scene).height, 60, 14);
    REQUIRE(experts.size() == 3);
    CHECK(experts[2].label == "8");
    scene.view.kind = HeatmapKind::kMatrix;
    scene.matrix = layersByExperts(scene.routing, LoadMetric::kLoad);
    const auto columns = columnTicks(scene, 0, wholeRect(scene).width, 400, 40);
    CHECK(columns.back().lane);
    CHECK(columns.back().label == "shared");
    CHECK(shortNumber(1200) == "1200");
    CHECK(shortNumber(0.3125) == "0.312");
    CHECK(shortNumber(0.000024) == "2.4e-05");
}
