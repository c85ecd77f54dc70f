#pragma once
// Builds a log of choices that a file names one by one, in whatever order; and what formats share that must guess.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/routing/trace.h"

namespace moescope {

/// Stands for no expert in a Choice: the slot is there, and says nothing.
inline constexpr std::uint16_t kNoExpert = 0xffff;

/// One expert that a token chose in a layer.
struct Choice {
    std::uint32_t token = 0;  ///< index into Choices::tokens
    std::uint16_t layer = 0;  ///< as the file numbers it, below kMaxTraceLayers
    std::uint16_t slot = 0;
    std::uint16_t expert = 0;  ///< below kMaxTraceExperts, or kNoExpert
    float weight = 0;
};

struct Choices {
    std::vector<RoutingLog::Token> tokens;
    std::vector<Choice> choices;
    /// What is known; experts, experts_used and the has_ flags are taken over, layers are set by build(). 0 experts:
    /// inferred.
    RoutingShape shape;
    bool sort_by_weight = false;  ///< instead of by slot

    /// The log in the order of tokens; adds to `notes` what was inferred and how many records are masked (masked.h),
    /// which become empty. Empties the choices. Error: a slot or an expert that a token has twice in a layer, more than
    /// kMaxActiveExperts, or so few records for so many layers that it is not a trace.
    Result<RoutingLog> build(const TraceReadOptions& options, std::vector<std::string>& notes);
};

/// Of ids that are K for each token, in runs: the largest K that divides every run and names no expert twice for a
/// token (one whose ids are all 0 or all -1 passes: programs write so for dense layers and for tokens that they do not
/// know); 0 if there is none.
int inferExpertsUsed(std::span<const std::int32_t> ids, std::size_t runs_divisor);

/// A smaller K than the inferred one that such ids may as well have, because they are few: if it were the true one, the
/// chance that no expert repeats in groups of `k` would be more than 1 in 10. 0 if there is none. `experts` of a layer
/// choose with equal chances.
int otherExpertsUsed(std::span<const std::int32_t> ids, std::size_t runs_divisor, int k, int experts);

/// Says which K was inferred, and how to set it.
void sayExpertsUsed(int k, std::vector<std::string>& notes);

/// Sets the number of experts of a shape from options, else the largest id that occurs, and says so.
Status chooseExperts(RoutingShape& shape, const TraceReadOptions& options, int largest_id,
                     std::vector<std::string>& notes);

/// Whether all layers have numbers below kMaxTraceLayers.
Status checkLayers(const RoutingShape& shape);
/// Sets the groups that a file gives (0: it names none), once the number of experts is known. Error: they do not go
/// with it.
Status setGroups(RoutingShape& shape, int groups, int groups_used);

/// Says that leading layers, of which no record is known, were taken as dense ones.
void sayDense(std::size_t dense, std::size_t layers, std::vector<std::string>& notes);

/// The error of a trace in which every record is masked, or none is there.
Status noRecords();

}  // namespace moescope
