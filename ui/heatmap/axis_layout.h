#pragma once
// How an axis of a heatmap is divided: blocks of cells (the experts of a layer), each with an optional lane beside
// them. Positions are measured in cells from the axis' start; gaps and lanes have a size in cells too, so that zoom and
// pan treat everything alike.
//
//   block:  | cells | gap | lane |  gap | next block

#include <cstdint>

namespace moescope {

struct AxisLayout {
    std::int64_t cells = 0;  ///< a block
    int blocks = 1;
    int lane = 0;  ///< size of the lane in cells; 0: none
    int gap = 0;   ///< between cells and lane, and between blocks

    enum class Part : std::uint8_t { kOutside, kCells, kGap, kLane };
    struct Place {
        Part part = Part::kOutside;
        int block = 0;
        std::int64_t cell = 0;  ///< within the block, for kCells
    };

    std::int64_t laneOffset() const { return cells + gap; }  ///< within a block
    std::int64_t blockSize() const { return cells + (lane > 0 ? gap + lane : 0); }
    std::int64_t pitch() const { return blockSize() + gap; }
    std::int64_t size() const { return cells == 0 ? 0 : blocks * pitch() - gap; }
    Place at(double position) const;
};

}  // namespace moescope
