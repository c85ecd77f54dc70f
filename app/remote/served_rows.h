#pragma once
// From the array of routed experts that a server gives to records of tokens.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>

#include "engine/base/status.h"
#include "engine/routing/record.h"

namespace moescope {

/// What a token's row is: (layers, width), all of the model's layers. Dense ones come first and say nothing.
struct RowLayout {
    int layers = 0;
    int width = 0;             ///< experts of a layer and token that the server names
    bool shared_slot = false;  ///< one of them is always the shared expert, under the id after the last routed one
    RoutingShape shape;        ///< of the records: ids only, of tokens that are known, in no order

    bool operator==(const RowLayout&) const = default;
};

/// What a whole response, as JSON, says of it: of one answer, with token counts and a prompt of at least some tens of
/// tokens. `experts`: of a layer; 0: what the response names at most.
Result<RowLayout> layoutOf(const std::string& response, int experts);

/// The tokens whose rows an array has, and where they are to go.
struct RowsOf {
    std::span<const std::int32_t> ids;  ///< prompt and answer
    int prompt_tokens = 0;              ///< of them
    int rows_end = 0;                   ///< tokens up to the last that has a row
    int start = 0;                      ///< tokens before the first row, if the server heeds what it was asked
};

/// Gives the records of tokens from `next` on, in their order, and sets it to the token after the last one. Records
/// that the server masked (engine/routing/trace/masked.h) are empty. Errors: sizes that do not fit, ids that are no
/// experts.
Status giveRows(const nlohmann::json& routed, const RowLayout& layout, const RowsOf& tokens, int& next,
                RoutingSink& sink);

}  // namespace moescope
