#include "ui/heatmap/frame_plan.h"

#include <algorithm>
#include <cmath>

namespace moescope {
namespace {

using Part = AxisLayout::Part;
using Pixel = FramePlan::Pixel;

/// Blocks smaller than this many pixels show neither gaps nor lanes.
constexpr double kSmallBlock = 8;
/// Cells of at least this many pixels get a line between them.
constexpr double kLargeCell = 10;

/// Pixels of an axis: pixel i covers [edge(i), edge(i + 1)) of the layout.
struct Span {
    double begin, size;
    int pixels;
    double edge(int i) const { return begin + size * i / pixels; }
    double perPixel() const { return size / pixels; }
};

std::int64_t firstMiddle(double edge) {
    return static_cast<std::int64_t>(std::ceil(edge - 0.5));
}

/// What a pixel belongs to: the part at its middle; but what parts large blocks (the lane, else the gap) takes the
/// pixel that its own middle falls on, so that it shows at any zoom, and equally.
AxisLayout::Place place(const AxisLayout& layout, const Span& span, int pixel) {
    const double from = span.edge(pixel), to = span.edge(pixel + 1);
    AxisLayout::Place at = layout.at((from + to) / 2);
    const double pitch = static_cast<double>(layout.pitch());
    if (at.part == Part::kOutside) return at;
    if (pitch < kSmallBlock * span.perPixel()) {
        if (at.part != Part::kCells && layout.blocks > 1) at.part = Part::kCells, at.cell = layout.cells - 1;
        return at;
    }
    if (span.perPixel() < 1) return at;
    // The middle of a pixel may be in the block after the lane or gap whose middle it covers.
    for (const int block : {at.block, at.block - 1}) {
        const auto contains = [&](double offset) {
            const double middle = block * pitch + offset;
            return middle >= from && middle < to;
        };
        if (layout.lane > 0 && contains(static_cast<double>(layout.laneOffset()) + layout.lane / 2.0)) {
            return {Part::kLane, block, 0};
        }
        if (layout.lane == 0 && layout.gap > 0 && block + 1 < layout.blocks && contains(pitch - layout.gap / 2.0)) {
            return {Part::kGap, block, 0};
        }
    }
    if (at.part == Part::kGap && layout.gap < span.perPixel()) {
        // A gap of less than a pixel would show beside some lanes and not beside others: the lane parts blocks too.
        const bool after_lane = (from + to) / 2 >= at.block * pitch + static_cast<double>(layout.blockSize());
        at.part = Part::kCells;
        at.cell = layout.cells - 1;
        if (after_lane && at.block + 1 < layout.blocks) ++at.block, at.cell = 0;
    }
    return at;
}

/// Rows of cells: where a block's rows begin and which row is its lane.
struct RowNumbers {
    std::uint32_t first_block = 0, stride = 0;
    std::uint32_t of(int block, std::int64_t cell) const {
        return (first_block + static_cast<std::uint32_t>(block)) * stride + static_cast<std::uint32_t>(cell);
    }
};

std::vector<Pixel> planRows(const AxisLayout& layout, const Span& span, const RowNumbers& numbers) {
    std::vector<Pixel> pixels(static_cast<std::size_t>(span.pixels));
    const bool whole = span.perPixel() < 1;
    std::vector<AxisLayout::Place> places(pixels.size());
    for (int y = 0; y < span.pixels; ++y) places[static_cast<std::size_t>(y)] = place(layout, span, y);
    for (std::size_t y = 0; y < pixels.size(); ++y) {
        const AxisLayout::Place& at = places[y];
        if (at.part == Part::kLane) {
            pixels[y] = {numbers.of(at.block, layout.cells), 1, FramePlan::kLane};
        } else if (at.part == Part::kCells && whole) {
            pixels[y] = {numbers.of(at.block, at.cell), 1, 0};
        } else if (at.part == Part::kCells) {
            const auto same = [&](std::size_t other) {
                return places[other].part == Part::kCells && places[other].block == at.block;
            };
            const std::int64_t start = at.block * layout.pitch();
            std::int64_t first = firstMiddle(span.edge(static_cast<int>(y))) - start;
            std::int64_t end = firstMiddle(span.edge(static_cast<int>(y) + 1)) - start;
            // Rows whose own pixel went to a gap or a lane belong to the block's nearest pixel.
            if (y > 0 && !same(y - 1)) first = 0;
            if (y + 1 < pixels.size() && !same(y + 1)) end = layout.cells;
            first = std::clamp<std::int64_t>(first, 0, layout.cells - 1);
            end = std::clamp<std::int64_t>(end, first + 1, layout.cells);
            pixels[y] = {numbers.of(at.block, first),
                         static_cast<std::uint16_t>(std::min<std::int64_t>(end - first, 0xffff)), 0};
        }
    }
    return pixels;
}

void markEdges(std::vector<Pixel>& pixels) {
    for (std::size_t i = 1; i < pixels.size(); ++i) {
        if (pixels[i].first != FramePlan::kOutside && pixels[i - 1].first != FramePlan::kOutside &&
            pixels[i].first != pixels[i - 1].first) {
            pixels[i].flags |= FramePlan::kEdge;
        }
    }
}

void planColumns(FramePlan& plan, const AxisLayout& layout, const Span& span, std::int64_t columns) {
    plan.columns.resize(static_cast<std::size_t>(span.pixels));
    const std::int64_t bins = binCount(columns, plan.level);
    const double bin = static_cast<double>(std::int64_t(1) << plan.level);
    const bool whole = span.perPixel() < 1;
    std::int64_t previous = -1;
    for (int x = 0; x < span.pixels; ++x) {
        Pixel& pixel = plan.columns[static_cast<std::size_t>(x)];
        const AxisLayout::Place at = place(layout, span, x);
        const double from = span.edge(x), to = span.edge(x + 1);
        std::int64_t first = 0, end = 0;
        if (at.part == Part::kLane) {
            first = layout.cells;
            end = first + 1;
            pixel.flags = FramePlan::kLane;
        } else if (at.part == Part::kCells && whole) {
            first = at.cell;
            end = first < columns ? first + 1 : first;
        } else if (!whole &&
                   (at.part == Part::kCells || (at.part == Part::kOutside && from < static_cast<double>(columns)))) {
            first = std::clamp<std::int64_t>(firstMiddle(from / bin), 0, bins);
            end = std::clamp<std::int64_t>(firstMiddle(to / bin), 0, bins);
            // The last bin's middle may lie past the data.
            if (from < static_cast<double>(columns) && to >= static_cast<double>(columns)) end = bins;
        }
        if (first >= end) continue;
        if (!whole || first != previous) {
            plan.slots.push_back({static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(end - first)});
            plan.most_bins = std::max(plan.most_bins, plan.slots.back().count);
        }
        previous = first;
        pixel.first = static_cast<std::uint32_t>(plan.slots.size() - 1);
        pixel.count = 1;
    }
}

}  // namespace

int levelCount(std::int64_t columns) {
    if (binCount(columns, kFirstRoutingLevel) <= kFewBins) return 1;
    int level = kFirstRoutingLevel;
    while (binCount(columns, level) > kFewBins) ++level;
    return level + 1;
}

FramePlan planFrame(const HeatmapScene& scene, std::int64_t columns, int width, int height) {
    FramePlan plan;
    const HeatmapRect rect = visibleRect(scene);
    const AxisLayout across = columnLayout(scene), down = rowLayout(scene);
    plan.columns.resize(static_cast<std::size_t>(width));
    plan.rows.resize(static_cast<std::size_t>(height));
    columns = std::min(columns, across.cells);
    if (rect.width <= 0 || rect.height <= 0 || columns <= 0 || down.size() <= 0) return plan;

    const Span x{rect.x, rect.width, width}, y{rect.y, rect.height, height};
    if (x.perPixel() >= (1 << kFirstRoutingLevel) && across.lane == 0) {
        plan.level = std::min(static_cast<int>(std::log2(x.perPixel())), levelCount(columns) - 1);
    }
    planColumns(plan, across, x, columns);

    RowNumbers numbers;
    if (scene.view.kind == HeatmapKind::kTokens) {
        numbers.stride = static_cast<std::uint32_t>(rowStride(scene.routing.shape()));
        numbers.first_block = static_cast<std::uint32_t>(std::max(0, scene.view.layer));
    }
    plan.rows = planRows(down, y, numbers);
    plan.row_begin = FramePlan::kOutside;
    for (const Pixel& p : plan.rows) {
        if (p.first == FramePlan::kOutside) continue;
        plan.row_begin = std::min(plan.row_begin, p.first);
        plan.row_end = std::max(plan.row_end, p.first + p.count);
        plan.most_rows = std::max<std::uint32_t>(plan.most_rows, p.count);
    }
    if (plan.row_begin == FramePlan::kOutside) plan.row_begin = plan.row_end = 0;
    for (Pixel& p : plan.rows) {
        if (p.first != FramePlan::kOutside) p.first -= plan.row_begin;
    }
    if (x.perPixel() * kLargeCell <= 1 && y.perPixel() * kLargeCell <= 1) {
        markEdges(plan.columns);
        markEdges(plan.rows);
    }
    return plan;
}

}  // namespace moescope
