#pragma once
// Cases of doctest that lack what they need. A test of which every case was skipped is reported as skipped.

#include <string>

namespace moescope {

/// Prints "skipped: " and why, and counts; the case returns after it.
void skipCase(const std::string& why);

}  // namespace moescope
