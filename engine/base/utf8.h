#pragma once
// Finding whole characters in bytes that may not be UTF-8.

#include <cstddef>
#include <string>
#include <string_view>

namespace moescope {

/// What a text starts with.
struct Utf8Character {
    std::size_t bytes = 0;    ///< of the character if valid, else of what can be skipped (at least 1)
    bool valid = false;       ///< a whole character: no overlong form, no surrogate, at most U+10FFFF
    bool incomplete = false;  ///< not valid, but more bytes could make it so
};

/// Looks at the first character of a text that is not empty.
inline Utf8Character firstCharacter(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) return {1, true, false};
    const std::size_t length = lead >= 0xf0 ? 4 : (lead >= 0xe0 ? 3 : 2);
    if (lead < 0xc2 || lead > 0xf4) return {1, false, false};
    for (std::size_t i = 1; i < length; ++i) {
        if (i >= text.size()) return {i, false, true};
        unsigned char lowest = 0x80, highest = 0xbf;
        if (i == 1 && lead == 0xe0) lowest = 0xa0;
        if (i == 1 && lead == 0xed) highest = 0x9f;
        if (i == 1 && lead == 0xf0) lowest = 0x90;
        if (i == 1 && lead == 0xf4) highest = 0x8f;
        if (byte(i) < lowest || byte(i) > highest) return {i, false, false};
    }
    return {length, true, false};
}

/// The code point of what firstCharacter() has found to be valid.
inline char32_t codePoint(std::string_view character) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
    if (character.size() == 1) return byte(0);
    char32_t code = byte(0) & (0x7Fu >> character.size());
    for (std::size_t i = 1; i < character.size(); ++i) code = code << 6 | (byte(i) & 0x3Fu);
    return code;
}

/// Appends a code point, which is a valid one, as UTF-8.
inline void appendCodePoint(std::string* out, char32_t code) {
    const auto put = [&](char32_t byte) { *out += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xC0 | code >> 6);
        put(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        put(0xE0 | code >> 12);
        put(0x80 | (code >> 6 & 0x3F));
        put(0x80 | (code & 0x3F));
    } else {
        put(0xF0 | code >> 18);
        put(0x80 | (code >> 12 & 0x3F));
        put(0x80 | (code >> 6 & 0x3F));
        put(0x80 | (code & 0x3F));
    }
}

/// Whether a byte is not a beginning of a character.
inline bool continuesCharacter(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

/// The size of the longest start of `text` of at most `limit` bytes that cuts no character. Of what is no UTF-8 it may
/// be up to three bytes shorter than the limit, and is never empty for that.
inline std::size_t wholeCharacters(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) return text.size();
    std::size_t size = limit;
    while (size > 0 && limit - size < 4 && continuesCharacter(text[size])) --size;
    return limit - size < 4 && size > 0 ? size : limit;
}

/// Length of the longest start of `text` that is valid UTF-8.
inline std::size_t validPrefix(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const Utf8Character c = firstCharacter(text.substr(at));
        if (!c.valid) break;
        at += c.bytes;
    }
    return at;
}

}  // namespace moescope
