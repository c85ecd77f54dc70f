#pragma once
// Base64 (RFC 4648) and base85, as servers send bytes within JSON.

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace moescope {

/// The bytes; nothing if the text is not base64 with its padding.
std::optional<std::vector<std::byte>> decodeBase64(std::string_view text);

/// The same of base85 in the alphabet of RFC 1924, four bytes in five characters, without padding (Python's b85encode).
std::optional<std::vector<std::byte>> decodeBase85(std::string_view text);

}  // namespace moescope
