#pragma once
// A Markdown text that grows at its end, parsed again only from its last safe point.
//
// Why that is the same as parsing it anew: CommonMark finds blocks line by line, and what a line begins or continues
// depends only on the blocks that are open before it. The safe point is the beginning of a line that
//   - follows a blank line (or begins the text),
//   - is complete, so that no further byte can change what it is,
//   - is not indented like code,
//   - holds text of a paragraph, heading or table outside of all quotes and lists.
// Such blocks contain no blank lines, and no rule of the dialect (engine/markdown/mask.h) looks beyond one, so the line
// is the first of its block; and since the block stands outside of all containers, everything before it is closed and
// stays so. Fences need no care: in an open one md4c finds no paragraph. The one thing that reaches back are
// definitions of links ("[name]: address"). A text that may hold one (a line that begins with '[' after markers of
// quotes and lists, and "]:" there or later) is parsed as a whole from then on. tests/ui/test_markdown.cpp compares
// both ways at every byte of many texts.
//
// What a model thinks aloud (engine/markdown/thinking.h) is a Markdown text of its own before the answer: a block
// kThought, its blocks in a quote, then the answer's. So do the files that go with a question stand before it
// (engine/markdown/attachment.h). A question is Markdown too where it has a fence, code or a formula, which nobody
// writes by accident; else it is shown as it is typed: pasted lines keep their indents and signs.

#include <optional>
#include <string_view>
#include <vector>

#include "engine/markdown/thinking.h"
#include "ui/markdown/block.h"
#include "ui/markdown/parser.h"

namespace moescope {

class MarkdownDocument {
public:
    enum class Kind : std::uint8_t { kMarkdown, kQuestion };

    /// What an update has left as it was: blocks [0, block), and of blocks[block] the first `units` units of text
    /// (0 if it is a table, or of another kind or nesting than before).
    struct Change {
        std::size_t block = 0;
        int units = 0;
    };

    explicit MarkdownDocument(Kind kind = Kind::kMarkdown) : m_kind(kind) {}

    /// `text` begins with the text of the update before (it is not kept: positions are all that remains of it).
    /// `streams`: more may come.
    Change update(std::string_view text, bool streams = false);
    /// Of the last update.
    const std::optional<markdown::Thinking>& thinking() const { return m_thinking; }
    /// What stands for the files that go with a question: their names and parts; "" if there are none. Their text is
    /// folded as a thought is.
    const QString& files() const { return m_files; }

    const std::vector<Block>& blocks() const { return m_blocks; }
    /// Bytes that are parsed.
    std::size_t size() const { return m_size; }
    /// Where the next update starts to parse.
    SafePoint safePoint() const { return m_safe; }

private:
    void lookForDefinitions(std::string_view text);
    std::vector<Block> questionBlocks(std::string_view text);
    ParsedMarkdown parse(std::string_view text, SafePoint base);

    Kind m_kind;
    std::vector<Block> m_blocks;
    std::size_t m_size = 0;
    SafePoint m_safe;
    std::optional<markdown::Thinking> m_thinking;
    QString m_files;
    SafePoint m_answer;           // where the answer begins, behind a thought
    std::size_t m_line = 0;       // start of the last line that was searched for definitions
    bool m_bracket_line = false;  // some line begins with '['
    bool m_definitions = false;
};

}  // namespace moescope
