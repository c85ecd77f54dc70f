#include "ui/markdown/utf8.h"

#include "engine/base/utf8.h"

namespace moescope {

DecodedCharacter decodeUtf8(std::string_view text, std::size_t at) {
    const Utf8Character found = firstCharacter(text.substr(at));
    if (!found.valid) return {0xFFFD, 1};
    return {codePoint(text.substr(at, found.bytes)), static_cast<int>(found.bytes)};
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
