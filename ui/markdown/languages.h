#pragma once
// The table of one language for highlightCode.

#include <QStringView>

namespace moescope {

struct Language {
    enum Feature : unsigned {
        kIgnoreCase = 1 << 0,
        kTripleQuotes = 1 << 1,
        kBackticks = 1 << 2,        ///< `strings` that may span lines
        kDirectives = 1 << 3,       ///< a line that begins with '#' and a word
        kMarkup = 1 << 4,           ///< tags: their names are keywords
        kKeys = 1 << 5,             ///< words before ':' are keywords
        kShortCharacters = 1 << 6,  ///< 'x' is a character, 'x alone is not (lifetimes of Rust)
        kChanges = 1 << 7,          ///< lines that begin with '+', '-', "@@"
    };

    QStringView names;     ///< divided by spaces, lower case
    QStringView keywords;  ///< sorted, divided by spaces
    QStringView line_comment, other_line_comment;
    QStringView comment_open, comment_close;
    QStringView quotes;  ///< units that begin and end strings within a line
    unsigned features = 0;

    bool has(Feature feature) const { return (features & feature) != 0; }
};

}  // namespace moescope
