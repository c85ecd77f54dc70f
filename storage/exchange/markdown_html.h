#pragma once
// Markdown of models and users as HTML that can do nothing but be read.

#include <string>
#include <string_view>

namespace moescope {

/// Text as HTML text or attribute: `&`, `<`, `>`, `"` as entities, U+FFFD for what is not UTF-8 and for U+0000.
std::string escapedHtml(std::string_view text);

/// Markdown in the dialect of engine/markdown/mask.h, the same as in the window, as HTML blocks. Raw HTML is shown as
/// text. Links lead to http, https and mailto, others lose their target; pictures become their description and
/// address in words, so that nothing is loaded. Code blocks have the class `language-X`. Formulas are MathML that has
/// their source as an annotation; those that cannot be set are spans of the class `formula` that hold what was written.
/// Lists, quotes and tables find their own direction. Linear in time and size; a text beyond the limits of
/// engine/markdown/reader.h comes as plain text.
std::string renderedMarkdown(std::string_view markdown);

}  // namespace moescope
