#pragma once
// Mathematical alphabets: the code point of a letter in bold, script, double-struck and so on.

#include "engine/math/formula.h"

namespace moescope::math {

/// The letter, digit or Greek letter in one of the alphabets; what an alphabet lacks stays as it is.
char32_t inAlphabet(char32_t code, Letters letters);

/// What inAlphabet() has made a letter of, and of what.
struct PlainLetter {
    char32_t code = 0;
    Letters letters = Letters::kUpright;
};
PlainLetter plainLetter(char32_t code);

}  // namespace moescope::math
