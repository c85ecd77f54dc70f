// Formulas, links, tildes and emphasis of one scope, in one pass from left to right: what begins first wins.

#include <algorithm>
#include <unordered_map>

#include "engine/markdown/lines.h"

namespace moescope::markdown {
namespace {

/// Where runs of backticks of each length are last seen, so that none is looked for in vain.
class CodeSpans {
public:
    CodeSpans(std::string_view text, std::size_t from, std::size_t to) : m_text(text), m_to(to) {
        for (std::size_t at = from; at < to;) {
            if (text[at] != '`') {
                ++at;
                continue;
            }
            const std::size_t size = runAt(at);
            m_last[size] = at;
            at += size;
        }
    }

    std::size_t runAt(std::size_t at) const {
        std::size_t end = at;
        while (end < m_to && m_text[end] == '`') ++end;
        return end - at;
    }

    /// Behind the span that begins at `at`, or behind its backticks if they open none.
    std::size_t after(std::size_t at) const {
        const std::size_t size = runAt(at);
        const auto last = m_last.find(size);
        if (last == m_last.end() || last->second <= at) return at + size;
        for (std::size_t i = at + size; i < m_to;) {
            if (m_text[i] != '`') {
                ++i;
                continue;
            }
            const std::size_t run = runAt(i);
            if (run == size) return i + run;
            i += run;
        }
        return at + size;
    }

private:
    std::string_view m_text;
    std::size_t m_to;
    std::unordered_map<std::size_t, std::size_t> m_last;
};

class InlineMask {
public:
    InlineMask(std::string_view text, const std::vector<Line>& lines, FormulaFinder* formulas, Masked* out)
        : m_text(text), m_lines(lines), m_formulas(formulas), m_out(out) {}

    void mask(std::size_t from, std::size_t to, std::size_t begin) {
        const std::size_t end = m_lines[to - 1].end;
        const CodeSpans code(m_text, begin, end);
        m_from = m_at = begin;
        for (std::size_t line = from; line < to; ++line) {
            m_line = m_lines[line];
            m_at = std::max(m_at, m_line.first);
            while (m_at < m_line.end) step(code, end);
        }
    }

private:
    void step(const CodeSpans& code, std::size_t end) {
        const char c = m_text[m_at];
        switch (c) {
            case '\\':
            case '$':
                if (takeFormula(end)) return;
                if (c == '\\') {
                    m_at = std::min(m_at + 2, std::max(m_line.end, m_at + 1));
                } else {
                    while (m_at < m_line.end && m_text[m_at] == '$') ++m_at;
                }
                return;
            case '`':
                m_at = code.after(m_at);
                return;
            case '<':
                m_at = afterAngle();
                return;
            case ']':
                m_at = afterBracket();
                return;
            case '*':
            case '_':
            case '~':
                takeDelimiters(c);
                return;
            case 'h':
            case 'w':
            case 'f':
            case '@':
                if (takeLink()) return;
                break;
            default:
                break;
        }
        ++m_at;
    }

    void fill(std::size_t begin, std::size_t end, char with) {
        std::fill(m_out->copy.begin() + static_cast<std::ptrdiff_t>(begin),
                  m_out->copy.begin() + static_cast<std::ptrdiff_t>(end), with);
    }

    bool takeFormula(std::size_t end) {
        const Formula formula = m_formulas->find(m_at, m_line, end);
        if (formula.begin == formula.end) return false;
        // Line by line, without what stands before a line's text: md4c still sees the lines of quotes and items.
        fill(formula.begin, std::min(m_line.end, formula.end), 'x');
        for (std::size_t next = afterLine(m_text, m_line); next < formula.end;) {
            const Line line = lineAt(m_text, next);
            fill(std::min(line.first, formula.end), std::min(line.end, formula.end), 'x');
            next = afterLine(m_text, line);
        }
        m_out->formulas.push_back(formula);
        m_at = formula.end;
        return true;
    }

