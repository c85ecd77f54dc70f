#pragma once
// Routing made up for tests and benchmarks: the same for the same numbers.

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "ui/heatmap/heatmap_view.h"

namespace moescope {

/// A small generator of pseudo-random numbers (xorshift), equal everywhere.
class Dice {
public:
    explicit Dice(std::uint32_t seed) : m_state(seed * 2654435761u + 1) {}
    std::uint32_t next() {
        m_state ^= m_state << 13;
        m_state ^= m_state >> 17;
        m_state ^= m_state << 5;
        return m_state;
    }
    int below(int limit) { return static_cast<int>(next() % static_cast<std::uint32_t>(limit)); }
    double unit() { return next() / 4294967296.0; }

private:
    std::uint32_t m_state;
};

/// The record of a token: topics that last about 100 tokens prefer some experts, as in real texts.
inline std::vector<LayerRouting> madeUpLayers(const RoutingShape& shape, int token, Dice& dice) {
    std::vector<LayerRouting> layers(static_cast<std::size_t>(shape.moe_layers));
    for (int l = 0; l < shape.moe_layers; ++l) {
        LayerRouting& r = layers[static_cast<std::size_t>(l)];
        float gate = 0.2f + 0.2f * static_cast<float>(dice.unit());
        const int topic = token / 97 % 5;
        const auto taken = [&](int e) {
            for (int i = 0; i < r.count; ++i) {
                if (r.experts[static_cast<std::size_t>(i)] == e) return true;
            }
            return false;
        };
        const auto draw = [&] {
            int e =
                dice.below(100) < 65 ? (topic * 13 + l * 7 + dice.below(9)) % shape.experts : dice.below(shape.experts);
            while (taken(e)) e = (e + 1) % shape.experts;
            return e;
        };
        for (int k = 0; k < shape.experts_used; ++k) {
            const auto i = static_cast<std::size_t>(k);
            r.experts[i] = draw();
            r.gates[i] = gate;
            r.probabilities[i] = gate * 0.9f;
            gate *= 0.75f;
            ++r.count;
        }
        if (shape.experts > shape.experts_used) {
            r.runners_up[0] = draw();
            r.runner_up_probabilities[0] = gate * 0.8f;
        }
        if (shape.shared_experts > 0) {
            r.shared_norm = 1 + static_cast<float>(dice.unit());
            r.routed_norm = 1 + static_cast<float>(std::sin(token / 30.0));
        }
    }
    return layers;
}

inline void appendMadeUp(RoutingMatrix& routing, int tokens, std::uint32_t seed) {
    Dice dice(seed);
    for (int t = 0; t < tokens; ++t) {
        const int index = static_cast<int>(routing.tokens());
        const auto layers = madeUpLayers(routing.shape(), index, dice);
        (void)routing.append({1000 + index % 77, index, index < 20 ? Phase::kPrefill : Phase::kDecode, layers});
    }
}

inline RoutingMatrix madeUp(const RoutingShape& shape, int tokens, std::uint32_t seed) {
    RoutingMatrix routing(shape);
    appendMadeUp(routing, tokens, seed);
    return routing;
}

/// Smooth values from -1 to 1 (or 0 to 1) with some NaN.
inline std::shared_ptr<const DenseMatrix> madeUpMatrix(int rows, int columns, bool is_signed, bool lane) {
    std::vector<float> values;
    for (int r = 0; r < rows; ++r) {
        for (int c = 0; c < columns; ++c) {
            const double v = std::sin(c * 0.37 + r * 0.11) * std::cos(r * 0.53);
            values.push_back((r * 31 + c * 17) % 53 == 0 ? std::numeric_limits<float>::quiet_NaN()
                                                         : static_cast<float>(is_signed ? v : std::abs(v)));
        }
    }
    auto matrix = std::make_shared<DenseMatrix>(MatrixAxis{AxisKind::kExpert, columns, 0, "expert", {}},
                                                MatrixAxis{AxisKind::kLayer, rows, 1, "layer", {}}, std::move(values));
    matrix->quantity = is_signed ? "difference" : "share";
    for (int r = 0; lane && r < rows; ++r) matrix->lane.push_back(static_cast<float>(r) / static_cast<float>(rows));
    if (lane) matrix->lane_title = "shared";
    return matrix;
}

}  // namespace moescope
