#pragma once
// Lines as the rules of the dialect see them; for the files of this folder.

#include <string_view>
#include <vector>

#include "engine/markdown/characters.h"
#include "engine/markdown/mask.h"

namespace moescope::markdown {

struct Line {
    std::size_t begin = 0, end = 0;  ///< without the line's end
    std::size_t first = 0;           ///< behind blanks and marks of quotes
    std::size_t content = 0;         ///< behind marks of list items too
    bool blank() const { return first == end; }
    bool isItem() const { return content != first; }
};

Line lineAt(std::string_view text, std::size_t begin);
/// Where the next line begins.
std::size_t afterLine(std::string_view text, const Line& line);
/// Whether a line looks like the fence of a code block.
bool isFence(std::string_view text, const Line& line);

/// Masks or mends the tables of a stretch of lines; `insertions` are given in bytes of the text, with what is put in.
struct Addition {
    std::size_t at = 0;
    std::string bytes;
};
void maskTables(std::string_view text, const std::vector<Line>& lines, std::string* copy,
                std::vector<Addition>* additions);

/// Lines between fences.
struct Stretch {
    std::size_t end = 0;
    bool is_last = false;  ///< the text ends there
};

class FormulaFinder {
public:
    FormulaFinder(std::string_view text, Stretch stretch) : m_text(text), m_stretch(stretch) {}
    /// A formula that begins at `at`, in a scope that ends at `scope_end`; an empty one if there is none. To be asked
    /// with ascending places.
    Formula find(std::size_t at, const Line& line, std::size_t scope_end);

private:
    Formula closed(std::size_t at, std::size_t inside, char mark, std::size_t limit, std::size_t& none, bool display);
    Formula environment(std::size_t at, std::size_t limit);
    Formula dollar(std::size_t at, const Line& line) const;

    std::string_view m_text;
    Stretch m_stretch;
    std::size_t m_no_round = 0, m_no_square = 0, m_no_dollars = 0;  // before it no closing mark is left
    int m_open_environments = 0;
};

/// A bare link that begins at `at` ("http", "www.") or has its "@" there; empty if there is none. A mail address begins
/// at or behind `from`.
BareLink bareLinkAt(std::string_view text, std::size_t at, std::size_t from, const Line& line);

/// Masks what is in the lines [from, to) from `begin` on: a paragraph, an item, a row.
void maskInlines(std::string_view text, const std::vector<Line>& lines, std::size_t from, std::size_t to,
                 std::size_t begin, FormulaFinder* formulas, Masked* out);

}  // namespace moescope::markdown