    bool takeLink() {
        const BareLink link = bareLinkAt(m_text, m_at, m_from, m_line);
        if (link.begin == link.end) return false;
        fill(link.begin, link.end, 'x');
        m_out->links.push_back(link);
        m_at = m_from = link.end;
        return true;
    }

    /// Behind "<https://example.org>" and "<a@example.org>", which md4c reads.
    std::size_t afterAngle() const {
        std::size_t at = m_at + 1;
        while (at < m_line.end &&
               (isAlphanumeric(m_text[at]) || m_text[at] == '+' || m_text[at] == '-' || m_text[at] == '.'))
            ++at;
        if (at == m_line.end || at == m_at + 1 || (m_text[at] != ':' && m_text[at] != '@')) return m_at + 1;
        while (at < m_line.end && !isBlank(m_text[at]) && m_text[at] != '<' && m_text[at] != '>') ++at;
        return at < m_line.end && m_text[at] == '>' ? at + 1 : m_at + 1;
    }

    /// Behind the address of "[text](address)", and behind a definition.
    std::size_t afterBracket() {
        const std::size_t next = m_at + 1;
        if (next >= m_line.end) return next;
        if (m_text[next] == ':' && m_text[m_line.content] == '[') return m_line.end;
        if (m_text[next] != '(' || m_line.end <= m_no_address) return next;
        int depth = 0;
        for (std::size_t at = next; at < m_line.end; ++at) {
            if (m_text[at] == '\\') {
                ++at;
            } else if (m_text[at] == '(') {
                ++depth;
            } else if (m_text[at] == ')' && --depth == 0) {
                return at + 1;
            }
        }
        m_no_address = m_line.end;
        return next;
    }

    /// Whether the character is left to md4c as it is: it may be markup itself.
    static bool isMarkup(char32_t code, bool before) {
        constexpr std::u32string_view kOpening = U"[!`\\<&*_~$#", kClosing = U")]`>;*_~\\$";
        return (before ? kClosing : kOpening).find(code) != std::u32string_view::npos;
    }

    void takeDelimiters(char c) {
        const std::size_t begin = m_at;
        while (m_at < m_line.end && m_text[m_at] == c) ++m_at;
        if (c == '~' && m_at - begin == 1) return fill(begin, m_at, ',');
        const Character left = begin > m_line.content ? characterBefore(m_text, begin) : Character{};
        const Character right = m_at < m_line.end ? characterAt(m_text, m_at) : Character{};
        // A formula or a link at the left is a word.
        const bool left_is_word = left.bytes > 0 && m_out->copy[begin - 1] == 'x' && m_text[begin - 1] != 'x';
        if (isCjkPunctuation(left.code)) fill(begin - left.bytes, begin, 'x');
        if (isCjkPunctuation(right.code)) fill(m_at, m_at + right.bytes, 'x');
        if (isCjk(left.code) && isOtherPunctuation(right.code)) {
            if (!isMarkup(right.code, false)) {
                fill(m_at, m_at + right.bytes, 'x');
            } else if (right.code != U'\\' && right.code != U'$') {
                fill(begin - left.bytes, begin, ',');
            }
        }
        if (isCjk(right.code) && isOtherPunctuation(left.code) && !left_is_word) {
            if (!isMarkup(left.code, true)) {
                fill(begin - left.bytes, begin, 'x');
            } else {
                fill(m_at, m_at + right.bytes, ',');
            }
        }
    }

    std::string_view m_text;
    const std::vector<Line>& m_lines;
    FormulaFinder* m_formulas;
    Masked* m_out;
    Line m_line;
    std::size_t m_at = 0;
    std::size_t m_from = 0;        // a mail address begins behind it
    std::size_t m_no_address = 0;  // before it no address ends
};

}  // namespace

void maskInlines(std::string_view text, const std::vector<Line>& lines, std::size_t from, std::size_t to,
                 std::size_t begin, FormulaFinder* formulas, Masked* out) {
    InlineMask(text, lines, formulas, out).mask(from, to, begin);
}

}  // namespace moescope::markdown
