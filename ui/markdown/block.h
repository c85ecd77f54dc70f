#pragma once
// What a Markdown text consists of, ready to be painted: a flat list of leaf blocks, each of which knows the quotes and
// list items that it stands in.
//
// Source positions are bytes in the UTF-8 text. Text positions are UTF-16 units of an Inlines::text, as QTextLayout
// counts. Runs tie the two together: tokens are byte ranges, what is hovered and tinted are units.

#include <QString>
#include <cstdint>
#include <string_view>
#include <vector>

namespace moescope {

enum RunStyle : std::uint8_t {
    kPlainStyle = 0,
    kItalicStyle = 1 << 0,
    kBoldStyle = 1 << 1,
    kCodeStyle = 1 << 2,
    kStrikeStyle = 1 << 3,
    kImageStyle = 1 << 4,    ///< the description of a picture, which is not loaded
    kFormulaStyle = 1 << 5,  ///< a formula, with its marks
};

/// A stretch of text of one style. Runs of a text follow each other without gaps; their byte ranges ascend, and the
/// bytes between them are syntax.
struct Run {
    int from = 0, length = 0;          ///< in units
    std::uint32_t begin = 0, end = 0;  ///< in bytes
    std::uint8_t style = kPlainStyle;
    bool verbatim = true;  ///< the units are the decoded bytes; else they stand for the range as a whole ("&amp;")
    int link = -1;         ///< in Inlines::links

    bool operator==(const Run&) const = default;
};

/// A formula that is closed: units of the text, its marks included, and the bytes that they stand for.
struct InlineFormula {
    int from = 0, length = 0;
    std::uint32_t begin = 0, end = 0;
    bool display = false;  ///< on lines of its own

    bool operator==(const InlineFormula&) const = default;
};

struct Inlines {
    QString text;  ///< lines are divided by QChar::LineSeparator, in code and formulas by '\n'
    std::vector<Run> runs;
    std::vector<InlineFormula> formulas;  ///< ascending; their runs have kFormulaStyle
    std::vector<QString> links;           ///< addresses

    bool operator==(const Inlines&) const = default;
};

/// A quote or a list item around a block.
struct Container {
    enum Kind : std::uint8_t { kQuote, kBullet, kNumber };
    enum Task : std::uint8_t { kNoTask, kOpen, kDone };

    Kind kind = kQuote;
    Task task = kNoTask;
    bool first = false;  ///< the block is the first of the item: the marker stands beside it
    unsigned number = 0;

    bool operator==(const Container&) const = default;
};

/// kThought stands before what the model thought aloud, and has no text itself.
enum class BlockKind : std::uint8_t { kParagraph, kHeading, kCode, kTable, kRule, kThought };
enum class CellAlignment : std::uint8_t { kLeading, kCenter, kTrailing };

struct Block {
    BlockKind kind = BlockKind::kParagraph;
    int level = 0;         ///< of a heading, 1 to 6
    bool thought = false;  ///< of what the model thought aloud
    bool tight = false;    ///< no space between it and the block before (an item of a tight list, a line of plain text)
    QString language;      ///< of code: first word of the fence's line
    std::uint32_t begin = 0, end = 0;   ///< bytes from the first run to the last
    std::vector<Container> containers;  ///< outermost first
    Inlines inlines;                    ///< empty for tables and rules

    std::vector<Inlines> cells;  ///< of a table, row by row; the first row is its head
    std::vector<CellAlignment> columns;

    bool operator==(const Block&) const = default;
};

/// The source bytes of units [from, to) of a text, one a unit, and after them the end of the last: to - from + 1
/// values. `source` is the text that was parsed. The two halves of a surrogate pair have the same byte.
std::vector<std::uint32_t> sourceBytes(const Inlines& inlines, std::string_view source, int from, int to);

}  // namespace moescope
