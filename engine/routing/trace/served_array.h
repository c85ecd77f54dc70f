#pragma once
// The value of "routed_experts" in a server's response, in the forms that servers give it.

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"

namespace moescope {

/// Ids in the order of (tokens, layers, k); -1: none.
struct ServedArray {
    std::vector<std::int32_t> ids;
    std::vector<std::size_t> shape;    ///< of three sizes; empty: bare numbers, whose sizes are not said
    std::optional<std::size_t> start;  ///< tokens of the prompt that were left out before the first row
};

/// Reads
///   - nested lists [tokens][layers][k], null or -1 for what is not known;
///   - base64 of an .npy array;
///   - base64 of bare numbers of the type `dtype` ("int32" if empty; also uint8, uint16, int64 and so on);
///   - "nrlre1:TYPE:TxLxK:BASE64";
///   - {"data": base64 or base85, "shape": [a, b, c], "dtype": TYPE, "start": N}, the last two optional.
/// Error: one sentence that begins with "The response cannot be read: ".
Result<ServedArray> readServedArray(const nlohmann::json& value, const std::string& dtype);

/// Numbers of a width out of bytes, least significant first; nullopt for a type that is not known, a length that is no
/// multiple, or a number that is not an id of an expert (-1 is none).
std::optional<std::vector<std::int32_t>> numbersOf(std::span<const std::byte> bytes, std::string_view dtype);

}  // namespace moescope
