#include "ui/palette/fuzzy.h"

#include <algorithm>
#include <vector>

namespace moescope {

namespace {

constexpr int kNever = -1'000'000;
constexpr int kLetter = 2, kWordStart = 8, kNextTo = 6, kTextStart = 4;

bool startsWord(const QString& text, qsizetype i) {
    if (i == 0) return true;
    const QChar before = text[i - 1];
    return !before.isLetterOrNumber() || (before.isLower() && text[i].isUpper());
}

bool sameLetter(QChar a, QChar b) {
    return a.toCaseFolded() == b.toCaseFolded();
}

/// One word, without spaces: the best way of finding its letters in order.
std::optional<FuzzyMatch> matchWord(const QString& word, const QString& text) {
    const auto n = static_cast<std::size_t>(text.size()), m = static_cast<std::size_t>(word.size());
    if (m > n) return std::nullopt;
    // best[k][i]: the score with letter k of the word at i; from[k][i]: where letter k - 1 was
    std::vector<std::vector<int>> best(m, std::vector<int>(n, kNever)), from(m, std::vector<int>(n, -1));
    for (std::size_t k = 0; k < m; ++k) {
        int reach = kNever, reach_at = -1;  // the best of letter k - 1 before i, gaps paid
        for (std::size_t i = 0; i < n; ++i) {
            if (k > 0 && i > 0) {
                if (reach > kNever) --reach;
                if (best[k - 1][i - 1] > reach) reach = best[k - 1][i - 1], reach_at = static_cast<int>(i) - 1;
            }
            const auto at = static_cast<qsizetype>(i);
            if (!sameLetter(word[static_cast<qsizetype>(k)], text[at])) continue;
            int value = kLetter + (startsWord(text, at) ? kWordStart : 0) + (i == 0 ? kTextStart : 0);
            if (k == 0) {
                best[k][i] = value - std::min(static_cast<int>(i), 10) / 2;
                continue;
            }
            if (reach == kNever) continue;
            int before = reach, before_at = reach_at;
            if (i > 0 && best[k - 1][i - 1] > kNever && best[k - 1][i - 1] + kNextTo >= reach) {
                before = best[k - 1][i - 1] + kNextTo;
                before_at = static_cast<int>(i) - 1;
            }
            best[k][i] = value + before;
            from[k][i] = before_at;
        }
    }
    const auto end = std::max_element(best[m - 1].begin(), best[m - 1].end());
    if (*end == kNever) return std::nullopt;
    FuzzyMatch match{*end, {}};
    for (std::size_t k = m, i = static_cast<std::size_t>(end - best[m - 1].begin()); k-- > 0;) {
        match.positions.prepend(static_cast<int>(i));
        if (k > 0) i = static_cast<std::size_t>(from[k][i]);
    }
    return match;
}

}  // namespace

std::optional<FuzzyMatch> fuzzyMatch(const QString& pattern, const QString& text) {
    FuzzyMatch whole;
    const QStringList words = pattern.simplified().split(QLatin1Char(' '), Qt::SkipEmptyParts);
    for (const QString& word : words) {
        const std::optional<FuzzyMatch> match = matchWord(word, text);
        if (!match) return std::nullopt;
        whole.score += match->score;
        whole.positions += match->positions;
    }
    std::sort(whole.positions.begin(), whole.positions.end());
    whole.positions.erase(std::unique(whole.positions.begin(), whole.positions.end()), whole.positions.end());
    return whole;
}

}  // namespace moescope
