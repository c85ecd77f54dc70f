#include "ui/markdown/utf8.h"

namespace moescope {

DecodedCharacter decodeUtf8(std::string_view text, std::size_t at) {
    constexpr DecodedCharacter kInvalid{0xFFFD, 1};
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) return {first, 1};
    const int length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || at + static_cast<std::size_t>(length) > text.size()) return kInvalid;
    char32_t code = first & (0x7Fu >> length);
    for (int i = 1; i < length; ++i) {
        const unsigned char next = byte(static_cast<std::size_t>(i));
        if ((next & 0xC0) != 0x80) return kInvalid;
        code = code << 6 | (next & 0x3Fu);
    }
    constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < kSmallest[length] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return kInvalid;
    return {code, length};
}

void appendUtf8(QString* out, std::string_view text) {
    out->reserve(out->size() + static_cast<qsizetype>(text.size()));
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t ascii = at;
        while (ascii < text.size() && static_cast<unsigned char>(text[ascii]) < 0x80) ++ascii;
        if (ascii > at) out->append(QLatin1String(text.data() + at, static_cast<qsizetype>(ascii - at)));
        for (at = ascii; at < text.size() && static_cast<unsigned char>(text[at]) >= 0x80;) {
            const DecodedCharacter character = decodeUtf8(text, at);
            if (character.units() == 2) {
                out->append(QChar(QChar::highSurrogate(character.code)));
                out->append(QChar(QChar::lowSurrogate(character.code)));
            } else {
                out->append(QChar(static_cast<char16_t>(character.code)));
            }
            at += static_cast<std::size_t>(character.bytes);
        }
    }
}

}  // namespace moescope
