#pragma once
// Text that others wrote (names and keys in files, titles, answers of a model) on its way into a sentence or onto a
// terminal, where it must neither command nor flood anything.

#include <cstddef>
#include <string>
#include <string_view>

namespace moescope {

/// How much of a name a sentence shows, in characters.
inline constexpr std::size_t kShownName = 100;

/// The text with U+FFFD for all that could command a terminal or turn the order of what is read: control characters
/// (C0, DEL, C1), bidirectional embeddings, overrides and isolates (U+202A to U+202E, U+2066 to U+2069), and bytes that
/// are not UTF-8. Line breaks and tabs stay, unless `one_line` makes blanks of them; a carriage return before a line
/// break goes.
std::string harmless(std::string_view text, bool one_line);

/// harmless() for a text that comes in pieces, which may end within a character.
class HarmlessStream {
public:
    /// What can be shown now.
    std::string push(std::string_view piece);
    /// The rest, at the end.
    std::string finish();

private:
    std::string m_held;  // an incomplete character, or a carriage return that a line break may follow
};

/// At most `characters` whole characters, with "…" in place of what was cut off.
std::string shortened(std::string_view text, std::size_t characters = kShownName);

/// "the name" in quotation marks for a sentence: harmless, on one line, at most kShownName characters.
std::string quoted(std::string_view name);
// As exact matches: std::quoted() would be found for a std::string otherwise.
inline std::string quoted(const std::string& name) {
    return quoted(std::string_view(name));
}
inline std::string quoted(std::string& name) {
    return quoted(std::string_view(name));
}
inline std::string quoted(const char* name) {
    return quoted(std::string_view(name));
}

}  // namespace moescope
