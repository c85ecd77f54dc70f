#pragma once
// Builds a log of choices that a file names one by one, in whatever order.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/routing/trace.h"

namespace moescope {

/// One expert that a token chose in a layer.
struct Choice {
    std::uint32_t token = 0;  ///< index into Choices::tokens
    std::uint16_t layer = 0;  ///< as the file numbers it, below kMaxTraceLayers
    std::uint16_t slot = 0;
    std::uint16_t expert = 0;  ///< below kMaxTraceExperts
    float weight = 0;
};

struct Choices {
    std::vector<RoutingLog::Token> tokens;
    std::vector<Choice> choices;
    /// What is known; experts, experts_used and the has_ flags are taken over, layers are set by build(). 0 experts:
    /// inferred.
    RoutingShape shape;
    bool sort_by_weight = false;  ///< instead of by slot

    /// The log in the order of tokens; adds to `notes` what was inferred. Empties the choices. Error: a slot or an
    /// expert that a token has twice in a layer, more than kMaxActiveExperts, or so few records for so many layers that
    /// it is no trace.
    Result<RoutingLog> build(const TraceReadOptions& options, std::vector<std::string>& notes);
};

/// Of ids that are K for each token, in runs: the largest K that divides every run and names no expert twice for a
/// token (a token whose ids are all 0 passes: some programs write so for dense layers); 0 if there is none.
int inferExpertsUsed(std::span<const std::int32_t> ids, std::size_t runs_divisor);

/// Sets the number of experts of a shape from options, else the largest id that occurs, and says so.
Status chooseExperts(RoutingShape& shape, const TraceReadOptions& options, int largest_id,
                     std::vector<std::string>& notes);

}  // namespace moescope
