#pragma once
// `bench` by phase: what each part of the forward pass takes, and how near that is to what the machine can do.

#include <nlohmann/json.hpp>
#include <string>

#include "app/cli/machine_limits.h"
#include "engine/backend/phase_times.h"
#include "engine/model/matrices.h"

namespace moescope::cli {

/// Weights of a phase that one token needs.
struct PhaseCost {
    std::uint64_t bytes = 0;  ///< read
    std::uint64_t macs = 0;   ///< multiply-adds
};
struct PhaseCosts {
    PhaseCost projections, router, experts, head;
};
PhaseCosts phaseCosts(const ModelConfig& config, const ModelMatrices& matrices);

struct PhaseReport {
    PhaseCosts costs;
    std::uint64_t cache_bytes = 0;  ///< of one position, in all layers
    MachineLimits limits;

    /// One object per phase: `ms_per_token`, `share` of the time, and `of_limit`, the share of the bandwidth (decode)
    /// or of the int8 rate (prefill) that it reaches, where it has such a limit. `positions`: in the cache, on average.
    /// Empty where nothing was measured.
    nlohmann::ordered_json decode(const PhaseTimes& times, int tokens, int positions) const;
    nlohmann::ordered_json prefill(const PhaseTimes& times, int tokens) const;
};

/// Both tables of bench()'s JSON.
void printPhases(const nlohmann::ordered_json& result);

/// What differs between two results: `now / before` of each figure that both have, by its name.
nlohmann::ordered_json comparison(const nlohmann::ordered_json& before, const nlohmann::ordered_json& now);
void printComparison(const nlohmann::ordered_json& compared, const std::string& path);

}  // namespace moescope::cli
