#pragma once
// Python's string methods, for texts that know where they come from. Positions are of characters (code points), as in
// Python; a byte that is not UTF-8 counts as one character.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/text/jinja_text.h"
#include "engine/text/jinja_value.h"

namespace moescope::jinja {

struct Character {
    char32_t code = 0;  ///< U+FFFD for a byte that is not UTF-8
    std::size_t bytes = 1;
};
/// The first character of a text that is not empty.
Character characterAt(std::string_view text);
/// The last one.
Character characterBefore(std::string_view text);
bool isSpace(char32_t code);  ///< as Python's str.isspace()

std::size_t lengthOf(std::string_view text);  ///< in characters
/// Where each character begins, and the end of the text.
std::vector<std::uint32_t> characterStarts(std::string_view text, Budget& budget);

/// Where `what` is in `text`, npos if it is not. Takes no longer where most of it is in many places.
std::size_t findFirst(std::string_view text, std::string_view what, Budget& budget);
std::size_t findLast(std::string_view text, std::string_view what, Budget& budget);

/// Without the characters of `characters` (nullopt: white space) at its ends.
Text strip(const Text& text, std::optional<std::string_view> characters, bool left, bool right);

/// Parts between separators (nullopt: runs of white space, and none at the ends), at most `most` cuts (-1: all), from
/// the end if `from_end`. The separator is not empty.
std::vector<Text> split(const Text& text, std::optional<std::string_view> separator, std::int64_t most, bool from_end,
                        Budget& budget);
std::vector<Text> splitLines(const Text& text, bool keep_ends, Budget& budget);
/// With at most `most` (-1: all) of `what` replaced. What is put into a message's text is not the template's own any
/// more.
Text replace(const Text& text, std::string_view what, const Text& with, std::int64_t most, Budget& budget);

enum class Case { kUpper, kLower, kTitle, kCapitalized };
/// In other letters, as str.upper(), lower(), title() and capitalize(). Loses the place unless all letters are ASCII.
Text inCase(const Text& text, Case wanted);
/// What `is lower` and the is...() methods ask.
enum class CharacterClass { kAlphabetic, kDigits, kAlphanumeric, kSpace, kUpper, kLower };
bool isAll(std::string_view text, CharacterClass wanted);

}  // namespace moescope::jinja
