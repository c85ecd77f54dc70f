#pragma once
// JSON that a server sent, which may be anybody's.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string_view>

namespace moescope {

/// Nothing for what is not JSON, is nested deeper than kMostJsonDepth or has more than kMostJsonValues values: a
/// document takes some forty times the memory of its text at most. Bytes that are not UTF-8 read as U+FFFD.
std::optional<nlohmann::json> boundedJson(std::string_view text);

inline constexpr int kMostJsonDepth = 32;
inline constexpr std::size_t kMostJsonValues = 4'000'000;

}  // namespace moescope
