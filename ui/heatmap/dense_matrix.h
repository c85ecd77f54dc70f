#pragma once
// A heatmap of any two things: layers x experts, a co-activation matrix, the difference of two runs.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ui/heatmap/routing_matrix.h"

namespace moescope {

/// What an axis counts; hover and selection speak in these.
enum class AxisKind : std::uint8_t { kToken, kLayer, kExpert, kOther };

struct MatrixAxis {
    AxisKind kind = AxisKind::kOther;
    int count = 0;
    int first = 0;                   ///< number shown at the first cell: with one dense layer, layers start at 1
    std::string title;               ///< "expert"
    std::vector<std::string> names;  ///< shown instead of numbers; empty, or one a cell
    int groups = 1;                  ///< of neighbouring cells, as large as each other
};

/// Values in rows, one after the other. NaN: not a number, or not known; it has a colour of its own. Drawn as halves of
/// the largest value, so with three digits.
class DenseMatrix {
public:
    /// `values`: (rows, columns); made up with NaN or cut if there are too few or too many.
    DenseMatrix(MatrixAxis columns, MatrixAxis rows, std::vector<float> values);

    const MatrixAxis& columns() const { return m_columns; }
    const MatrixAxis& rows() const { return m_rows; }
    float at(int row, int column) const {
        return m_values[static_cast<std::size_t>(row) * static_cast<std::size_t>(m_columns.count) +
                        static_cast<std::size_t>(column)];
    }
    /// Of the finite values, at most and at least 0.
    float smallest() const { return m_smallest; }
    float largest() const { return m_largest; }
    /// Whether some values are NaN.
    bool hasNan() const { return m_has_nan; }
    /// The power of two that a half of 1 stands for.
    float halfUnit() const { return m_half_unit; }
    /// Whether there is a lane with a value for each row.
    bool hasLane() const { return !lane.empty() && lane.size() == static_cast<std::size_t>(m_rows.count); }

    std::vector<float> lane;  ///< empty, or a value from 0 to 1 a row, drawn in amber at the right
    std::string lane_title;   ///< "shared"
    std::string quantity;     ///< "relative load"
    std::string unit;         ///< "times an even share"; may be empty

private:
    MatrixAxis m_columns, m_rows;
    std::vector<float> m_values;
    float m_smallest = 0, m_largest = 0, m_half_unit = 1;
    bool m_has_nan = false;
};

/// Aggregates of layers x experts.
enum class LoadMetric : std::uint8_t {
    kCount,         ///< times chosen
    kLoad,          ///< share of all choices of the layer (ESFT's token selection ratio)
    kGateMass,      ///< mean gate over tokens (ESFT's average gate score)
    kRelativeLoad,  ///< load times the number of experts; 1 is balanced (DeepSeek-V3, figure 9)
    kRelativeGate,  ///< gate mass over that of an even split; 1 is balanced
};

/// Layers (rows) x experts (columns), with the shared experts' mean share as the lane if the model has any. Of no
/// tokens every value is 0.
std::shared_ptr<const DenseMatrix> layersByExperts(const RoutingMatrix& routing, LoadMetric metric,
                                                   Phases phases = Phases::kBoth);
/// The same of sums, for a range of tokens.
std::shared_ptr<const DenseMatrix> layersByExperts(const RoutingShape& shape, const RoutingSums& sums,
                                                   LoadMetric metric);

}  // namespace moescope
