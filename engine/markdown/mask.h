#pragma once
// The dialect, as a copy of the text in which md4c reads what chat programs mean.
//
// md4c reads CommonMark with GitHub's additions. Models write a little differently, and so md4c is given a masked copy:
// bytes that shall not be markup are replaced by as many letters ('x') or commas, so that positions stay what they are,
// and what is shown always comes from the text itself. Only two things are added: a line that begins a table under a
// line of text, and dashes that make a delimiter row long enough for md4c 0.4. Added bytes are never shown.
//
// The rules, beyond CommonMark and GitHub's tables, task lists and ~~strikethrough~~:
// - One tilde is a tilde ("5~10").
// - Emphasis beside Chinese, Japanese and Korean punctuation works as the CJK-friendly amendment of CommonMark's
//   flanking rules says: their punctuation counts as a letter, and other punctuation beside one of their letters as if
//   a blank were between.
// - Formulas keep every character: \(...\), \[...\], $...$, $$...$$, \begin{x}...\end{x}. None spans a blank line or
//   the line of a code fence. $...$ stays in its line, has no blank inside its dollars and no letter or digit around
//   them, and is money if it begins with a digit and has words. One that is not closed reaches to the end, while the
//   text ends in its paragraph: an answer that streams.
// - http://, https://, ftp://, www. and mail addresses are links. They begin after anything but a letter or digit of
//   ASCII, and end before blanks, before punctuation of Chinese, Japanese and Korean, before their letters unless these
//   follow a "/" or the like, and before a closing bracket that they did not open.
// - A table may follow a line of text; its head then has as many cells as the delimiter row, and a delimiter row may
//   have one dash a cell.
// - What would swell (a table of more than kMostColumns columns, or of many more cells than its text has bytes) is no
//   table: its lines are shown as they are.
// All rules look at one stretch of lines without a blank one between, so that a text that grows can be read again from
// the beginning of such a stretch (MarkdownDocument). Linear in time and memory.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace moescope::markdown {

/// Columns of a table; wider ones are text.
inline constexpr std::size_t kMostColumns = 128;

struct Formula {
    std::size_t begin = 0, end = 0;  ///< bytes of the text, its marks included
    bool display = false;            ///< on lines of its own: \[...\], $$...$$, \begin...
};

struct BareLink {
    std::size_t begin = 0, end = 0;
    enum Kind : std::uint8_t { kUrl, kWww, kMail } kind = kUrl;
};

/// Bytes that were put into the copy.
struct Insertion {
    std::size_t at = 0;    ///< in the text
    std::size_t copy = 0;  ///< in the copy
    std::size_t size = 0;
};

struct Masked {
    std::string copy;
    std::vector<Insertion> insertions;  ///< ascending, like the others
    std::vector<Formula> formulas;
    std::vector<BareLink> links;
};

struct MaskOptions {
    bool definitions = true;  ///< false: "[x]: address" defines nothing and is text
};

Masked masked(std::string_view text, MaskOptions options = {});

/// The text with only those tables masked that would swell: for a reader with rules of its own. As long as the text.
std::string withoutHugeTables(std::string_view text);

}  // namespace moescope::markdown
