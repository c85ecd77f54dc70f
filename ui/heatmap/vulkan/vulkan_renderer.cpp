#include "ui/heatmap/vulkan/vulkan_renderer.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>

#include "ui/heatmap/colour_table.h"
#include "ui/heatmap/cpu_renderer.h"
#include "ui/heatmap/vulkan/vulkan_pyramid.h"

namespace moescope {
namespace {

/// Images that may be shown, waited for or written at once.
constexpr std::size_t kImages = 3;
/// Cells that are worked out before their pixels are drawn; every device allows 128 MiB.
constexpr std::size_t kSlabBytes = 64 << 20;
constexpr std::uint32_t kWantMax = 1, kWantMean = 2;
/// Pixels of a workgroup of shade.comp.
constexpr std::uint32_t kGroupX = 64, kGroupY = 4;

struct ShadePush {
    std::uint32_t width, height, x_begin, x_count, slot_base, stride, row_offset, most_rows, want;
};

/// As the shaders read it.
struct PixelEntry {
    std::uint32_t first, count_and_flags;
};

PixelEntry entry(std::uint32_t first, std::uint32_t count, std::uint32_t flags) {
    return {first, std::min(count, 0xffffu) | flags << 16};
}

class VulkanRenderer : public HeatmapRenderer {
public:
    explicit VulkanRenderer(std::shared_ptr<VulkanDevice> device)
        : m_compute(std::move(device)), m_pyramid(m_compute) {}

    std::string name() const override { return m_compute.device()->name(); }
    Result<HeatmapImage> render(const HeatmapScene& scene, int width, int height) override;
    std::size_t bytes() const override;

private:
    std::shared_ptr<VulkanBuffer> freeImage(std::size_t bytes);
    void shade(const FramePlan& plan, const HeatmapScene& scene, const VulkanBuffer& image);

