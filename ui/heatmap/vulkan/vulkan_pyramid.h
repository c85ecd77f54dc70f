#pragma once
// What a Vulkan device has of a scene's data: sparse records or a dense level 0, and the levels above. The same numbers
// as Pyramid (ui/heatmap/pyramid.h) holds for the CPU; a cell is 32 bits here, maximum and mean.

#include <memory>
#include <vector>

#include "ui/heatmap/frame_plan.h"
#include "ui/heatmap/vulkan/vulkan_compute.h"

namespace moescope {

class VulkanPyramid {
public:
    explicit VulkanPyramid(VulkanCompute& compute) : m_compute(compute) {}

    /// Starts over unless the scene shows the data that was read before, or the same with more tokens.
    void attach(const HeatmapScene& scene);
    /// Records the reading of one more piece. True: nothing is left to read.
    bool read();
    /// Records bringing levels up to this one up to date with what was read; the first one always is.
    void build(int level);
    std::int64_t columnsRead() const { return m_read; }

    /// How many rows fill() works out of a slot, and where the plan's rows begin in them.
    std::uint32_t slotRows(const FramePlan& plan) const;
    std::uint32_t rowOffset(const FramePlan& plan) const;
    /// Records working slots [begin, end) out, into the part `slab` (slots, slotRows()). Only the half of a cell that
    /// is asked for is defined. `slots`: all of the plan's.
    void fill(const FramePlan& plan, std::uint32_t begin, std::uint32_t end, Aggregation aggregation,
              const BufferPart& slots, const BufferPart& slab);
    std::size_t bytes() const;

private:
    struct Level {
        std::shared_ptr<VulkanBuffer> cells;  // (bins, rows)
        std::int64_t columns = 0;             // that its bins sum up
    };
    std::int64_t columns() const;
    std::size_t tokenBytes() const;
    void readTokens(std::int64_t first, std::int64_t end);
    void readMatrix(std::int64_t first, std::int64_t end);
    void readLevel(int level);
    bool isSparse(const FramePlan& plan) const { return plan.level == 0 && !m_matrix; }
    std::uint32_t layersOf(const FramePlan& plan) const;
    void scatter(const FramePlan::Slot* runs, std::uint32_t first, std::uint32_t count, const BufferPart& slots,
                 std::uint32_t first_layer, std::uint32_t layer_count, std::uint32_t want, const BufferPart& cells);
    void gather(int level, const FramePlan::Slot* runs, std::uint32_t first, std::uint32_t count,
                const BufferPart& slots, std::uint32_t row_begin, std::uint32_t row_count, std::uint32_t want,
                const BufferPart& cells);
    BufferPart window(const VulkanBuffer& buffer, std::size_t first, std::size_t end, std::uint32_t& base) const;

    VulkanCompute& m_compute;
    RoutingMatrix m_routing;
    std::shared_ptr<const DenseMatrix> m_matrix;  // set: a matrix, else routing
    CellMetric m_metric = CellMetric::kGate;
    std::size_t m_rows = 0;
    std::uint32_t m_room = 0;  // entries a record
    std::int64_t m_read = 0;
    std::shared_ptr<VulkanBuffer> m_sparse;  // (tokens, layers, room)
    std::shared_ptr<VulkanBuffer> m_sums;    // of scatter
    std::vector<Level> m_levels;             // of routing, 0 to kFirstRoutingLevel - 1 stay empty
};

}  // namespace moescope
