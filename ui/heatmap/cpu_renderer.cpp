#include "ui/heatmap/cpu_renderer.h"

#include <algorithm>
#include <new>

#include "kernels/half.h"
#include "ui/heatmap/colour_table.h"
#include "ui/heatmap/pyramid.h"

namespace moescope {
namespace {

/// Columns read in a frame: some 10 ms.
constexpr std::int64_t kPiece = 8192;
/// Slots whose pixels are drawn together: their halves stay in the cache.
constexpr std::size_t kTile = 32;

}  // namespace

struct CpuRenderer::Impl {
    Pyramid pyramid;
    ColourKey key;
    std::vector<Argb> table;
    std::vector<std::uint16_t> slab;    // (slots, rows)
    std::vector<std::uint16_t> column;  // (kTile, pixels down): halves of one tile

    void sumRows(const FramePlan& plan, std::size_t slot, Aggregation aggregation, std::uint16_t* out) const;
    void draw(const FramePlan& plan, Aggregation aggregation, Argb* pixels);
};

CpuRenderer::CpuRenderer() : m_impl(std::make_unique<Impl>()) {}
CpuRenderer::~CpuRenderer() = default;

void CpuRenderer::Impl::sumRows(const FramePlan& plan, std::size_t slot, Aggregation aggregation,
                                std::uint16_t* out) const {
    const std::uint16_t* cells = &slab[slot * (plan.row_end - plan.row_begin)];
    const FramePlan::Pixel* const rows = plan.rows.data();
    for (std::size_t y = 0; y < plan.rows.size(); ++y) {
        const FramePlan::Pixel& row = rows[y];
        if (row.first == FramePlan::kOutside) continue;
        std::uint16_t half = cells[row.first];
        if (aggregation == Aggregation::kMax) {
            for (std::uint32_t r = 1; r < row.count; ++r) {
                const std::uint16_t other = cells[row.first + r];
                if ((other & 0x7fffu) > (half & 0x7fffu)) half = other;
            }
        } else if (row.count > 1) {
            float sum = 0;
            for (std::uint32_t r = 0; r < row.count; ++r) sum += halfToFloat(cells[row.first + r]);
            half = floatToHalf(sum / static_cast<float>(row.count));
        }
        out[y] = half;
    }
}

void CpuRenderer::Impl::draw(const FramePlan& plan, Aggregation aggregation, Argb* pixels) {
    const std::size_t width = plan.columns.size(), height = plan.rows.size();
    column.resize(kTile * height);
    // Plain pointers: a check of each index would cost a quarter of the frame.
    const FramePlan::Pixel* const columns = plan.columns.data();
    const std::uint16_t* const halves = column.data();
    const Argb* const colours = table.data();
    std::size_t x = 0;
    while (x < width) {
        if (columns[x].first == FramePlan::kOutside) {
            ++x;
            continue;
        }
        // The pixels of the next kTile slots: columns of pixels that are side by side, though zoomed-in slots repeat.
        const std::uint32_t first_slot = columns[x].first;
        std::size_t end = x;
        while (end < width && columns[end].first != FramePlan::kOutside && columns[end].first < first_slot + kTile) {
            ++end;
        }
        const std::uint32_t last_slot = columns[end - 1].first;
        for (std::uint32_t s = first_slot; s <= last_slot; ++s) {
            sumRows(plan, s, aggregation, &column[(s - first_slot) * height]);
        }
        for (std::size_t y = 0; y < height; ++y) {
            const FramePlan::Pixel& row = plan.rows[y];
            if (row.first == FramePlan::kOutside) continue;
            for (std::size_t i = x; i < end; ++i) {
                const FramePlan::Pixel& col = columns[i];
                const unsigned flags = col.flags | row.flags;
                const std::size_t half = halves[(col.first - first_slot) * height + y];
                const Argb colour = colours[half + ((flags & FramePlan::kLane) ? kHalves : 0)];
                pixels[y * width + i] = (flags & FramePlan::kEdge) ? edgeColour(colour) : colour;
            }
        }
        x = end;
    }
}

Result<HeatmapImage> CpuRenderer::render(const HeatmapScene& scene, int width, int height) {
    if (width < 1 || height < 1 || width > kMaxHeatmapSide || height > kMaxHeatmapSide) {
        return invalid("A heatmap of " + std::to_string(width) + " x " + std::to_string(height) +
                       " pixels cannot be drawn: sides may be 1 to " + std::to_string(kMaxHeatmapSide) + ".");
    }
    try {
        Impl& d = *m_impl;
        d.pyramid.attach(scene);
        HeatmapImage image{width, height, nullptr, true};
        const std::int64_t columns = columnLayout(scene).cells;
        FramePlan plan = planFrame(scene, columns, width, height);
        if (plan.level > 0) {
            image.complete = d.pyramid.read(kPiece);
            plan = planFrame(scene, d.pyramid.columnsRead(), width, height);
        }
        d.pyramid.build(plan.level);
        const ColourKey key = colourKey(scene);
        if (d.table.empty() || !(key == d.key)) d.table = makeColourTable(key);
        d.key = key;
        d.pyramid.fill(plan, scene.view.aggregation, d.slab);
        const std::size_t count = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
        const std::shared_ptr<Argb> pixels(new Argb[count](), std::default_delete<Argb[]>());
        d.draw(plan, scene.view.aggregation, pixels.get());
        image.pixels = pixels;
        return image;
    } catch (const std::bad_alloc&) {
        return outOfMemory(
            "There is not enough memory to draw the heatmap; make the window smaller, or show less data.");
    }
}

std::size_t CpuRenderer::bytes() const {
    return m_impl->pyramid.bytes() + m_impl->table.capacity() * sizeof(Argb) +
           2 * (m_impl->slab.capacity() + m_impl->column.capacity());
}

Result<HeatmapImage> renderWhole(HeatmapRenderer& renderer, const HeatmapScene& scene, int width, int height) {
    for (;;) {
        Result<HeatmapImage> image = renderer.render(scene, width, height);
        if (!image.ok() || image->complete) return image;
    }
}

}  // namespace moescope
