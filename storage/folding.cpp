#include "storage/folding.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include <cassert>
#include <utility>

#include "engine/base/utf8.h"

namespace moescope {
namespace {

/// ICU's normalisers, which live as long as the program.
struct Normalisers {
    const UNormalizer2 *casefold, *decompose, *compose;
};

const Normalisers& normalisers() {
    static const Normalisers all = [] {
        UErrorCode error = U_ZERO_ERROR;
        const Normalisers n{unorm2_getNFKCCasefoldInstance(&error), unorm2_getNFDInstance(&error),
                            unorm2_getNFCInstance(&error)};
        assert(U_SUCCESS(error));
        return n;
    }();
    return all;
}

using Utf16 = std::basic_string<char16_t>;

void append(Utf16& text, UChar32 c) {
    if (c > 0xffff) {
        text += U16_LEAD(c);
        text += U16_TRAIL(c);
    } else {
        text += static_cast<char16_t>(c);
    }
}

void append(std::string& text, UChar32 c) {
    char bytes[U8_MAX_LENGTH];
    int n = 0;
    U8_APPEND_UNSAFE(bytes, n, c);
    text.append(bytes, static_cast<std::size_t>(n));
}

Utf16 normalised(const UNormalizer2* form, const Utf16& text) {
    Utf16 out(text.size() + 16, u'\0');
    while (true) {
        UErrorCode error = U_ZERO_ERROR;
        const auto size = static_cast<std::int32_t>(text.size());
        const auto room = static_cast<std::int32_t>(out.size());
        const std::int32_t needed = unorm2_normalize(form, text.data(), size, out.data(), room, &error);
        if (error == U_BUFFER_OVERFLOW_ERROR) {
            out.resize(static_cast<std::size_t>(needed));
            continue;
        }
        out.resize(U_SUCCESS(error) ? static_cast<std::size_t>(needed) : 0);
        return out;
    }
}

/// A letter with a stroke or without its dot, which Unicode does not take apart, as the letter that it is read as.
UChar32 withoutStroke(UChar32 c) {
    switch (c) {
        case 0x111:
            return 'd';
        case 0x127:
            return 'h';
        case 0x142:
            return 'l';
        case 0xf8:
            return 'o';
        case 0x167:
            return 't';
        default:
            return c;
    }
}

/// Marks that readers leave out when they type: accents of Latin, Greek and Cyrillic, points of Arabic and Hebrew.
/// Those that make other letters of their letter (Indic vowel signs, kana's voicing) belong to it.
bool isAccent(UChar32 c) {
    if (u_charType(c) != U_NON_SPACING_MARK || c == 0x3099 || c == 0x309a) return false;
    UErrorCode error = U_ZERO_ERROR;
    const UScriptCode script = uscript_getScript(c, &error);
    return script == USCRIPT_INHERITED || script == USCRIPT_HEBREW || script == USCRIPT_ARABIC;
}

/// Nothing happens to it in any form, whatever stands beside it.
bool isInert(UChar32 c) {
    const Normalisers& n = normalisers();
    return unorm2_isInert(n.casefold, c) && unorm2_isInert(n.decompose, c) && unorm2_isInert(n.compose, c) &&
           withoutStroke(c) == c && c != 0x131;
}

/// Folds one piece: a character and what combines with it.
void foldPiece(const Utf16& piece, Accents accents, std::string& out) {
    const Normalisers& n = normalisers();
    const Utf16 parts = normalised(n.decompose, normalised(n.casefold, piece));
    const auto size = static_cast<std::int32_t>(parts.size());
    Utf16 kept;
    UChar32 before = 0;
    for (std::int32_t i = 0; i < size;) {
        UChar32 c = 0;
        U16_NEXT(parts.data(), i, size, c);
        if (c == 0x131) c = 'i';
        const bool turkish_dot = c == 0x307 && before == 'i';  // what is left of İ
        before = c;
        if (turkish_dot || (accents == Accents::kDropped && isAccent(c))) continue;
        append(kept, accents == Accents::kDropped ? withoutStroke(c) : c);
    }
    const Utf16 whole = normalised(n.compose, kept);
    const auto length = static_cast<std::int32_t>(whole.size());
    for (std::int32_t i = 0; i < length;) {
        UChar32 c = 0;
        U16_NEXT(whole.data(), i, length, c);
        append(out, U_IS_SURROGATE(c) ? 0xfffd : c);
    }
}

/// The first character of a text that is not empty, and its length; U+FFFD for bytes that are none.
UChar32 decode(std::string_view text, std::size_t& bytes) {
    const Utf8Character c = firstCharacter(text);
    bytes = c.bytes;
    if (!c.valid) return 0xfffd;
    const auto byte = [&](std::size_t i) { return static_cast<UChar32>(static_cast<unsigned char>(text[i])); };
    if (c.bytes == 1) return byte(0);
    UChar32 value = byte(0) & (0x7f >> c.bytes);
    for (std::size_t i = 1; i < c.bytes; ++i) value = value << 6 | (byte(i) & 0x3f);
    return value;
}

char small(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 0x20) : c;
}

/// Goes through a text piece by piece and adds what each becomes to `out`; after(begin, end) hears of each.
template <class After>
void fold(std::string_view text, Accents accents, std::string& out, const After& after) {
    const Normalisers& n = normalisers();
    const auto next = [&](std::size_t& at) {
        std::size_t bytes = 1;
        const UChar32 c = decode(text.substr(at), bytes);
        at += bytes;
        return c;
    };
    Utf16 piece;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = at;
        // Nothing combines with ASCII but what is beyond it.
        if (static_cast<signed char>(text[at]) >= 0 &&
            (at + 1 == text.size() || static_cast<signed char>(text[at + 1]) >= 0)) {
            out += small(text[at++]);
            after(begin, at);
            continue;
        }
        const UChar32 first = next(at);
        if (first > 0x7f && isInert(first)) {
            append(out, first);
            after(begin, at);
            continue;
        }
        piece.clear();
        append(piece, first);
        // Unicode's own limit for streams is 30 marks; sorting many takes the square of their number.
        constexpr std::size_t kLongest = 64;
        while (at < text.size() && piece.size() < kLongest) {
            std::size_t behind = at;
            const UChar32 c = next(behind);
            if (unorm2_hasBoundaryBefore(n.casefold, c) && unorm2_hasBoundaryBefore(n.compose, c)) break;
            append(piece, c);
            at = behind;
        }
        foldPiece(piece, accents, out);
        after(begin, at);
    }
}

}  // namespace

