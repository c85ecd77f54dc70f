#pragma once
// What kind a character is to the dialect's rules about Chinese, Japanese and Korean.

#include <cstddef>
#include <string_view>

namespace moescope::markdown {

struct Character {
    char32_t code = U' ';  ///< a blank where the text begins or ends; U+FFFD for a byte that is not UTF-8
    std::size_t bytes = 0;
};

/// The character that begins at `at`; of none there, a blank of no bytes.
Character characterAt(std::string_view text, std::size_t at);
/// The character that ends before `at`.
Character characterBefore(std::string_view text, std::size_t at);

/// A letter or sign of Chinese, Japanese or Korean, their punctuation and full-width forms included.
bool isCjk(char32_t code);
/// Punctuation of theirs.
bool isCjkPunctuation(char32_t code);
/// Punctuation of others: ASCII, and what stands beside words in Latin typography.
bool isOtherPunctuation(char32_t code);

inline bool isDigit(char c) {
    return c >= '0' && c <= '9';
}
inline bool isAsciiLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
inline bool isAlphanumeric(char c) {
    return isDigit(c) || isAsciiLetter(c);
}
inline bool isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\v' || c == '\f';
}
inline bool isLineEnd(char c) {
    return c == '\n' || c == '\r';
}

}  // namespace moescope::markdown
