#include "ui/heatmap/dense_matrix.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace moescope {
namespace {

const char* quantity(LoadMetric metric) {
    switch (metric) {
        case LoadMetric::kCount:
            return "times chosen";
        case LoadMetric::kLoad:
            return "load";
        case LoadMetric::kGateMass:
            return "gate mass";
        case LoadMetric::kRelativeLoad:
            return "relative load";
        case LoadMetric::kRelativeGate:
            return "relative gate mass";
    }
    return "";
}

const char* unit(LoadMetric metric) {
    switch (metric) {
        case LoadMetric::kCount:
            return "tokens";
        case LoadMetric::kLoad:
            return "of the layer's choices";
        case LoadMetric::kGateMass:
            return "per token";
        case LoadMetric::kRelativeLoad:
        case LoadMetric::kRelativeGate:
            return "times an even share";
    }
    return "";
}

}  // namespace

DenseMatrix::DenseMatrix(MatrixAxis columns, MatrixAxis rows, std::vector<float> values)
    : m_columns(std::move(columns)), m_rows(std::move(rows)), m_values(std::move(values)) {
    m_columns.count = std::max(0, m_columns.count);
    m_rows.count = std::max(0, m_rows.count);
    m_values.resize(static_cast<std::size_t>(m_columns.count) * static_cast<std::size_t>(m_rows.count),
                    std::numeric_limits<float>::quiet_NaN());
    for (const float v : m_values) {
        if (std::isnan(v)) m_has_nan = true;
        if (!std::isfinite(v)) continue;
        m_smallest = std::min(m_smallest, v);
        m_largest = std::max(m_largest, v);
    }
    const float magnitude = std::max(m_largest, -m_smallest);
    if (magnitude > 0) m_half_unit = std::ldexp(1.0f, std::clamp(std::ilogb(magnitude), -100, 126));
}

std::shared_ptr<const DenseMatrix> layersByExperts(const RoutingShape& shape, const RoutingSums& sums,
                                                   LoadMetric metric) {
    const auto experts = static_cast<std::size_t>(shape.experts);
    const bool of_gates = metric == LoadMetric::kGateMass || metric == LoadMetric::kRelativeGate;
    const std::vector<double>& source = of_gates ? sums.gates : sums.counts;
    const double tokens = static_cast<double>(sums.tokens);
    std::vector<float> values, lane;
    values.reserve(source.size());
    for (std::size_t l = 0; l < static_cast<std::size_t>(shape.moe_layers); ++l) {
        double layer = 0;
        for (std::size_t e = 0; e < experts; ++e) layer += source[l * experts + e];
        double factor = 1;
        if (metric == LoadMetric::kLoad) factor = layer > 0 ? 1 / layer : 0;
        if (metric == LoadMetric::kGateMass) factor = tokens > 0 ? 1 / tokens : 0;
        if (metric == LoadMetric::kRelativeLoad || metric == LoadMetric::kRelativeGate) {
            factor = layer > 0 ? static_cast<double>(experts) / layer : 0;
        }
        for (std::size_t e = 0; e < experts; ++e) {
            values.push_back(static_cast<float>(source[l * experts + e] * factor));
        }
        if (shape.shared_experts > 0 && shape.has_norms) {
            lane.push_back(tokens > 0 ? static_cast<float>(sums.shared_share[l] / tokens) : 0.0f);
        }
    }
    auto matrix = std::make_shared<DenseMatrix>(
        MatrixAxis{AxisKind::kExpert, shape.experts, 0, "expert", {}, shape.groups},
        MatrixAxis{AxisKind::kLayer, shape.moe_layers, shape.first_moe_layer, "layer", {}}, std::move(values));
    matrix->lane = std::move(lane);
    if (shape.shared_experts > 0 && shape.has_norms) matrix->lane_title = "shared";
    matrix->quantity = quantity(metric);
    matrix->unit = unit(metric);
    return matrix;
}

std::shared_ptr<const DenseMatrix> layersByExperts(const RoutingMatrix& routing, LoadMetric metric, Phases phases) {
    if (phases == Phases::kPrefill) return layersByExperts(routing.shape(), routing.sums(Phase::kPrefill), metric);
    RoutingSums sums = routing.sums(Phase::kDecode);
    if (phases == Phases::kBoth) {
        const RoutingSums& prefill = routing.sums(Phase::kPrefill);
        sums.tokens += prefill.tokens;
        for (std::size_t i = 0; i < sums.counts.size(); ++i) sums.counts[i] += prefill.counts[i];
        for (std::size_t i = 0; i < sums.gates.size(); ++i) sums.gates[i] += prefill.gates[i];
        for (std::size_t i = 0; i < sums.shared_share.size(); ++i) sums.shared_share[i] += prefill.shared_share[i];
    }
    return layersByExperts(routing.shape(), sums, metric);
}

}  // namespace moescope
