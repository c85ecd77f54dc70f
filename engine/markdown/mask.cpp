#include "engine/markdown/mask.h"

#include <algorithm>

#include "engine/markdown/lines.h"

namespace moescope::markdown {

Line lineAt(std::string_view text, std::size_t begin) {
    Line line;
    line.begin = begin;
    while (line.begin > 0 && !isLineEnd(text[line.begin - 1])) --line.begin;
    line.end = begin;
    while (line.end < text.size() && !isLineEnd(text[line.end])) ++line.end;
    line.first = line.begin;
    const auto skip = [&](std::size_t& at) {
        while (at < line.end && (isBlank(text[at]) || text[at] == '>')) ++at;
    };
    skip(line.first);
    line.content = line.first;
    while (true) {
        std::size_t at = line.content;
        if (at < line.end && (text[at] == '-' || text[at] == '*' || text[at] == '+')) {
            ++at;
        } else {
            const std::size_t digits = at;
            while (at < line.end && at - digits < 9 && isDigit(text[at])) ++at;
            if (at == digits || at == line.end || (text[at] != '.' && text[at] != ')')) break;
            ++at;
        }
        if (at < line.end && !isBlank(text[at])) break;
        skip(at);
        line.content = at;
        if (at == line.end) break;
    }
    return line;
}

std::size_t afterLine(std::string_view text, const Line& line) {
    std::size_t at = line.end;
    if (at < text.size() && text[at] == '\r') ++at;
    if (at < text.size() && text[at] == '\n') ++at;
    return at;
}

bool isFence(std::string_view text, const Line& line) {
    const std::string_view rest = text.substr(line.content, line.end - line.content);
    return rest.starts_with("```") || rest.starts_with("~~~");
}

namespace {

bool endsScope(std::string_view text, const Line& line, const Line& before) {
    const auto alone = [&](const Line& l) {
        return l.content == l.end || text[l.content] == '|' || text[l.content] == '#' || isFence(text, l);
    };
    return line.isItem() || alone(line) || alone(before);
}

/// Calls `take` with the lines of each stretch without a blank line.
template <typename Take>
void forStretches(std::string_view text, Take take) {
    std::vector<Line> lines;
    for (std::size_t at = 0; at < text.size();) {
        const Line line = lineAt(text, at);
        at = afterLine(text, line);
        if (!line.blank()) lines.push_back(line);
        if (lines.empty() || (!line.blank() && at < text.size())) continue;
        take(lines, !line.blank());
        lines.clear();
    }
}

/// `is_last`: the text ends in these lines.
void maskStretch(std::string_view text, const std::vector<Line>& lines, bool is_last, Masked* out) {
    for (std::size_t part = 0; part < lines.size();) {
        if (isFence(text, lines[part])) {
            ++part;
            continue;
        }
        std::size_t part_end = part + 1;
        while (part_end < lines.size() && !isFence(text, lines[part_end])) ++part_end;
        FormulaFinder formulas(text, {lines[part_end - 1].end, is_last && part_end == lines.size()});
        std::size_t done = 0;  // where a formula ends that went beyond its scope
        for (std::size_t from = part; from < part_end;) {
            std::size_t to = from + 1;
            while (to < part_end && !endsScope(text, lines[to], lines[to - 1])) ++to;
            if (lines[from].end > done) {
                maskInlines(text, lines, from, to, std::max(done, lines[from].content), &formulas, out);
                if (!out->formulas.empty()) done = std::max(done, out->formulas.back().end);
            }
            from = to;
        }
        part = part_end;
    }
}

}  // namespace

Masked masked(std::string_view text, MaskOptions options) {
    Masked out;
    out.copy = text;
    if (!options.definitions) {
        for (std::size_t at = 0; (at = text.find("]:", at)) != std::string_view::npos; ++at) out.copy[at + 1] = ',';
    }
    std::vector<Addition> additions;
    forStretches(text, [&](const std::vector<Line>& lines, bool is_last) {
        maskTables(text, lines, &out.copy, &additions);
        maskStretch(text, lines, is_last, &out);
    });
    if (additions.empty()) return out;
    std::string copy;
    std::size_t done = 0;
    for (const Addition& addition : additions) {
        copy.append(out.copy, done, addition.at - done);
        out.insertions.push_back({addition.at, copy.size(), addition.bytes.size()});
        copy += addition.bytes;
        done = addition.at;
    }
    copy.append(out.copy, done);
    out.copy = std::move(copy);
    return out;
}

std::string withoutHugeTables(std::string_view text) {
    std::string copy(text);
    forStretches(text, [&](const std::vector<Line>& lines, bool) { maskTables(text, lines, &copy, nullptr); });
    return copy;
}

}  // namespace moescope::markdown
