#include "engine/markdown/characters.h"

#include <algorithm>
#include <iterator>

#include "engine/base/utf8.h"

namespace moescope::markdown {
namespace {

struct Range {
    char32_t first, last;
};

// Blocks of Unicode 15, ascending.
constexpr Range kCjk[] = {{0x1100, 0x11FF}, {0x2E80, 0x2FFF},   {0x3001, 0x33FF},   {0x3400, 0x4DBF},  {0x4E00, 0x9FFF},
                          {0xA960, 0xA97F}, {0xAC00, 0xD7FF},   {0xF900, 0xFAFF},   {0xFE10, 0xFE1F},  {0xFE30, 0xFE6F},
                          {0xFF01, 0xFFEF}, {0x1AFF0, 0x1B16F}, {0x1F200, 0x1F2FF}, {0x20000, 0x3FFFF}};
constexpr Range kCjkPunctuation[] = {{0x3001, 0x3003}, {0x3008, 0x3011}, {0x3014, 0x301F}, {0x3030, 0x3030},
                                     {0x303D, 0x303D}, {0x30A0, 0x30A0}, {0x30FB, 0x30FB}, {0xFE10, 0xFE19},
                                     {0xFE30, 0xFE52}, {0xFE54, 0xFE6B}, {0xFF01, 0xFF0F}, {0xFF1A, 0xFF20},
                                     {0xFF3B, 0xFF40}, {0xFF5B, 0xFF65}};
constexpr Range kOtherPunctuation[] = {{0x21, 0x2F},     {0x3A, 0x40},     {0x5B, 0x60},    {0x7B, 0x7E}, {0xA1, 0xA1},
                                       {0xA7, 0xA7},     {0xAB, 0xAB},     {0xB6, 0xB7},    {0xBB, 0xBB}, {0xBF, 0xBF},
                                       {0x2010, 0x2027}, {0x2030, 0x205E}, {0x2E00, 0x2E7F}};

template <std::size_t N>
bool in(const Range (&ranges)[N], char32_t code) {
    const auto* found = std::upper_bound(std::begin(ranges), std::end(ranges), code,
                                         [](char32_t c, const Range& range) { return c < range.first; });
    return found != std::begin(ranges) && code <= std::prev(found)->last;
}

}  // namespace

Character characterAt(std::string_view text, std::size_t at) {
    if (at >= text.size()) return {};
    const Utf8Character found = firstCharacter(text.substr(at));
    if (!found.valid) return {0xFFFD, 1};
    return {codePoint(text.substr(at, found.bytes)), found.bytes};
}

Character characterBefore(std::string_view text, std::size_t at) {
    if (at == 0) return {};
    std::size_t begin = at - 1;
    while (begin > 0 && at - begin < 4 && continuesCharacter(text[begin])) --begin;
    const Character found = characterAt(text.substr(0, at), begin);
    return begin + found.bytes == at ? found : Character{0xFFFD, 1};
}

bool isCjk(char32_t code) {
    return in(kCjk, code);
}

bool isCjkPunctuation(char32_t code) {
    return in(kCjkPunctuation, code);
}

bool isOtherPunctuation(char32_t code) {
    return in(kOtherPunctuation, code);
}

}  // namespace moescope::markdown
