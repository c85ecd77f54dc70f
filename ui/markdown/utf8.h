#pragma once
// UTF-8 to UTF-16 by one rule everywhere, so that bytes and units can be matched: each byte that is not part of a valid
// character becomes one U+FFFD.

#include <QString>
#include <string_view>

namespace moescope {

struct DecodedCharacter {
    char32_t code = 0;
    int bytes = 1;
    int units() const { return code > 0xFFFF ? 2 : 1; }
};

/// The character at `at`, which must be less than the size.
DecodedCharacter decodeUtf8(std::string_view text, std::size_t at);

/// Linear; quick for ASCII.
void appendUtf8(QString* out, std::string_view text);

inline QString fromUtf8(std::string_view text) {
    QString out;
    appendUtf8(&out, text);
    return out;
}

}  // namespace moescope
