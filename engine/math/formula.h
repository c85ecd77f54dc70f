#pragma once
// A formula as a tree: what TeX's mathematics means, without a font. ui/math draws it, mathml.h writes it.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace moescope::math {

/// TeX's classes, which decide the space between two neighbors.
enum class Atom : std::uint8_t { kOrd, kOp, kBin, kRel, kOpen, kClose, kPunct, kInner };

/// TeX's four styles, large to small.
enum class Style : std::uint8_t { kDisplay, kText, kScript, kScriptScript };

/// Where scripts of an operator stand.
enum class Limits : std::uint8_t {
    kNever,    ///< beside it
    kDisplay,  ///< above and below it in display style, else beside it
    kAlways,   ///< above and below it
};

/// How letters look.
enum class Letters : std::uint8_t {
    kItalic,  ///< mathematics' own: italic letters, upright digits and capital Greek
    kUpright,
    kBold,
    kBoldItalic,
    kTextItalic,
    kSans,
    kMono,
    kDoubleStruck,
    kScript,
    kFraktur,
};

enum class Kind : std::uint8_t {
    kSymbol,     ///< `code`
    kName,       ///< an operator that is a word: `text`
    kWord,       ///< of a text: `text` in `letters`, a blank at its end included
    kUnknown,    ///< a command that is not known: `text` is how it is written
    kRow,        ///< children side by side; if `open`, as if they stood in the row around
    kScripts,    ///< base, subscript, superscript; the latter two may be empty rows
    kFraction,   ///< above, below; `amount`: thickness of the rule in em, negative for the font's own; fences as
                 ///< kFenced; if `vertical`, `above` has a line's room and nothing is kept free behind it (\cfrac)
    kRadical,    ///< body, and the index if there are two
    kFenced,     ///< a row between `code` and `right` (0: nothing there), as tall as the row; it may hold kMiddle
    kMiddle,     ///< the delimiter `code` within a kFenced
    kDelimiter,  ///< `code` in one of four sizes, `amount` 1 to 4
    kAccent,     ///< the combining mark `code` above the child; if `wide`, as wide as it
    kStretched,  ///< the child with `code` stretched over it, or under it if `under`: braces, arrows
    kLine,       ///< the child with a line over it, or under it if `under`
    kArrow,      ///< an arrow `code` as long as its labels: above, below
    kSpace,      ///< `amount` em
    kStyle,      ///< what follows in the row is in `style`
    kColor,      ///< what follows in the row has the color `code` (0xRRGGBB)
    kPhantom,    ///< the room of the child: its width if `horizontal`, its height and depth if `vertical`
    kSmash,      ///< the child without its height and depth
    kBoxed,      ///< a frame around the child
    kStruck,     ///< the child struck out: if `horizontal` from its lower left, if `vertical` from its upper left
    kTable,      ///< `table`
};

struct Table;

struct Node {
    Kind kind = Kind::kRow;
    Atom atom = Atom::kOrd;
    Style style = Style::kText;
    Limits limits = Limits::kNever;
    Letters letters = Letters::kItalic;
    bool open : 1 = false, under : 1 = false, wide : 1 = false, horizontal : 1 = false, vertical : 1 = false;
    bool forced : 1 = false;           ///< of a fraction: it is in `style`, whatever is around it
    std::uint32_t begin = 0, end = 0;  ///< bytes of the source; of a command with arguments only its name
    char32_t code = 0, right = 0;
    double amount = 0;
    std::string text;  ///< UTF-8
    std::vector<Node> children;
    std::shared_ptr<const Table> table;

    bool isEmptyRow() const { return kind == Kind::kRow && children.empty(); }
    /// Leaves nothing on the paper and is no neighbor to anything.
    bool isGlue() const { return kind == Kind::kSpace || kind == Kind::kStyle || kind == Kind::kColor; }
};

struct Table {
    enum class Column : std::uint8_t { kLeft, kCenter, kRight };
    struct Row {
        std::vector<Node> cells;
        double gap_below = 0;  ///< em, of "\\[1em]"
        int lines_above = 0;   ///< \hline
        Node tag;              ///< \tag; an empty row if there is none
    };
    std::vector<Row> rows;
    std::vector<Column> columns;  ///< from the left; further ones repeat the last two
    std::vector<int> lines;       ///< vertical lines before each column; one more for those behind the last
    std::vector<double> gaps;     ///< em before each column but the first; further ones repeat the last two
    int lines_below = 0;
    double pitch = 1.2;          ///< em of its own style from row to row, where these are not taller
    double extra = 0;            ///< em more between rows
    bool tight = false;          ///< rows have no room of a line: `pitch` apart, and `extra` em at least between them
    double left = 0, right = 0;  ///< em at its sides
    Style style = Style::kText;  ///< of the cells, unless what is around is smaller
    bool spread = false;         ///< the first row at the left, the last at the right (multline)

    std::size_t columnCount() const;
    Column column(std::size_t index) const;
    /// em between columns `before` - 1 and `before`.
    double gap(std::size_t before) const;
};

/// The marks around a formula in a text.
struct Marks {
    std::size_t begin = 0, end = 0;  ///< of what is between them
    bool display = false;
    bool closed = true;  ///< false: it has only the first, as while it streams
};
/// Of "\(...\)", "\[...\]", "$...$", "$$...$$"; "\begin{...}" has none and is a display. Anything else is not closed.
Marks marksOf(std::string_view source);

struct Formula {
    /// Why it has to be shown as it is written, in words; empty if it can be set.
    std::string problem;
    bool display = false;
    Node root;
    Node tag;  ///< \tag of the whole formula; an empty row if there is none

    bool canBeSet() const { return problem.empty(); }
};

// Limits, far beyond what people write. What is beyond them is shown as it is written.
inline constexpr std::size_t kLongestFormula = 1 << 15;  ///< bytes
inline constexpr int kDeepest = 40;                      ///< nested groups and commands
inline constexpr double kLongestSpace = 50;              ///< em

/// Reads a formula with its marks. Takes any bytes; linear in time and memory. A command that is not known becomes a
/// kUnknown and leaves the rest as it is; TeX's macros are such commands. What is not well-formed (a mark or a brace
/// that is not closed, \left without \right, an environment that is not known, two superscripts) cannot be set.
Formula parse(std::string_view source);

}  // namespace moescope::math
