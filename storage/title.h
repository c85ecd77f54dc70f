#pragma once
// The title that a conversation gets from its first question, in the window, on a terminal and on import.

#include <string>
#include <string_view>

namespace moescope {

/// One line of at most 48 characters as readers count them (an emoji of several code points is one), cut at the end of
/// a word where one is near, with "…" for the rest. What could command a terminal or turn the order of what is read is
/// U+FFFD (see engine/base/foreign_text.h). Looks at the beginning only: a question may have megabytes.
std::string titleFrom(std::string_view question);

}  // namespace moescope
