#pragma once
// Fuzzy search: letters in order, best at the starts of words and next to each other.

#include <QList>
#include <QString>
#include <optional>

namespace moescope {

struct FuzzyMatch {
    int score = 0;         ///< higher is better; compare only for the same pattern
    QList<int> positions;  ///< of the letters in the text, ascending
};

/// Whether `text` has the letters of each word of `pattern` in order, upper and lower case alike. The words may stand
/// in any order. An empty pattern matches everything with 0.
std::optional<FuzzyMatch> fuzzyMatch(const QString& pattern, const QString& text);

}  // namespace moescope
