#include "engine/math/colors.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace moescope::math {
namespace {

struct Color {
    std::string_view name;
    char32_t rgb;
};
// LaTeX's own, and those of its table of named colors that answers use; in lower case.
constexpr std::array kColors = {
    Color{"black", 0x000000},       Color{"white", 0xFFFFFF},     Color{"red", 0xFF0000},
    Color{"green", 0x008000},       Color{"blue", 0x0000FF},      Color{"cyan", 0x00AEEF},
    Color{"magenta", 0xEC008C},     Color{"yellow", 0xFFF200},    Color{"gray", 0x808080},
    Color{"grey", 0x808080},        Color{"darkgray", 0x404040},  Color{"lightgray", 0xBFBFBF},
    Color{"brown", 0xBF8040},       Color{"lime", 0xBFFF00},      Color{"olive", 0x808000},
    Color{"orange", 0xFF8000},      Color{"pink", 0xFFBFBF},      Color{"purple", 0xBF0040},
    Color{"teal", 0x008080},        Color{"violet", 0x800080},    Color{"maroon", 0xAF3235},
    Color{"navy", 0x000080},        Color{"gold", 0xDAA520},      Color{"crimson", 0xDC143C},
    Color{"darkred", 0x8B0000},     Color{"darkgreen", 0x006400}, Color{"darkblue", 0x00008B},
    Color{"forestgreen", 0x009B55}, Color{"royalblue", 0x0071BC}, Color{"steelblue", 0x4682B4},
    Color{"indigo", 0x4B0082},      Color{"salmon", 0xF69289},
};

std::optional<char32_t> hexadecimal(std::string_view digits) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    if (digits.size() == 6) return number;
    if (digits.size() != 3) return std::nullopt;
    return (number >> 8) * 0x110000 + (number >> 4 & 0xF) * 0x1100 + (number & 0xF) * 0x11;
}

/// Numbers between commas, each of which is 255 at `full`.
std::optional<char32_t> numbers(std::string_view list, std::size_t count, double full) {
    char32_t rgb = 0;
    for (std::size_t i = 0; i < count; ++i) {
        while (!list.empty() && (list.front() == ' ' || (i > 0 && list.front() == ','))) list.remove_prefix(1);
        double number = 0;
        const auto [end, error] =
            std::from_chars(list.data(), list.data() + list.size(), number, std::chars_format::fixed);
        if (error != std::errc() || !std::isfinite(number)) return std::nullopt;
        list.remove_prefix(static_cast<std::size_t>(end - list.data()));
        rgb = rgb << 8 | static_cast<char32_t>(std::lround(std::clamp(number / full, 0.0, 1.0) * 255));
    }
    while (!list.empty() && list.front() == ' ') list.remove_prefix(1);
    if (!list.empty()) return std::nullopt;
    return count == 1 ? rgb * 0x010101 : rgb;
}

}  // namespace

std::optional<char32_t> colorNamed(std::string_view model, std::string_view color) {
    while (!color.empty() && color.front() == ' ') color.remove_prefix(1);
    while (!color.empty() && color.back() == ' ') color.remove_suffix(1);
    if (model == "HTML") return color.size() == 6 ? hexadecimal(color) : std::nullopt;
    if (model == "RGB") return numbers(color, 3, 255);
    if (model == "rgb") return numbers(color, 3, 1);
    if (model == "gray") return numbers(color, 1, 1);
    if (color.starts_with('#')) return hexadecimal(color.substr(1));
    const auto same = [&](const Color& known) {
        return std::equal(known.name.begin(), known.name.end(), color.begin(), color.end(),
                          [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
    };
    const auto found = std::find_if(kColors.begin(), kColors.end(), same);
    if (found == kColors.end()) return std::nullopt;
    return found->rgb;
}

}  // namespace moescope::math
