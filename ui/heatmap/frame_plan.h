#pragma once
// Which cells each pixel of a frame shows, worked out once for both renderers.
//
// Columns of cells become slots: one for each pixel column if a pixel is at least a cell wide, else one for each
// visible column. A slot is a run of bins of one level: level 0 are single columns, a bin of level L is 2^L of them.
// Routing has levels 0 and kFirstRoutingLevel upward (a sparse level 0 costs less memory and time than dense levels
// just above). Then rows: a pixel shows a run of rows of its slot. Each bin and each row belongs to exactly one pixel,
// the one that its middle falls on, so nothing is lost or drawn twice.

#include <cstdint>
#include <vector>

#include "ui/heatmap/heatmap_view.h"

namespace moescope {

inline constexpr int kFirstRoutingLevel = 4;
/// Levels end where a level has at most this many bins.
inline constexpr std::int64_t kFewBins = 64;

/// Of routing: rows of cells a layer, the shared lane being the last.
inline int rowStride(const RoutingShape& shape) {
    return shape.experts + 1;
}

struct FramePlan {
    static constexpr std::uint32_t kOutside = 0xffffffffu;
    static constexpr std::uint32_t kLane = 1, kEdge = 2;

    struct Slot {
        std::uint32_t first = 0, count = 0;  ///< bins of `level`
    };
    struct Pixel {
        std::uint32_t first = kOutside;  ///< slot of a column, row of a row (from row_begin)
        std::uint16_t count = 0;         ///< rows; 1 for columns
        std::uint16_t flags = 0;         ///< kLane: colours of the lane; kEdge: first pixel of a large cell
    };

    int level = 0;
    std::uint32_t row_begin = 0, row_end = 0;    ///< rows of cells that any pixel shows
    std::uint32_t most_rows = 0, most_bins = 0;  ///< largest counts of `rows` and of `slots`
    std::vector<Slot> slots;
    std::vector<Pixel> columns, rows;  ///< one per pixel
};

/// `columns`: how many columns of the data may be drawn (those read in so far). `levels`: how many levels they have.
FramePlan planFrame(const HeatmapScene& scene, std::int64_t columns, int width, int height);

/// How many levels a number of columns has, level 0 included.
int levelCount(std::int64_t columns);
inline std::int64_t binCount(std::int64_t columns, int level) {
    return (columns + (std::int64_t(1) << level) - 1) >> level;
}

}  // namespace moescope
