#pragma once
// Markdown of one message made fit to stand among others in a Markdown file.

#include <string>
#include <string_view>

namespace moescope {

/// The text, ending with a line break, with
/// - a backslash before each `<` that a viewer would take for HTML: `<vector>` in a sentence stays visible, as it is
///   in the window, and an open comment does not hide the rest of the file. Code is not touched;
/// - an end of the code block that it left open, if it did.
/// A text beyond the limits of engine/markdown/reader.h becomes a block of code. Linear in time.
std::string standaloneMarkdown(std::string_view text);

/// Plain words such as a title, so that they mean themselves.
std::string escapedMarkdown(std::string_view words);

}  // namespace moescope
