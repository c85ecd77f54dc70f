#pragma once
// Ids of chosen experts as other programs hand them out: an array (tokens, layers, k).

#include <optional>
#include <vector>

#include "engine/routing/trace.h"

namespace moescope {

struct IdCube {
    std::size_t tokens = 0, layers = 0, k = 0;
    std::vector<std::int32_t> ids;   ///< -1: none
    std::size_t first_position = 0;  ///< of the first token: those before it were left out
    std::size_t sequence = 0;        ///< positions restart after this many tokens; 0: never
    std::optional<std::size_t> prompt_tokens;
    std::vector<std::int32_t> token_ids;  ///< of each token; empty: not known
};

/// A log of ids only. Leading layers of which no record is known are dense ones that a program could not leave out;
/// other records that are masked (masked.h) are empty, and a note counts them. Error: ids that are no experts, twice in
/// a record, or no record at all.
Result<RoutingLog> logOfIds(const IdCube& cube, const TraceReadOptions& options, std::vector<std::string>& notes);

/// The shape of what knows ids only.
RoutingShape idsOnly();

}  // namespace moescope
