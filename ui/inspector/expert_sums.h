#pragma once
// Sums over the tokens of a source, kept up to date at the cost of the tokens that are new. The figures themselves come
// from engine/routing/metrics.h.

#include <array>
#include <span>
#include <vector>

#include "ui/inspector/routing_source.h"

namespace moescope {

/// What is summed for an expert.
enum class ExpertAmount : std::uint8_t { kCount, kGateMass };

class ExpertSums {
public:
    /// Counts the source's new tokens; starts over for another one or one that shrank.
    void update(const RoutingSource& source);

    std::size_t tokens(PhaseFilter filter) const;
    /// How often each expert of a layer was chosen, or the sum of its gates (N).
    std::vector<double> ofLayer(ExpertAmount metric, PhaseFilter filter, int layer) const;
    /// Means over tokens of the norms of the shared experts' output and of the routed sum; 0 without tokens.
    double sharedNorm(PhaseFilter filter, int layer) const;
    double routedNorm(PhaseFilter filter, int layer) const;

private:
    struct OfPhase {
        std::size_t tokens = 0;
        std::vector<double> counts, mass;                // (MoE layers, N)
        std::vector<double> shared_norms, routed_norms;  // (MoE layers)
    };
    double mean(std::vector<double> OfPhase::*sums, PhaseFilter filter, int layer) const;

    std::uint64_t m_records = 0;  // RoutingSource::recordsId() of what was counted
    std::size_t m_counted = 0;
    RoutingShape m_shape;
    std::array<OfPhase, 2> m_phases;  // prompt, answer
};

}  // namespace moescope
