#pragma once
// The symbols of TeX, LaTeX and the AMS by name and by character, with their classes.

#include <optional>
#include <string_view>
#include <vector>

#include "engine/math/formula.h"

namespace moescope::math {

struct Symbol {
    char32_t code = 0;
    Atom atom = Atom::kOrd;
    bool letter = false;             ///< Greek and the like: alphabets change it
    Limits limits = Limits::kNever;  ///< of an operator
};

/// "alpha", "leq", "sum"; nothing if there is none of that name.
std::optional<Symbol> symbolNamed(std::string_view name);
/// What a character means that is written itself, "+" or "≤". Always something.
Symbol symbolOf(char32_t code);
/// What may stand behind \left and \big: a name without its backslash, or a character. 0: it is no delimiter.
char32_t delimiterNamed(std::string_view name);
char32_t delimiterOf(char32_t character);
/// "sin", "lim": where its limits stand. Nothing if it is no operator.
std::optional<Limits> operatorNamed(std::string_view name);
/// The relation struck out; 0 if there is no such character.
char32_t negated(char32_t code);

/// All names, for tests.
std::vector<std::string_view> symbolNames();

}  // namespace moescope::math
