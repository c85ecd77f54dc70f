#pragma once
// Colors in formulas.

#include <optional>
#include <string_view>

namespace moescope::math {

/// 0xRRGGBB of "red", "#f80", "#ff8800", or of numbers in a model of LaTeX's ("HTML", "RGB", "rgb", "gray"); nothing if
/// it is none.
std::optional<char32_t> colorNamed(std::string_view model, std::string_view color);

}  // namespace moescope::math