std::string folded(std::string_view text, Accents accents) {
    std::string out;
    out.reserve(text.size());
    fold(text, accents, out, [](std::size_t, std::size_t) {});
    return out;
}

FoldedText foldedWithPlaces(std::string_view text, Accents accents) {
    FoldedText out;
    std::string whole;
    whole.reserve(text.size());
    std::size_t done = 0;
    fold(text, accents, whole, [&](std::size_t begin, std::size_t end) {
        while (done < whole.size()) {
            std::size_t bytes = 1;
            const bool blank = startsWithBlank(std::string_view(whole).substr(done), bytes);
            if (blank && !out.text.empty() && out.text.back() == ' ') {
                out.ends.back() = static_cast<std::uint32_t>(end);
            } else {
                out.text += blank ? " " : std::string_view(whole).substr(done, bytes);
                out.begins.resize(out.text.size(), static_cast<std::uint32_t>(begin));
                out.ends.resize(out.text.size(), static_cast<std::uint32_t>(end));
            }
            done += bytes;
        }
    });
    return out;
}

Needle::Needle(std::string_view typed) : text(foldedWithPlaces(typed, Accents::kDropped).text) {
    std::string with = foldedWithPlaces(typed, Accents::kKept).text;
    if (with == text) return;
    text = std::move(with);
    accents = Accents::kKept;
}

bool startsWithBlank(std::string_view text, std::size_t& bytes) {
    return u_isUWhiteSpace(decode(text, bytes));
}

std::string searchTerms(std::string_view text) {
    constexpr std::string_view kEnd = "\n\n";
    std::string out, with, without;
    out.reserve(text.size() + kEnd.size());
    fold(text, Accents::kDropped, out, [](std::size_t, std::size_t) {});
    out += kEnd;
    std::size_t words = 0, begin = 0;
    bool plain = true;  // the word so far is ASCII
    const auto endWord = [&](std::size_t end) {
        if (!plain) {
            const std::string_view word = text.substr(begin, end - begin);
            with = folded(word, Accents::kKept);
            without = folded(word, Accents::kDropped);
            if (with != without) {
                out += words++ ? " " : "";
                out += with;
            }
        }
        plain = true;
    };
    for (std::size_t at = 0; at < text.size();) {
        std::size_t bytes = 1;
        const bool ascii = static_cast<signed char>(text[at]) >= 0;
        if (startsWithBlank(text.substr(at), bytes)) {
            endWord(at);
            begin = at + bytes;
        } else if (!ascii) {
            plain = false;
        }
        at += bytes;
    }
    endWord(text.size());
    if (words > 0) out += kEnd;
    return out;
}

}  // namespace moescope
