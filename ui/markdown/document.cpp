#include "ui/markdown/document.h"

#include <algorithm>
#include <iterator>

namespace moescope {

namespace {

/// How many units at the beginning of two blocks have the same text and style. Both must lie in the same blocks.
int commonUnits(const Block& a, const Block& b) {
    if (a.kind != b.kind || a.kind == BlockKind::kTable || a.level != b.level || a.tight != b.tight ||
        a.language != b.language || a.containers != b.containers) {
        return 0;
    }
    const Inlines& x = a.inlines;
    const Inlines& y = b.inlines;
    const auto same_style = [](const Run& r, const Run& s) {
        return r.from == s.from && r.begin == s.begin && r.style == s.style && r.verbatim == s.verbatim;
    };
    const auto link = [](const Inlines& inlines, const Run& run) {
        return run.link < 0 ? QString() : inlines.links[static_cast<std::size_t>(run.link)];
    };
    int units = 0;
    for (std::size_t i = 0; i < std::min(x.runs.size(), y.runs.size()); ++i) {
        const Run& r = x.runs[i];
        const Run& s = y.runs[i];
        if (!same_style(r, s) || link(x, r) != link(y, s)) break;
        units = r.from + std::min(r.length, s.length);
        if (r.length != s.length || r.end != s.end) break;
    }
    // What becomes a formula looks different although it is written the same.
    const auto formulas = std::mismatch(x.formulas.begin(), x.formulas.end(), y.formulas.begin(), y.formulas.end());
    if (formulas.first != x.formulas.end()) units = std::min(units, formulas.first->from);
    if (formulas.second != y.formulas.end()) units = std::min(units, formulas.second->from);
    const auto end = x.text.cbegin() + std::min<qsizetype>({units, x.text.size(), y.text.size()});
    return static_cast<int>(std::mismatch(x.text.cbegin(), end, y.text.cbegin()).first - x.text.cbegin());
}

}  // namespace

MarkdownDocument::Change MarkdownDocument::update(std::string_view text) {
    ParsedMarkdown parsed;
    if (m_kind == Kind::kPlain) {
        parsed.blocks = plainBlocks(text);
        m_safe = {};
    } else {
        lookForDefinitions(text);
        if (m_definitions) m_safe = {};
        parsed = parseMarkdown(text, m_safe.byte);
        if (parsed.limited && m_safe.byte > 0) {
            m_safe = {};
            parsed = parseMarkdown(text, 0);
        }
        if (parsed.limited) parsed.safe = {};
    }
    m_size = text.size();

    const std::size_t stable = m_safe.blocks;
    const auto old_tail = m_blocks.begin() + static_cast<std::ptrdiff_t>(stable);
    const auto differs = std::mismatch(old_tail, m_blocks.end(), parsed.blocks.begin(), parsed.blocks.end());
    Change change{static_cast<std::size_t>(differs.first - m_blocks.begin()), 0};
    if (differs.first != m_blocks.end() && differs.second != parsed.blocks.end()) {
        change.units = commonUnits(*differs.first, *differs.second);
    }
    m_blocks.erase(differs.first, m_blocks.end());
    std::move(differs.second, parsed.blocks.end(), std::back_inserter(m_blocks));
    if (m_kind == Kind::kMarkdown) m_safe = {parsed.safe.byte, stable + parsed.safe.blocks};
    return change;
}

void MarkdownDocument::lookForDefinitions(std::string_view text) {
    constexpr std::string_view kMarkers = " \t>*+-0123456789.)";
    while (!m_definitions && m_line < text.size()) {
        const std::size_t end = std::min(text.find('\n', m_line), text.size());
        const std::string_view line = text.substr(m_line, end - m_line);
        const std::size_t first = line.find_first_not_of(kMarkers);
        if (first != std::string_view::npos && line[first] == '[') m_bracket_line = true;
        if (m_bracket_line && line.find("]:") != std::string_view::npos) m_definitions = true;
        if (end == text.size()) break;
        m_line = end + 1;
    }
}

}  // namespace moescope
