#include "ui/heatmap/vulkan/vulkan_pyramid.h"

#include <algorithm>

#include "kernels/half.h"

namespace moescope {
namespace {

/// What one frame reads in: some milliseconds.
constexpr std::size_t kPieceBytes = 6 << 20;
/// What a shader sees of data at once; every device allows 128 MiB.
constexpr std::size_t kWindowBytes = 64 << 20;
constexpr std::uint32_t kUnused = 0xffff;
constexpr std::uint32_t kWantMax = 1, kWantMean = 2, kGroup = 64;

struct ScatterPush {
    std::uint32_t slot_count, first_slot, layers, first_layer, layer_count, stride, room, sparse_base, cells_base, want;
};
struct GatherPush {
    std::uint32_t first_slot, rows, row_begin, row_count, bins_base, cells_base, level, columns, want;
};

std::uint32_t groups(std::size_t invocations) {
    return static_cast<std::uint32_t>((invocations + kGroup - 1) / kGroup);
}

}  // namespace

void VulkanPyramid::attach(const HeatmapScene& scene) {
    const bool matrix = scene.view.kind == HeatmapKind::kMatrix;
    const auto room = static_cast<std::uint32_t>(matrix ? 1 : scene.routing.mostCells(scene.view.metric));
    const bool same = matrix ? m_matrix && m_matrix == scene.matrix
                             : !m_matrix && m_routing.id() == scene.routing.id() && m_metric == scene.view.metric &&
                                   m_routing.tokens() <= scene.routing.tokens() && m_room >= room;
    m_routing = matrix ? RoutingMatrix() : scene.routing;
    m_matrix = matrix ? scene.matrix : nullptr;
    if (same) return;
    m_metric = scene.view.metric;
    m_room = room;
    m_read = 0;
    m_levels.clear();
    m_sparse = nullptr;
    m_rows = matrix ? (m_matrix ? static_cast<std::size_t>(m_matrix->rows().count) : 0)
                    : static_cast<std::size_t>(scene.routing.shape().moe_layers * rowStride(scene.routing.shape()));
}

std::int64_t VulkanPyramid::columns() const {
    return m_matrix ? m_matrix->columns().count : static_cast<std::int64_t>(m_routing.tokens());
}

std::size_t VulkanPyramid::tokenBytes() const {
    return static_cast<std::size_t>(m_routing.shape().moe_layers) * m_room * 4;
}

bool VulkanPyramid::read() {
    const std::int64_t all = columns(), first = m_read;
    if (first == all || m_rows == 0) return true;
    const std::size_t column_bytes = m_matrix ? m_rows * 4 : tokenBytes();
    const auto piece = static_cast<std::int64_t>(std::max<std::size_t>(1, kPieceBytes / column_bytes));
    m_read = std::min(all, first + piece);
    if (m_matrix) {
        readMatrix(first, m_read);
    } else {
        readTokens(first, m_read);
    }
    if (levelCount(m_read) > 1) build(kFirstRoutingLevel);
    return m_read == all;
}

void VulkanPyramid::build(int level) {
    if (level >= static_cast<int>(m_levels.size()) && level > 0) m_levels.resize(static_cast<std::size_t>(level) + 1);
    for (int l = kFirstRoutingLevel; l <= level; ++l) readLevel(l);
}

void VulkanPyramid::readTokens(std::int64_t first, std::int64_t end) {
    const std::size_t token_bytes = tokenBytes();
    // All that is known to come; later growth takes a quarter more at a time.
    m_compute.grow(m_sparse, static_cast<std::size_t>(columns()) * token_bytes,
                   static_cast<std::size_t>(first) * token_bytes);
    const std::size_t bytes = static_cast<std::size_t>(end - first) * token_bytes;
    void* data = nullptr;
    const BufferPart staged = m_compute.stage(bytes, &data);
    auto* entry = static_cast<std::uint32_t*>(data);
    SparseCell cells[kMaxSparseCells];
    for (std::int64_t t = first; t < end; ++t) {
        for (int l = 0; l < m_routing.shape().moe_layers; ++l) {
            const int count = m_routing.cells(static_cast<std::size_t>(t), l, m_metric, cells);
            for (std::uint32_t i = 0; i < m_room; ++i) {
                *entry++ = static_cast<int>(i) < count ? cells[i].row | static_cast<std::uint32_t>(cells[i].half) << 16
                                                       : kUnused;
            }
        }
    }
    m_compute.copy(staged, {m_sparse->handle(), static_cast<std::size_t>(first) * token_bytes, bytes});
    m_compute.barrier();
}

void VulkanPyramid::readMatrix(std::int64_t first, std::int64_t end) {
    if (m_levels.empty()) m_levels.resize(1);
    const int across = m_matrix->columns().count;
    const bool lane = m_matrix->hasLane() && end == across;
    m_compute.grow(m_levels[0].cells, static_cast<std::size_t>(across + 1) * m_rows * 4,
                   static_cast<std::size_t>(first) * m_rows * 4);
    const std::size_t bytes = (static_cast<std::size_t>(end - first) + (lane ? 1 : 0)) * m_rows * 4;
    void* data = nullptr;
    const BufferPart staged = m_compute.stage(bytes, &data);
    auto* cell = static_cast<std::uint32_t*>(data);
    const auto both = [](float value) {
        const std::uint32_t bits = floatToHalf(value);
        return bits | bits << 16;
    };
    const float scale = 1 / m_matrix->halfUnit();
    for (std::int64_t c = first; c < end; ++c) {
        for (int r = 0; r < m_matrix->rows().count; ++r) *cell++ = both(m_matrix->at(r, static_cast<int>(c)) * scale);
    }
    if (lane) {
        for (const float v : m_matrix->lane) *cell++ = both(v);
    }
    m_compute.copy(staged, {m_levels[0].cells->handle(), static_cast<std::size_t>(first) * m_rows * 4, bytes});
    m_compute.barrier();
}

void VulkanPyramid::readLevel(int index) {
    Level& level = m_levels[static_cast<std::size_t>(index)];
    const int below = index == kFirstRoutingLevel ? 0 : index - 1;
    const std::int64_t each = std::int64_t(1) << (index - below), available = binCount(m_read, below);
    const std::int64_t first = level.columns >> index, end = binCount(m_read, index);
    const std::int64_t old = binCount(level.columns, index);
    level.columns = m_read;
    if (first == end) return;
    m_compute.grow(level.cells, static_cast<std::size_t>(binCount(columns(), index)) * m_rows * 4,
                   static_cast<std::size_t>(old) * m_rows * 4);
    std::vector<FramePlan::Slot> runs;
    for (std::int64_t b = first; b < end; ++b) {
        runs.push_back(
            {static_cast<std::uint32_t>(b * each), static_cast<std::uint32_t>(std::min(each, available - b * each))});
    }
    const BufferPart slots = m_compute.upload(runs.data(), runs.size() * sizeof runs[0]);
    m_compute.barrier();
    const auto count = static_cast<std::uint32_t>(runs.size());
    const std::size_t offset = static_cast<std::size_t>(first) * m_rows * 4;
    const BufferPart cells{level.cells->handle(), offset, level.cells->bytes() - offset};
    if (below == 0 && !m_matrix) {
        scatter(runs.data(), 0, count, slots, 0, static_cast<std::uint32_t>(m_routing.shape().moe_layers),
                kWantMax | kWantMean, cells);
    } else {
        gather(below, runs.data(), 0, count, slots, 0, static_cast<std::uint32_t>(m_rows), kWantMax | kWantMean, cells);
    }
    m_compute.barrier();
}

BufferPart VulkanPyramid::window(const VulkanBuffer& buffer, std::size_t first, std::size_t end,
                                 std::uint32_t& base) const {
    const std::size_t offset = first / m_compute.alignment() * m_compute.alignment();
    base = static_cast<std::uint32_t>(offset / 4);
    return {buffer.handle(), offset, end - offset};
}

void VulkanPyramid::scatter(const FramePlan::Slot* runs, std::uint32_t first, std::uint32_t count,
                            const BufferPart& slots, std::uint32_t first_layer, std::uint32_t layer_count,
                            std::uint32_t want, const BufferPart& cells) {
    const auto stride = static_cast<std::uint32_t>(rowStride(m_routing.shape()));
    const std::size_t token_bytes = tokenBytes(), slot_bytes = std::size_t(layer_count) * stride * 4;
    m_compute.grow(m_sums, std::min(count * slot_bytes, std::max(kWindowBytes, slot_bytes)), 0);
    const auto sums_room = static_cast<std::uint32_t>(m_sums->bytes() / slot_bytes);
    for (std::uint32_t s = 0; s < count;) {
        // As many slots as fit a window of records and the sums.
        std::uint32_t n = 1;
        const auto end_of = [&](std::uint32_t i) { return std::size_t(runs[first + i].first) + runs[first + i].count; };
        const std::size_t begin = runs[first + s].first * token_bytes;
        while (s + n < count && n < sums_room && end_of(s + n) * token_bytes - begin <= kWindowBytes) ++n;
        ScatterPush push{n,           first + s,   static_cast<std::uint32_t>(m_routing.shape().moe_layers),
                         first_layer, layer_count, stride,
                         m_room,      0,           0,
                         want};
        const BufferPart sparse = window(*m_sparse, begin, end_of(s + n - 1) * token_bytes, push.sparse_base);
        const std::size_t target = cells.offset + s * slot_bytes;
        const std::size_t aligned = target / m_compute.alignment() * m_compute.alignment();
        push.cells_base = static_cast<std::uint32_t>((target - aligned) / 4);
        if (s > 0) m_compute.barrier();  // the sums are used again
        m_compute.dispatch(Shader::kScatter,
                           {sparse,
                            slots,
                            {cells.buffer, aligned, target - aligned + n * slot_bytes},
                            {m_sums->handle(), 0, n * slot_bytes}},
                           push, groups(std::size_t(n) * layer_count), 1);
        s += n;
    }
}

void VulkanPyramid::gather(int level, const FramePlan::Slot* runs, std::uint32_t first, std::uint32_t count,
                           const BufferPart& slots, std::uint32_t row_begin, std::uint32_t row_count,
                           std::uint32_t want, const BufferPart& cells) {
    const VulkanBuffer& below = *m_levels[static_cast<std::size_t>(level)].cells;
    const std::size_t bin_bytes = m_rows * 4, slot_bytes = std::size_t(row_count) * 4;
    for (std::uint32_t s = 0; s < count;) {
        std::uint32_t n = 1;
        const auto end_of = [&](std::uint32_t i) { return std::size_t(runs[first + i].first) + runs[first + i].count; };
        const std::size_t begin = runs[first + s].first * bin_bytes;
        while (s + n < count && n < 65535 && end_of(s + n) * bin_bytes - begin <= kWindowBytes) ++n;
        GatherPush push{first + s,
                        static_cast<std::uint32_t>(m_rows),
                        row_begin,
                        row_count,
                        0,
                        0,
                        static_cast<std::uint32_t>(level),
                        static_cast<std::uint32_t>(m_read),
                        want};
        const BufferPart source = window(below, begin, end_of(s + n - 1) * bin_bytes, push.bins_base);
        const std::size_t target = cells.offset + s * slot_bytes;
        const std::size_t aligned = target / m_compute.alignment() * m_compute.alignment();
        push.cells_base = static_cast<std::uint32_t>((target - aligned) / 4);
        m_compute.dispatch(Shader::kGather, {source, slots, {cells.buffer, aligned, target - aligned + n * slot_bytes}},
                           push, groups(row_count), n);
        s += n;
    }
}

std::uint32_t VulkanPyramid::layersOf(const FramePlan& plan) const {
    const auto stride = static_cast<std::uint32_t>(rowStride(m_routing.shape()));
    return (plan.row_end - 1) / stride - plan.row_begin / stride + 1;
}

std::uint32_t VulkanPyramid::slotRows(const FramePlan& plan) const {
    if (!isSparse(plan)) return plan.row_end - plan.row_begin;
    return layersOf(plan) * static_cast<std::uint32_t>(rowStride(m_routing.shape()));
}

std::uint32_t VulkanPyramid::rowOffset(const FramePlan& plan) const {
    return isSparse(plan) ? plan.row_begin % static_cast<std::uint32_t>(rowStride(m_routing.shape())) : 0;
}

void VulkanPyramid::fill(const FramePlan& plan, std::uint32_t begin, std::uint32_t end, Aggregation aggregation,
                         const BufferPart& slots, const BufferPart& slab) {
    const std::uint32_t want = aggregation == Aggregation::kMax ? kWantMax : kWantMean;
    if (isSparse(plan)) {
        const std::uint32_t first_layer = plan.row_begin / static_cast<std::uint32_t>(rowStride(m_routing.shape()));
        scatter(plan.slots.data(), begin, end - begin, slots, first_layer, layersOf(plan), want, slab);
    } else {
        gather(plan.level, plan.slots.data(), begin, end - begin, slots, plan.row_begin, slotRows(plan), want, slab);
    }
}

std::size_t VulkanPyramid::bytes() const {
    std::size_t sum = (m_sparse ? m_sparse->bytes() : 0) + (m_sums ? m_sums->bytes() : 0);
    for (const Level& level : m_levels) sum += level.cells ? level.cells->bytes() : 0;
    return sum;
}

}  // namespace moescope
