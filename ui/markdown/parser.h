#pragma once
// Blocks from Markdown in the dialect of engine/markdown/mask.h. Raw HTML is text: what a model writes is shown, never
// run. Pictures are shown as their description. The end of a line is one in a paragraph, an item, a quote too.

#include <string_view>
#include <vector>

#include "ui/markdown/block.h"

namespace moescope {

/// A place at which the parsing of a text that grows may start again; see MarkdownDocument.
struct SafePoint {
    std::uint32_t byte = 0;
    std::size_t blocks = 0;  ///< before it
};

struct ParsedMarkdown {
    std::vector<Block> blocks;
    SafePoint safe;
    /// The text is beyond a limit of engine/markdown/reader.h: without its definitions of links, or wholly as it is
    /// written. Then the limits hold for the whole text: it is to be parsed from its beginning.
    bool limited = false;
};

/// Parses text[from, end) as a text of its own; positions in the result are those in `text`. Linear in time and memory.
/// At most 4 GiB.
ParsedMarkdown parseMarkdown(std::string_view text, std::uint32_t from);

inline std::vector<Block> parseMarkdown(std::string_view text) {
    return parseMarkdown(text, 0).blocks;
}

/// Text as it is: a tight paragraph a line.
std::vector<Block> plainBlocks(std::string_view text);

}  // namespace moescope
