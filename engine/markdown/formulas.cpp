// Where formulas begin and end.

#include <algorithm>

#include "engine/markdown/lines.h"

namespace moescope::markdown {
namespace {

constexpr int kMostOpenEnvironments = 8;

/// Whether what stands between two dollars is a sum of money and words: "5 and up to 6".
bool isMoney(std::string_view inside) {
    if (!isDigit(inside.front())) return false;
    int depth = 0;
    for (std::size_t at = 0; at < inside.size(); ++at) {
        const char c = inside[at];
        depth += c == '{' ? 1 : c == '}' ? -1 : 0;
        if (c == '\\') {
            while (at + 1 < inside.size() && isAsciiLetter(inside[at + 1])) ++at;
            continue;
        }
        if (static_cast<unsigned char>(c) >= 0x80) return true;
        if (depth > 0 || !isAsciiLetter(c)) continue;
        std::size_t end = at;
        while (end < inside.size() && isAsciiLetter(inside[end])) ++end;
        if (end - at >= 2 && !isDigit(inside[at - 1])) return true;
        at = end - 1;
    }
    return false;
}

}  // namespace

/// `inside` is behind the opening mark; `mark` is ')' or ']' for a backslash and it, '$' for two dollars.
Formula FormulaFinder::closed(std::size_t at, std::size_t inside, char mark, std::size_t limit, std::size_t& none,
                              bool display) {
    const bool may_stay_open = m_stretch.is_last && limit == m_stretch.end;
    if (limit > none || may_stay_open) {
        for (std::size_t i = inside; i + 1 < limit && limit > none; ++i) {
            if (m_text[i] == '\\') {
                if (m_text[i + 1] == mark && mark != '$') return {at, i + 2, display};
                ++i;
            } else if (mark == '$' && m_text[i] == '$') {
                std::size_t end = i;
                while (end < limit && m_text[end] == '$') ++end;
                if (end - i == 2) return {at, end, display};
                i = end - 1;
            }
        }
        none = std::max(none, limit);
        if (may_stay_open) return {at, limit, display};
    }
    return {};
}

Formula FormulaFinder::environment(std::size_t at, std::size_t limit) {
    constexpr std::string_view kBegin = "\\begin{", kEnd = "\\end{";
    const std::size_t name = at + kBegin.size();
    std::size_t name_end = name;
    while (name_end < limit && (isAsciiLetter(m_text[name_end]) || m_text[name_end] == '*')) ++name_end;
    const bool may_stay_open = m_stretch.is_last && limit == m_stretch.end;
    if (name_end == limit && may_stay_open) return {at, limit, true};
    if (name_end == name || name_end == limit || m_text[name_end] != '}') return {};
    if (m_open_environments >= kMostOpenEnvironments) return {};
    const std::string_view named = m_text.substr(name, name_end + 1 - name);
    int depth = 1;
    for (std::size_t i = name_end + 1; i < limit; ++i) {
        if (m_text[i] != '\\') continue;
        const std::string_view rest = m_text.substr(i, limit - i);
        if (rest.starts_with(kBegin) && rest.substr(kBegin.size()).starts_with(named)) ++depth;
        if (rest.starts_with(kEnd) && rest.substr(kEnd.size()).starts_with(named) && --depth == 0) {
            return {at, i + kEnd.size() + named.size(), true};
        }
        ++i;
    }
    ++m_open_environments;
    return may_stay_open ? Formula{at, limit, true} : Formula{};
}

Formula FormulaFinder::dollar(std::size_t at, const Line& line) const {
    if (at > line.begin && (isAlphanumeric(m_text[at - 1]) || m_text[at - 1] == '$')) return {};
    if (at + 2 >= line.end || isBlank(m_text[at + 1]) || m_text[at + 1] == '$') return {};
    const bool row = m_text[line.first] == '|';
    for (std::size_t i = at + 1; i < line.end; ++i) {
        if (m_text[i] == '\\') {
            ++i;
            continue;
        }
        if (m_text[i] == '`' || (row && m_text[i] == '|')) return {};
        if (m_text[i] != '$') continue;
        const bool closes =
            !isBlank(m_text[i - 1]) && (i + 1 >= line.end || (!isAlphanumeric(m_text[i + 1]) && m_text[i + 1] != '$'));
        if (!closes || isMoney(m_text.substr(at + 1, i - at - 1))) return {};
        return {at, i + 1, false};
    }
    return {};
}

Formula FormulaFinder::find(std::size_t at, const Line& line, std::size_t scope_end) {
    // What begins a line may hold lines that look like items and headings: "- b", "= c".
    const std::size_t limit = at == line.first ? m_stretch.end : scope_end;
    const std::string_view rest = m_text.substr(at, limit - at);
    if (rest.starts_with("\\(")) return closed(at, at + 2, ')', scope_end, m_no_round, false);
    if (rest.starts_with("\\[")) return closed(at, at + 2, ']', limit, m_no_square, true);
    if (rest.starts_with("\\begin{")) return environment(at, limit);
    if (!rest.starts_with('$')) return {};
    if (!rest.starts_with("$$")) return dollar(at, line);
    if (rest.size() > 2 && rest[2] == '$') return {};
    if (at > line.begin && isAlphanumeric(m_text[at - 1])) return {};
    const bool row = m_text[line.first] == '|';
    return closed(at, at + 2, '$', row ? line.end : limit, m_no_dollars, true);
}

}  // namespace moescope::markdown
