#include "engine/math/alphabets.h"

#include <array>

namespace moescope::math {
namespace {

/// Where an alphabet of Unicode's block of mathematical letters begins.
struct Alphabet {
    Letters letters;
    char32_t capitals, small, digits;      // of Latin; 0: none
    char32_t greek_capitals, greek_small;  // Alpha to Omega and theta; alpha to omega, then partial and six variants
};

constexpr std::array kAlphabets = {
    Alphabet{Letters::kItalic, 0x1D434, 0x1D44E, 0, 0, 0x1D6FC},
    Alphabet{Letters::kBold, 0x1D400, 0x1D41A, 0x1D7CE, 0x1D6A8, 0x1D6C2},
    Alphabet{Letters::kBoldItalic, 0x1D468, 0x1D482, 0x1D7CE, 0x1D71C, 0x1D736},
    Alphabet{Letters::kTextItalic, 0x1D434, 0x1D44E, 0, 0x1D6E2, 0x1D6FC},
    Alphabet{Letters::kSans, 0x1D5A0, 0x1D5BA, 0x1D7E2, 0, 0},
    Alphabet{Letters::kMono, 0x1D670, 0x1D68A, 0x1D7F6, 0, 0},
    Alphabet{Letters::kDoubleStruck, 0x1D538, 0x1D552, 0x1D7D8, 0, 0},
    Alphabet{Letters::kScript, 0x1D49C, 0x1D4B6, 0, 0, 0},
    Alphabet{Letters::kFraktur, 0x1D504, 0x1D51E, 0, 0, 0},
};

/// Letters that had a place before the block was made.
struct Exception {
    char32_t regular, real;
};
constexpr std::array kExceptions = {
    Exception{0x1D455, 0x210E}, Exception{0x1D49D, 0x212C}, Exception{0x1D4A0, 0x2130}, Exception{0x1D4A1, 0x2131},
    Exception{0x1D4A3, 0x210B}, Exception{0x1D4A4, 0x2110}, Exception{0x1D4A7, 0x2112}, Exception{0x1D4A8, 0x2133},
    Exception{0x1D4AD, 0x211B}, Exception{0x1D4BA, 0x212F}, Exception{0x1D4BC, 0x210A}, Exception{0x1D4C4, 0x2134},
    Exception{0x1D506, 0x212D}, Exception{0x1D50B, 0x210C}, Exception{0x1D50C, 0x2111}, Exception{0x1D515, 0x211C},
    Exception{0x1D51D, 0x2128}, Exception{0x1D53A, 0x2102}, Exception{0x1D53F, 0x210D}, Exception{0x1D545, 0x2115},
    Exception{0x1D547, 0x2119}, Exception{0x1D548, 0x211A}, Exception{0x1D549, 0x211D}, Exception{0x1D551, 0x2124},
};

/// Behind omega: partial and the other forms of letters.
constexpr std::u32string_view kBehindOmega = U"∂ϵϑϰϕϱϖ";
constexpr char32_t kGreekLetters = 25;

}  // namespace

char32_t inAlphabet(char32_t code, Letters letters) {
    for (const Alphabet& a : kAlphabets) {
        if (a.letters != letters) continue;
        char32_t to = code;
        if (code >= U'A' && code <= U'Z') to = a.capitals + (code - U'A');
        if (code >= U'a' && code <= U'z') to = a.small + (code - U'a');
        if (code >= U'0' && code <= U'9' && a.digits) to = a.digits + (code - U'0');
        if (code >= U'Α' && code <= U'Ω' && a.greek_capitals) to = a.greek_capitals + (code - U'Α');
        if (code >= U'α' && code <= U'ω' && a.greek_small) to = a.greek_small + (code - U'α');
        if (const std::size_t i = kBehindOmega.find(code); i != std::u32string_view::npos && a.greek_small)
            to = a.greek_small + kGreekLetters + static_cast<char32_t>(i);
        for (const Exception& e : kExceptions) {
            if (e.regular == to) return e.real;
        }
        return to;
    }
    return code;
}

PlainLetter plainLetter(char32_t code) {
    for (const Exception& e : kExceptions) {
        if (e.real == code) code = e.regular;
    }
    if (code < 0x1D400 || code > 0x1D7FF) return {code, Letters::kUpright};
    const auto in = [&](char32_t from, char32_t count) { return from != 0 && code >= from && code < from + count; };
    for (const Alphabet& a : kAlphabets) {
        if (in(a.capitals, 26)) return {U'A' + (code - a.capitals), a.letters};
        if (in(a.small, 26)) return {U'a' + (code - a.small), a.letters};
        if (in(a.digits, 10)) return {U'0' + (code - a.digits), a.letters};
        if (in(a.greek_capitals, kGreekLetters)) return {U'Α' + (code - a.greek_capitals), a.letters};
        if (in(a.greek_small, kGreekLetters)) return {U'α' + (code - a.greek_small), a.letters};
        if (in(a.greek_small + kGreekLetters, static_cast<char32_t>(kBehindOmega.size())) && a.greek_small)
            return {kBehindOmega[code - a.greek_small - kGreekLetters], a.letters};
    }
    return {code, Letters::kUpright};
}

}  // namespace moescope::math
