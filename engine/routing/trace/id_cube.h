#pragma once
// Ids of chosen experts as other programs hand them out: an array (tokens, layers, k).

#include <optional>
#include <vector>

#include "engine/routing/trace.h"

namespace moescope {

struct IdCube {
    std::size_t tokens = 0, layers = 0, k = 0;
    std::vector<std::int32_t> ids;  ///< -1: none
    std::optional<std::size_t> prompt_tokens;
};

/// A log of ids only. Leading layers whose ids are all 0 are dense ones that a program could not leave out. Error: ids
/// that are no experts, or twice in a record.
Result<RoutingLog> logOfIds(const IdCube& cube, const TraceReadOptions& options, std::vector<std::string>& notes);

/// The shape of what knows ids only.
RoutingShape idsOnly();

}  // namespace moescope
