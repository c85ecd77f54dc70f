#include "ui/heatmap/pyramid.h"

#include <algorithm>
#include <limits>

#include "kernels/half.h"

namespace moescope {
namespace {

void takeMax(std::uint16_t& cell, std::uint16_t value) {
    if ((value & 0x7fffu) > (cell & 0x7fffu)) cell = value;
}

}  // namespace

void Pyramid::attach(const HeatmapScene& scene) {
    const bool matrix = scene.view.kind == HeatmapKind::kMatrix;
    const bool same = matrix ? m_matrix && m_matrix == scene.matrix
                             : !m_matrix && m_routing.id() == scene.routing.id() && m_metric == scene.view.metric &&
                                   m_routing.tokens() <= scene.routing.tokens();
    m_routing = matrix ? RoutingMatrix() : scene.routing;
    m_matrix = matrix ? scene.matrix : nullptr;
    if (same) return;
    m_metric = scene.view.metric;
    m_read = 0;
    m_levels.clear();
    m_base = {};
    if (!matrix) {
        m_rows = static_cast<std::size_t>(scene.routing.shape().moe_layers * rowStride(scene.routing.shape()));
        return;
    }
    m_rows = m_matrix ? static_cast<std::size_t>(m_matrix->rows().count) : 0;
    if (!m_matrix) return;
    const int across = m_matrix->columns().count, down = m_matrix->rows().count;
    m_base.reserve(m_rows * static_cast<std::size_t>(across + 1));
    const float scale = 1 / m_matrix->halfUnit();
    for (int c = 0; c < across; ++c) {
        for (int r = 0; r < down; ++r) m_base.push_back(floatToHalf(m_matrix->at(r, c) * scale));
    }
    if (m_matrix->hasLane()) {
        for (const float v : m_matrix->lane) m_base.push_back(floatToHalf(v));
    }
}

std::int64_t Pyramid::columns() const {
    return m_matrix ? m_matrix->columns().count : static_cast<std::int64_t>(m_routing.tokens());
}

std::uint16_t* Pyramid::bin(Level& level, std::int64_t index) const {
    const auto block = static_cast<std::size_t>(index / kBlockBins);
    while (level.blocks.size() <= block) {
        level.blocks.push_back(std::make_unique<std::uint16_t[]>(2 * m_rows * static_cast<std::size_t>(kBlockBins)));
    }
    return level.blocks[block].get() + 2 * m_rows * static_cast<std::size_t>(index % kBlockBins);
}

const std::uint16_t* Pyramid::bin(const Level& level, std::int64_t index) const {
    return level.blocks[static_cast<std::size_t>(index / kBlockBins)].get() +
           2 * m_rows * static_cast<std::size_t>(index % kBlockBins);
}

bool Pyramid::read(std::int64_t budget) {
    const std::int64_t all = columns();
    m_read = std::min(all, m_read + budget);
    if (levelCount(m_read) > 1) build(kFirstRoutingLevel);
    return m_read == all;
}

void Pyramid::build(int level) {
    if (level >= static_cast<int>(m_levels.size()) && level > 0) m_levels.resize(static_cast<std::size_t>(level) + 1);
    for (int l = kFirstRoutingLevel; l <= level; ++l) readLevel(l);
}

void Pyramid::readLevel(int index) {
    Level& level = m_levels[static_cast<std::size_t>(index)];
    // Bins below: columns themselves under the first level.
    const int below = index == kFirstRoutingLevel ? 0 : index - 1;
    const std::int64_t each = std::int64_t(1) << (index - below), available = binCount(m_read, below);
    for (std::int64_t b = level.columns >> index; b < binCount(m_read, index); ++b) {
        std::uint16_t* out = bin(level, b);
        const std::int64_t count = std::min(each, available - b * each);
        sum(below, b * each, count, Aggregation::kMax, 0, static_cast<std::uint32_t>(m_rows), out);
        sum(below, b * each, count, Aggregation::kMean, 0, static_cast<std::uint32_t>(m_rows), out + m_rows);
    }
    level.columns = m_read;
}

void Pyramid::sum(int level, std::int64_t first, std::int64_t count, Aggregation aggregation, std::uint32_t begin,
                  std::uint32_t end, std::uint16_t* out) const {
    if (level == 0 && !m_matrix) {
        scatter(first, count, aggregation, begin, end, out);
    } else {
        gather(level, first, count, aggregation, begin, end, out);
    }
}

void Pyramid::scatter(std::int64_t first, std::int64_t count, Aggregation aggregation, std::uint32_t begin,
                      std::uint32_t end, std::uint16_t* out) const {
    const int stride = rowStride(m_routing.shape());
    const int first_layer = static_cast<int>(begin) / stride;
    const int last_layer = static_cast<int>(end - 1) / stride;
    const bool mean = aggregation == Aggregation::kMean && count > 1;
    if (mean) m_sums.assign(end - begin, 0.0f);
    float* const sums = m_sums.data();  // unchecked: this is where the time goes
    std::fill(out, out + (end - begin), std::uint16_t(0));
    SparseCell cells[kMaxSparseCells];
    for (std::int64_t t = first; t < first + count; ++t) {
        for (int l = first_layer; l <= last_layer; ++l) {
            const int filled = m_routing.cells(static_cast<std::size_t>(t), l, m_metric, cells);
            for (int i = 0; i < filled; ++i) {
                const auto row = static_cast<std::uint32_t>(l * stride) + cells[i].row;
                if (row < begin || row >= end) continue;
                if (mean) {
                    sums[row - begin] += halfToFloat(cells[i].half);
                } else {
                    takeMax(out[row - begin], cells[i].half);
                }
            }
        }
    }
    if (!mean) return;
    const auto divisor = static_cast<float>(count);
    for (std::uint32_t r = 0; r < end - begin; ++r) out[r] = floatToHalf(sums[r] / divisor);
}

void Pyramid::gather(int level, std::int64_t first, std::int64_t count, Aggregation aggregation, std::uint32_t begin,
                     std::uint32_t end, std::uint16_t* out) const {
    const std::uint32_t rows = end - begin;
    const auto halves = [&](std::int64_t index) {
        if (level == 0) return &m_base[static_cast<std::size_t>(index) * m_rows + begin];
        const std::uint16_t* cells = bin(m_levels[static_cast<std::size_t>(level)], index);
        return cells + (aggregation == Aggregation::kMean ? m_rows : 0) + begin;
    };
    if (aggregation == Aggregation::kMax || count == 1) {
        std::copy_n(halves(first), rows, out);
        for (std::int64_t b = first + 1; b < first + count; ++b) {
            const std::uint16_t* cells = halves(b);
            for (std::uint32_t r = 0; r < rows; ++r) {
                out[r] = (cells[r] & 0x7fffu) > (out[r] & 0x7fffu) ? cells[r] : out[r];
            }
        }
        return;
    }
    m_sums.assign(rows, 0.0f);
    float* const sums = m_sums.data();
    float weights = 0;
    for (std::int64_t b = first; b < first + count; ++b) {
        const std::int64_t held = std::min(std::int64_t(1) << level, m_read - (b << level));
        const auto weight = static_cast<float>(std::max<std::int64_t>(held, 1));
        const std::uint16_t* cells = halves(b);
        for (std::uint32_t r = 0; r < rows; ++r) sums[r] += weight * halfToFloat(cells[r]);
        weights += weight;
    }
    for (std::uint32_t r = 0; r < rows; ++r) out[r] = floatToHalf(sums[r] / weights);
}

void Pyramid::fill(const FramePlan& plan, Aggregation aggregation, std::vector<std::uint16_t>& slab) const {
    const std::size_t rows = plan.row_end - plan.row_begin;
    slab.resize(plan.slots.size() * rows);
    for (std::size_t s = 0; s < plan.slots.size() && rows > 0; ++s) {
        sum(plan.level, plan.slots[s].first, plan.slots[s].count, aggregation, plan.row_begin, plan.row_end,
            &slab[s * rows]);
    }
}

std::size_t Pyramid::bytes() const {
    std::size_t sum = m_base.capacity() * 2 + m_sums.capacity() * sizeof(float);
    for (const Level& level : m_levels) {
        sum += level.blocks.size() * 2 * m_rows * static_cast<std::size_t>(kBlockBins) * 2;
    }
    return sum;
}

}  // namespace moescope
