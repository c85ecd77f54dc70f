#pragma once
// What becomes of a conversation that the context has no room for.

#include <cstdint>
#include <optional>
#include <string_view>

namespace moescope {

enum class ContextPolicy : std::uint8_t {
    kStop,        ///< say so, and answer nothing
    kDropOldest,  ///< leave the oldest turns out
    kAsk,         ///< ask whether to do that
};

/// "stop", "drop_oldest", "ask".
std::string_view contextPolicyName(ContextPolicy policy);
std::optional<ContextPolicy> parseContextPolicy(std::string_view name);

}  // namespace moescope
