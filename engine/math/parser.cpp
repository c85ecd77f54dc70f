#include "engine/math/parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/foreign_text.h"
#include "engine/base/utf8.h"
#include "engine/math/alphabets.h"
#include "engine/math/symbols.h"

namespace moescope::math {
namespace {

/// em of a blank between words.
constexpr double kWordSpace = 1.0 / 3;

/// Superscript and subscript digits and signs of Unicode, as what they mean.
constexpr std::u32string_view kRaised = U"⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ", kLowered = U"₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎",
                              kPlain = U"0123456789+-=()n";

}  // namespace

std::size_t Table::columnCount() const {
    std::size_t most = 0;
    for (const Row& row : rows) most = std::max(most, row.cells.size());
    return most;
}

Table::Column Table::column(std::size_t index) const {
    if (columns.empty()) return Column::kCenter;
    if (index < columns.size()) return columns[index];
    const std::size_t period = std::min<std::size_t>(2, columns.size());
    return columns[columns.size() - period + (index - columns.size()) % period];
}

double Table::gap(std::size_t before) const {
    if (before == 0 || gaps.empty()) return 0;
    const std::size_t index = before - 1;
    if (index < gaps.size()) return gaps[index];
    const std::size_t period = std::min<std::size_t>(2, gaps.size());
    return gaps[gaps.size() - period + (index - gaps.size()) % period];
}

Marks marksOf(std::string_view source) {
    struct Pair {
        std::string_view open, close;
        bool display;
    };
    constexpr std::array kPairs = {Pair{"\\(", "\\)", false}, Pair{"\\[", "\\]", true}, Pair{"$$", "$$", true},
                                   Pair{"$", "$", false}};
    for (const Pair& pair : kPairs) {
        if (!source.starts_with(pair.open)) continue;
        Marks marks{pair.open.size(), source.size(), pair.display, false};
        if (source.size() < pair.open.size() + pair.close.size() || !source.ends_with(pair.close)) return marks;
        marks.end -= pair.close.size();
        // "\\]" is a line's end and a bracket.
        const std::size_t before = source.find_last_not_of('\\', marks.end - 1);
        const std::size_t backslashes = marks.end - 1 - (before == std::string_view::npos ? 0 : before);
        marks.closed = before == std::string_view::npos || before < pair.open.size() || backslashes % 2 == 0;
        return marks;
    }
    return {0, source.size(), true, source.starts_with("\\begin{")};
}

Formula parse(std::string_view source) {
    const Marks marks = marksOf(source);
    Formula formula;
    if (!marks.closed) {
        formula.problem = "it is not closed";
    } else if (source.size() > kLongestFormula) {
        formula.problem = "it is too long";
    } else {
        formula = Parser(source, marks).formula();
    }
    formula.display = marks.display;
    return formula;
}

Formula Parser::formula() {
    Formula result;
    result.root = list();
    if (!atEnd() && (peek() == '&' || atCommand("\\") || atCommand("cr") || atCommand("newline"))) {
        result.root = bareTable(std::move(result.root));
    }
    if (!atEnd()) fail(fmt::format("{} has no beginning", quoted(rest().substr(0, wholeCharacters(rest(), 8)))));
    result.problem = m_problem;
    if (failed()) {
        result.root = {};
    } else {
        result.tag = std::move(m_tag);
    }
    return result;
}

void Parser::fail(std::string problem) {
    if (!failed()) m_problem = std::move(problem);
}

/// "50%" is no comment: one follows a blank and ends with its line.
bool Parser::commentHere() const {
    return m_at > 0 && isBlank(m_source[m_at - 1]) && rest().find('\n') != std::string_view::npos;
}

void Parser::skipBlanks() {
    while (m_at < m_end) {
        if (m_source[m_at] == '%' && commentHere()) {
            m_at = m_source.find('\n', m_at);
        } else if (isBlank(m_source[m_at])) {
            ++m_at;
        } else {
            return;
        }
    }
}

char32_t Parser::takeCharacter() {
    if (m_at >= m_end) return 0;
    const Utf8Character c = firstCharacter(rest());
    const std::string_view bytes = m_source.substr(m_at, c.bytes);
    m_at += c.bytes;
    if (c.valid) return codePoint(bytes);
    fail("it has bytes that are not text");
    return 0;
}

std::string_view Parser::commandHere() const {
    std::size_t end = m_at + 1;
    while (end < m_end && isLetter(m_source[end])) ++end;
    if (end == m_at + 1 && end < m_end) end += firstCharacter(m_source.substr(end, m_end - end)).bytes;
    return m_source.substr(m_at + 1, end - m_at - 1);
}

bool Parser::takeCommand(std::string_view name) {
    if (!atCommand(name)) return false;
    m_at += 1 + name.size();
    return true;
}

std::string_view Parser::rawArgument() {
    skipBlanks();
    if (peek() != '{' || atEnd()) {
        fail("a brace is expected");
        return {};
    }
    const std::size_t begin = ++m_at;
    int depth = 1;
    for (; m_at < m_end; ++m_at) {
        const char c = m_source[m_at];
        if (c == '\\') ++m_at;
        if (c == '{') ++depth;
        if (c == '}' && --depth == 0) return m_source.substr(begin, m_at++ - begin);
    }
    m_at = m_end;
    fail("a brace is not closed");
    return {};
}

std::optional<std::string_view> Parser::rawOption() {
    if (peek() != '[') return std::nullopt;
    const std::size_t close = rest().find(']');
    if (close == std::string_view::npos) {
        fail("a bracket is not closed");
        return std::nullopt;
    }
    const std::string_view inside = rest().substr(1, close - 1);
    m_at += close + 1;
    return inside;
}

Node Parser::node(Kind kind, std::size_t begin) const {
    Node node;
    node.kind = kind;
    node.begin = static_cast<std::uint32_t>(begin);
    node.end = static_cast<std::uint32_t>(m_at);
    return node;
}

Node Parser::symbol(char32_t code, Atom atom, bool letter, std::size_t begin) const {
    Node made = node(Kind::kSymbol, begin);
    made.atom = atom;
    const bool digit = code >= U'0' && code <= U'9';
    made.code = letter || digit ? inAlphabet(code, m_letters) : code;
    return made;
}

Node Parser::space(double em, std::size_t begin) const {
    Node made = node(Kind::kSpace, begin);
    made.amount = em;
    return made;
}

bool Parser::endsHere(bool in_brackets) const {
    const char c = peek();
    if (c == '}' || c == '&' || c == '$') return true;
    if (c == ']') return in_brackets;
    if (c != '\\') return false;
    const std::string_view name = commandHere();
    return name == "\\" || name == "cr" || name == "newline" || name == "right" || name == "end" || name == "hline" ||
           name == "hdashline";
}

Node Parser::list(bool in_brackets) {
    Node result = node(Kind::kRow, m_at);
    const Deeper deeper(this);
    const Letters letters = m_letters;
    if (!failed()) listInto(&result, in_brackets);
    m_letters = letters;
    result.end = static_cast<std::uint32_t>(m_at);
    return result;
}

void Parser::listInto(Node* row, bool in_brackets) {
    while (true) {
        skipBlanks();
        if (atEnd() || endsHere(in_brackets)) return;
        if (peek() == '\\') {
            const std::string_view name = commandHere();
            if (name == "over" || name == "atop" || name == "choose" || name == "brack" || name == "brace") {
                Node above = node(Kind::kRow, row->begin);
                above.children = std::exchange(row->children, {});
                row->children.push_back(infixFraction(std::move(above), in_brackets));
                return;
            }
        }
        element(row);
    }
}

/// One atom with its scripts, or what is none (a space, another style).
void Parser::element(Node* row) {
    const char c = peek();
    if (c == '^' || c == '_' || c == '\'') return scripts(row, node(Kind::kRow, m_at));
    std::optional<Node> made = nucleus(row);
    if (!made || failed()) return;
    if (made->isGlue()) {
        row->children.push_back(std::move(*made));
    } else {
        scripts(row, std::move(*made));
    }
}

std::optional<Node> Parser::nucleus(Node* row) {
    if (peek() == '{') return group();
    if (peek() == '\\') return command(row);
    return character();
}

std::optional<Node> Parser::character() {
    const std::size_t begin = m_at;
    const char32_t code = takeCharacter();
    if (failed()) return std::nullopt;
    if (code == U'~' || code == 0xA0 || code == 0x3000 || (code >= 0x2000 && code <= 0x200A)) {
        return space(kWordSpace, begin);
    }
    if (kRaised.find(code) != std::u32string_view::npos || kLowered.find(code) != std::u32string_view::npos) {
        return raisedOrLowered(code, begin);
    }
    constexpr std::u32string_view kInvisible = U"\u200B\u200C\u200D\u2060\u2061\u2062\u2063\uFEFF\uFE0E\uFE0F";
    if (kInvisible.find(code) != std::u32string_view::npos) return node(Kind::kRow, begin);
    if (code < 0x20 || code == 0x7F) {
        fail("it has a control character");
        return std::nullopt;
    }
    const Symbol s = symbolOf(code);
    Node made = symbol(s.code, s.atom, s.letter, begin);
    made.limits = s.limits;
    return made;
}

/// "x\u00b2\u207a": all that follow each other are one script, of an empty base.
Node Parser::raisedOrLowered(char32_t first, std::size_t begin) {
    const bool raised = kRaised.find(first) != std::u32string_view::npos;
    const std::u32string_view forms = raised ? kRaised : kLowered;
    Node script = node(Kind::kRow, begin);
    std::size_t from = begin;
    for (std::size_t at = forms.find(first); at != std::u32string_view::npos;) {
        const Symbol s = symbolOf(kPlain[at]);
        script.children.push_back(symbol(s.code, s.atom, s.letter, from));
        const Utf8Character next = atEnd() ? Utf8Character{} : firstCharacter(rest());
        at = next.valid ? forms.find(codePoint(rest().substr(0, next.bytes))) : std::u32string_view::npos;
        from = m_at;
        if (at != std::u32string_view::npos) m_at += next.bytes;
    }
    Node made = node(Kind::kScripts, begin);
    made.children.resize(3);
    made.children[raised ? 2 : 1] = std::move(script);
    return made;
}

/// Primes, superscript and subscript behind `base`, and \limits.
void Parser::scripts(Node* row, Node base) {
    Node sub, sup;
    // "x\u00b2": the script belongs to what is before it.
    if (base.kind == Kind::kScripts && base.children[0].isEmptyRow() && !row->children.empty() &&
        !row->children.back().isGlue() && row->children.back().kind != Kind::kScripts) {
        sub = std::move(base.children[1]);
        sup = std::move(base.children[2]);
        Node before = std::move(row->children.back());
        row->children.pop_back();
        base = std::move(before);
    }
    bool has_sub = !sub.isEmptyRow(), has_sup = !sup.isEmptyRow(), primes = false;
    Limits limits = base.limits;
    while (!failed()) {
        skipBlanks();
        if (atEnd()) break;
        const std::size_t begin = m_at;
        const char c = peek();
        if (takeCommand("limits")) {
            limits = Limits::kAlways;
        } else if (takeCommand("nolimits")) {
            limits = Limits::kNever;
        } else if (takeCommand("displaylimits")) {
            limits = Limits::kDisplay;
        } else if (c == '\'' || (c == '^' && (!has_sup || primes))) {
            if (has_sup && !primes) return fail("it has two superscripts");
            ++m_at;
            if (!has_sup) sup = node(Kind::kRow, begin);
            if (c == '\'') {
                sup.children.push_back(symbol(U'\u2032', Atom::kOrd, false, begin));
            } else {
                Node more = argument();
                more.open = true;
                sup.children.push_back(std::move(more));
            }
            has_sup = true;
            primes = c == '\'';
        } else if (c == '_' && !has_sub) {
            ++m_at;
            sub = node(Kind::kRow, begin);
            sub.children.push_back(argument());
            sub.children.back().open = true;
            has_sub = true;
        } else if (c == '^' || c == '_') {
            return fail(c == '^' ? "it has two superscripts" : "it has two subscripts");
        } else {
            break;
        }
    }
    if (failed()) return;
    base.limits = limits;
    if (!has_sub && !has_sup) {
        row->children.push_back(std::move(base));
        return;
    }
    Node made = node(Kind::kScripts, base.begin);
    made.atom = base.atom;
    made.limits = limits;
    made.children.push_back(std::move(base));
    made.children.push_back(std::move(sub));
    made.children.push_back(std::move(sup));
    row->children.push_back(std::move(made));
}

Node Parser::group() {
    const std::size_t begin = m_at++;
    Node inside = list();
    if (failed()) return inside;
    if (peek() != '}') {
        fail("a brace is not closed");
        return inside;
    }
    ++m_at;
    inside.begin = static_cast<std::uint32_t>(begin);
    inside.end = static_cast<std::uint32_t>(m_at);
    return inside;
}

Node Parser::argument() {
    skipBlanks();
    if (!atEnd() && peek() == '{') return group();
    Node whole = node(Kind::kRow, m_at);
    const Deeper deeper(this);
    if (failed()) return whole;
    if (atEnd() || endsHere(false) || peek() == '^' || peek() == '_') {
        fail("it ends where something is expected");
        return whole;
    }
    std::optional<Node> made = nucleus(&whole);
    if (made) whole.children.push_back(std::move(*made));
    whole.end = static_cast<std::uint32_t>(m_at);
    return whole;
}

std::optional<Node> Parser::option() {
    skipBlanks();
    if (atEnd() || peek() != '[') return std::nullopt;
    ++m_at;
    Node inside = list(true);
    if (!failed() && peek() != ']') fail("a bracket is not closed");
    ++m_at;
    return inside;
}

/// `above` is all of the list so far; the rest of it is below.
Node Parser::infixFraction(Node above, bool in_brackets) {
    const std::size_t begin = m_at;
    const std::string_view name = commandHere();
    m_at += 1 + name.size();
    Node made = node(Kind::kFraction, begin);
    made.amount = name == "over" ? -1 : 0;
    if (name == "choose") made.code = U'(', made.right = U')';
    if (name == "brack") made.code = U'[', made.right = U']';
    if (name == "brace") made.code = U'{', made.right = U'}';
    made.children.push_back(std::move(above));
    made.children.push_back(list(in_brackets));
    return made;
}

}  // namespace moescope::math
