// Delimiter rows: which make a table here, and which would make one too large.

#include <algorithm>

#include "engine/markdown/lines.h"

namespace moescope::markdown {
namespace {

/// Cells of padding that a small table may have.
constexpr std::size_t kFewCells = 4096;

/// Cells of a delimiter row; 0 if the line is none.
std::size_t delimiterCells(std::string_view row) {
    std::size_t cells = 0;
    bool pipe = false;
    std::size_t at = 0;
    const auto skipBlanks = [&] {
        while (at < row.size() && isBlank(row[at])) ++at;
    };
    if (at < row.size() && row[at] == '|') {
        pipe = true;
        ++at;
    }
    for (skipBlanks(); at < row.size(); skipBlanks()) {
        if (row[at] == ':') ++at;
        const std::size_t dashes = at;
        while (at < row.size() && row[at] == '-') ++at;
        if (at == dashes) return 0;
        if (at < row.size() && row[at] == ':') ++at;
        ++cells;
        skipBlanks();
        if (at == row.size()) break;
        if (row[at] != '|') return 0;
        pipe = true;
        ++at;
    }
    return pipe ? cells : 0;
}

std::size_t rowCells(std::string_view row) {
    while (!row.empty() && isBlank(row.back())) row.remove_suffix(1);
    if (row.empty()) return 0;
    std::size_t pipes = 0;
    for (std::size_t at = 0; at < row.size(); ++at) {
        if (row[at] == '\\') {
            ++at;
        } else if (row[at] == '|') {
            ++pipes;
        }
    }
    const bool ends = row.ends_with('|') && !row.ends_with("\\|");
    return pipes + 1 - (row.front() == '|' ? 1 : 0) - (ends && row.size() > 1 ? 1 : 0);
}

}  // namespace

void maskTables(std::string_view text, const std::vector<Line>& lines, std::string* copy,
                std::vector<Addition>* additions) {
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const Line& line = lines[i];
        const Line& head = lines[i - 1];
        if (line.isItem()) continue;
        const std::string_view row = text.substr(line.first, line.end - line.first);
        const std::size_t columns = delimiterCells(row);
        if (columns == 0) continue;
        const std::size_t cells = columns * (lines.size() - i + 1), bytes = lines.back().end - head.begin;
        if (columns > kMostColumns || cells > kFewCells + bytes) {
            (*copy)[line.first + row.find('-')] = ',';
            continue;
        }
        // md4c knows a table by its first two lines, at the beginning of a paragraph: a heading before them, which is
        // not shown, makes it one and leaves a list as tight as it is.
        if (i > 1 && !head.isItem()) {
            const std::string_view first = text.substr(head.first, head.end - head.first);
            if (first.find('|') == std::string_view::npos || rowCells(first) != columns) continue;
            if (additions)
                additions->push_back(
                    {head.begin, std::string(text.substr(head.begin, head.first - head.begin)) + "# x\n"});
        }
        if (!additions) return;
        for (std::size_t at = line.first; at < line.end;) {
            if (text[at] != '-' && text[at] != ':') {
                ++at;
                continue;
            }
            const std::size_t cell = at;
            while (at < line.end && (text[at] == '-' || text[at] == ':')) ++at;
            if (at - cell < 3) additions->push_back({cell + (text[cell] == ':' ? 1 : 0), "--"});
        }
        return;  // what follows are rows
    }
}

}  // namespace moescope::markdown
