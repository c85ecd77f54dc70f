#pragma once
// The commands of TeX's mathematics that are no symbols, by name.

#include <string_view>
#include <vector>

#include "engine/math/formula.h"

namespace moescope::math {

struct Command {
    enum class What : std::uint8_t {
        kFraction,
        kGeneralFraction,
        kRadical,
        kFenced,
        kSized,
        kAccent,
        kStretched,
        kLine,
        kLetters,
        kLettersFrom,
        kWords,
        kSpace,
        kGivenSpace,
        kStyle,
        kStacked,
        kLongArrow,
        kClassed,
        kPhantom,
        kSmash,
        kBoxed,
        kStruck,
        kColored,
        kNegation,
        kDots,
        kOperatorName,
        kParenthesized,
        kEnvironment,
        kNothing,
        kNothingWithArgument,
        kEscaped,
        kBracket,
        kTag,
        kWideRelation,
        kSubstack,
        kStrut,
        kMiddle,
    };
    What what;
    double em = 0;      ///< of a space
    char32_t code = 0;  ///< of an accent, of what is stretched, of an arrow
    Letters letters = Letters::kItalic;
    Style style = Style::kText;
    Atom atom = Atom::kOrd;
    bool under = false;
};

/// Null if there is none of that name (without its backslash).
const Command* commandNamed(std::string_view name);

/// All names, for tests.
std::vector<std::string_view> commandNames();

}  // namespace moescope::math
