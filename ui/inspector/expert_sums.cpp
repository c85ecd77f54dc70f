#include "ui/inspector/expert_sums.h"

namespace moescope {
namespace {

constexpr std::array kPhases = {PhaseFilter::kPrompt, PhaseFilter::kAnswer};

bool counts(PhaseFilter filter, std::size_t phase) {
    return filter == PhaseFilter::kBoth || filter == kPhases[phase];
}

}  // namespace

void ExpertSums::update(const RoutingSource& source) {
    const RoutingView log = source.log();
    const auto layers = static_cast<std::size_t>(log.shape().moe_layers);
    const auto experts = static_cast<std::size_t>(log.shape().experts);
    if (m_records != source.recordsId() || log.size() < m_counted) {
        m_records = source.recordsId();
        m_counted = 0;
        m_shape = log.shape();
        for (OfPhase& phase : m_phases) {
            phase.tokens = 0;
            phase.counts.assign(layers * experts, 0);
            phase.mass.assign(layers * experts, 0);
            phase.shared_norms.assign(layers, 0);
            phase.routed_norms.assign(layers, 0);
        }
    }
    for (std::size_t phase = 0; phase < m_phases.size(); ++phase) {
        OfPhase& sums = m_phases[phase];
        for (const TokenRange& range : source.ranges(kPhases[phase], m_counted)) {
            const auto n = static_cast<double>(range.end - range.begin);
            sums.tokens += range.end - range.begin;
            for (std::size_t l = 0; l < layers; ++l) {
                const std::vector<double> count = expertCounts(log, static_cast<int>(l), range);
                const std::vector<double> mass = gateMass(log, static_cast<int>(l), range);  // means
                for (std::size_t e = 0; e < experts; ++e) {
                    sums.counts[l * experts + e] += count[e];
                    sums.mass[l * experts + e] += mass[e] * n;
                }
                for (std::size_t t = range.begin; t < range.end; ++t) {
                    const LayerRouting r = log.at(t, static_cast<int>(l));
                    sums.shared_norms[l] += static_cast<double>(r.shared_norm);
                    sums.routed_norms[l] += static_cast<double>(r.routed_norm);
                }
            }
        }
    }
    m_counted = log.size();
}

std::size_t ExpertSums::tokens(PhaseFilter filter) const {
    std::size_t sum = 0;
    for (std::size_t phase = 0; phase < m_phases.size(); ++phase)
        sum += counts(filter, phase) ? m_phases[phase].tokens : 0;
    return sum;
}

std::vector<double> ExpertSums::ofLayer(ExpertAmount metric, PhaseFilter filter, int layer) const {
    const auto experts = static_cast<std::size_t>(m_shape.experts);
    std::vector<double> result(experts, 0);
    if (layer < 0 || layer >= m_shape.moe_layers) return result;
    for (std::size_t phase = 0; phase < m_phases.size(); ++phase) {
        if (!counts(filter, phase)) continue;
        const auto& sums = metric == ExpertAmount::kCount ? m_phases[phase].counts : m_phases[phase].mass;
        for (std::size_t e = 0; e < experts; ++e) result[e] += sums[static_cast<std::size_t>(layer) * experts + e];
    }
    return result;
}

double ExpertSums::mean(std::vector<double> OfPhase::*sums, PhaseFilter filter, int layer) const {
    if (layer < 0 || layer >= m_shape.moe_layers) return 0;
    double sum = 0;
    for (std::size_t phase = 0; phase < m_phases.size(); ++phase) {
        if (counts(filter, phase)) sum += (m_phases[phase].*sums)[static_cast<std::size_t>(layer)];
    }
    const std::size_t n = tokens(filter);
    return n > 0 ? sum / static_cast<double>(n) : 0;
}

double ExpertSums::sharedNorm(PhaseFilter filter, int layer) const {
    return mean(&OfPhase::shared_norms, filter, layer);
}

double ExpertSums::routedNorm(PhaseFilter filter, int layer) const {
    return mean(&OfPhase::routed_norms, filter, layer);
}

}  // namespace moescope