    VulkanCompute m_compute;
    VulkanPyramid m_pyramid;
    ColourKey m_key;
    std::shared_ptr<VulkanBuffer> m_colours, m_slab;
    std::vector<std::shared_ptr<VulkanBuffer>> m_images;
};

Result<HeatmapImage> VulkanRenderer::render(const HeatmapScene& scene, int width, int height) {
    const bool sane = width >= 1 && height >= 1 && width <= kMaxHeatmapSide && height <= kMaxHeatmapSide;
    const std::size_t bytes = sane ? std::size_t(width) * std::size_t(height) * 4 : 0;
    if (!sane || bytes > m_compute.device()->limits().maxStorageBufferRange) {
        // An export of a size that no screen has; or one sentence about the size.
        CpuRenderer cpu;
        return renderWhole(cpu, scene, width, height);
    }
    try {
        const std::shared_ptr<VulkanBuffer> image = freeImage(bytes);
        m_compute.begin();
        m_pyramid.attach(scene);
        const bool complete = m_pyramid.read();
        const FramePlan plan = planFrame(scene, m_pyramid.columnsRead(), width, height);
        m_pyramid.build(plan.level);
        shade(plan, scene, *image);
        m_compute.run();
        image->invalidate();
        return HeatmapImage{width, height, std::shared_ptr<const Argb>(image, static_cast<const Argb*>(image->data())),
                            complete};
    } catch (const VulkanError& error) {
        return ioError(error.what());
    } catch (const std::bad_alloc&) {
        return outOfMemory(
            "There is not enough memory to draw the heatmap; make the window smaller, or show less data.");
    }
}

void VulkanRenderer::shade(const FramePlan& plan, const HeatmapScene& scene, const VulkanBuffer& image) {
    const ColourKey key = colourKey(scene);
    if (!m_colours || !(key == m_key)) {
        const std::vector<Argb> table = makeColourTable(key);
        const std::size_t bytes = table.size() * sizeof table[0];
        m_compute.grow(m_colours, bytes, 0);
        void* data = nullptr;
        const BufferPart staged = m_compute.stage(bytes, &data);
        std::memcpy(data, table.data(), bytes);
        m_compute.copy(staged, {m_colours->handle(), 0, bytes});
        m_key = key;
    }
    std::vector<PixelEntry> columns, rows;
    for (const FramePlan::Pixel& p : plan.columns) columns.push_back(entry(p.first, 1, p.flags));
    for (const FramePlan::Pixel& p : plan.rows) rows.push_back(entry(p.first, p.count, p.flags));
    const BufferPart column_part = m_compute.upload(columns.data(), columns.size() * sizeof columns[0]);
    const BufferPart row_part = m_compute.upload(rows.data(), rows.size() * sizeof rows[0]);
    const bool empty = plan.slots.empty() || plan.row_end == plan.row_begin;
    // Shaders need something to look at, even if no pixel shows a cell.
    const BufferPart slots =
        empty ? row_part : m_compute.upload(plan.slots.data(), plan.slots.size() * sizeof plan.slots[0]);
    m_compute.barrier();

    const std::size_t slot_bytes = empty ? 4 : std::size_t(m_pyramid.slotRows(plan)) * 4;
    const std::size_t slots_at_once = std::max<std::size_t>(1, kSlabBytes / slot_bytes);
    m_compute.grow(m_slab, std::max<std::size_t>(1, std::min(slots_at_once, plan.slots.size())) * slot_bytes, 0);
    const auto width = static_cast<std::uint32_t>(plan.columns.size());
    const auto height = static_cast<std::uint32_t>(plan.rows.size());
    // Stripes of as many columns as the slab holds; nearly always one.
    for (std::uint32_t x = 0, end = 0; x < width; x = end) {
        std::uint32_t first = FramePlan::kOutside, last = 0;
        for (; end < width; ++end) {
            const std::uint32_t slot = plan.columns[end].first;
            if (slot == FramePlan::kOutside || empty) continue;
            if (first == FramePlan::kOutside) first = slot;
            if (slot - first >= slots_at_once) break;
            last = slot;
        }
        BufferPart slab{m_slab->handle(), 0, slot_bytes};
        if (first != FramePlan::kOutside) {
            slab.bytes = (last + 1 - first) * slot_bytes;
            m_pyramid.fill(plan, first, last + 1, scene.view.aggregation, slots, slab);
            m_compute.barrier();
        }
        const ShadePush push{width,
                             height,
                             x,
                             end - x,
                             first == FramePlan::kOutside ? 0 : first,
                             static_cast<std::uint32_t>(slot_bytes / 4),
                             empty ? 0 : m_pyramid.rowOffset(plan),
                             plan.most_rows,
                             scene.view.aggregation == Aggregation::kMax ? kWantMax : kWantMean};
        m_compute.dispatch(Shader::kShade,
                           {slab,
                            column_part,
                            row_part,
                            {m_colours->handle(), 0, m_colours->bytes()},
                            {image.handle(), 0, std::size_t(width) * height * 4}},
                           push, (end - x + kGroupX - 1) / kGroupX, (height + kGroupY - 1) / kGroupY);
        if (end < width) m_compute.barrier();
    }
}

std::shared_ptr<VulkanBuffer> VulkanRenderer::freeImage(std::size_t bytes) {
    for (const auto& image : m_images) {
        if (image.use_count() != 1 || image->bytes() < bytes || image->bytes() > 2 * bytes + 4096) continue;
        // Whoever let go of it on another thread has read it before.
        std::atomic_thread_fence(std::memory_order_acquire);
        return image;
    }
    auto image = std::make_shared<VulkanBuffer>(m_compute.device(), bytes, VulkanBuffer::Use::kReadBack);
    // Images of another size, or those that are shown still, live as long as someone holds them.
    if (m_images.size() == kImages) m_images.erase(m_images.begin());
    m_images.push_back(image);
    return image;
}

std::size_t VulkanRenderer::bytes() const {
    std::size_t sum =
        m_compute.bytes() + m_pyramid.bytes() + (m_slab ? m_slab->bytes() : 0) + (m_colours ? m_colours->bytes() : 0);
    for (const auto& image : m_images) sum += image->bytes();
    return sum;
}

}  // namespace

Result<std::unique_ptr<HeatmapRenderer>> makeVulkanRenderer(const VulkanOptions& options) {
    try {
        return std::unique_ptr<HeatmapRenderer>(std::make_unique<VulkanRenderer>(VulkanDevice::shared(options)));
    } catch (const VulkanError& error) {
        return unsupported(error.what());
    }
}

int vulkanValidationMessages() {
    return VulkanDevice::messages();
}

}  // namespace moescope
