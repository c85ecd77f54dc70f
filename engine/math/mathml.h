#pragma once
// Formulas as MathML, as browsers read it today (MathML Core).

#include <string>
#include <string_view>

#include "engine/math/formula.h"

namespace moescope::math {

/// An element <math> with `source` beside the formula as its annotation, from which assistive technology and copies
/// take it. Only elements and attributes of its own; all text is escaped. `formula` must be one that can be set, of
/// valid UTF-8. Linear in size.
std::string mathml(const Formula& formula, std::string_view source);

}  // namespace moescope::math
