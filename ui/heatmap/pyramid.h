#pragma once
// What the CPU has read of a scene's data: levels of bins with the maximum and the mean of each row.

#include <cstdint>
#include <memory>
#include <vector>

#include "ui/heatmap/frame_plan.h"

namespace moescope {

/// Sums up cells of runs of columns; both renderers use these rules. The maximum is the half of largest magnitude (so
/// NaN wins, and is not hidden by zooming out), the mean is summed in F32 in the order of columns, each bin weighted by
/// the columns it holds, divided, and rounded to half.
class Pyramid {
public:
    /// Starts over unless the scene shows the data that was read before, or the same with more tokens.
    void attach(const HeatmapScene& scene);
    /// Reads at most `budget` more columns. True: nothing is left to read.
    bool read(std::int64_t budget);
    /// Brings levels up to this one up to date with what was read; the first one always is. Higher ones wait until they
    /// are looked at: tokens that arrive cost little.
    void build(int level);
    std::int64_t columnsRead() const { return m_read; }

    /// Fills `slab` (slots, rows of the plan) with the halves of one aggregation. Level 0 needs nothing read before.
    void fill(const FramePlan& plan, Aggregation aggregation, std::vector<std::uint16_t>& slab) const;
    std::size_t bytes() const;

private:
    struct Level {
        std::int64_t columns = 0;  ///< that its bins sum up
        /// Blocks of kBlockBins bins; a bin is (2, rows): maxima, then means.
        std::vector<std::unique_ptr<std::uint16_t[]>> blocks;
    };
    static constexpr std::int64_t kBlockBins = 64;

    std::uint16_t* bin(Level& level, std::int64_t index) const;
    const std::uint16_t* bin(const Level& level, std::int64_t index) const;
    std::int64_t columns() const;
    void readLevel(int level);
    /// One run of columns or bins into rows [begin, end) of `out`.
    void scatter(std::int64_t first, std::int64_t count, Aggregation aggregation, std::uint32_t begin,
                 std::uint32_t end, std::uint16_t* out) const;
    void gather(int level, std::int64_t first, std::int64_t count, Aggregation aggregation, std::uint32_t begin,
                std::uint32_t end, std::uint16_t* out) const;
    void sum(int level, std::int64_t first, std::int64_t count, Aggregation aggregation, std::uint32_t begin,
             std::uint32_t end, std::uint16_t* out) const;

    RoutingMatrix m_routing;
    std::shared_ptr<const DenseMatrix> m_matrix;  // set: a matrix, else routing
    CellMetric m_metric = CellMetric::kGate;
    std::size_t m_rows = 0;
    std::int64_t m_read = 0;
    std::vector<std::uint16_t> m_base;  // of a matrix: (columns and lane, rows)
    std::vector<Level> m_levels;        // 0 to kFirstRoutingLevel - 1 stay empty
    mutable std::vector<float> m_sums;
};

}  // namespace moescope
