// Commands with arguments, and what they make.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "engine/base/foreign_text.h"
#include "engine/math/alphabets.h"
#include "engine/math/colors.h"
#include "engine/math/command_table.h"
#include "engine/math/parser.h"
#include "engine/math/symbols.h"

namespace moescope::math {
namespace {

constexpr double kMu = 1.0 / 18;  // em
constexpr std::string_view kThinSpace = "\u2009";

/// The one thing that a row holds, however deep.
const Node& onlyOne(const Node& row) {
    const Node* only = &row;
    while (only->kind == Kind::kRow && only->children.size() == 1) only = &only->children[0];
    return *only;
}

/// Operators that are two words.
std::string spacedName(std::string_view name) {
    for (const std::string_view first : {"lim", "inj", "proj", "arg"}) {
        const std::string_view second = name.size() > first.size() ? name.substr(first.size()) : "";
        const bool two = second == "inf" || second == "sup" || second == "lim" || second == "max" || second == "min";
        if (name.starts_with(first) && two) return fmt::format("{}{}{}", first, kThinSpace, second);
    }
    return std::string(name);
}

}  // namespace

/// One command with its arguments; nothing if it leaves nothing behind.
std::optional<Node> Parser::command(Node* row) {
    const std::size_t begin = m_at;
    const std::string_view name = commandHere();
    m_at += 1 + name.size();
    if (name.empty()) {
        fail("it ends with a backslash");
        return std::nullopt;
    }
    if (const std::optional<Symbol> s = symbolNamed(name)) {
        Node made = symbol(s->code, s->atom, s->letter, begin);
        made.limits = s->limits;
        return made;
    }
    if (const std::optional<Limits> limits = operatorNamed(name)) return this->name(spacedName(name), *limits, begin);
    const Command* known = commandNamed(name);
    if (!known) {
        Node made = node(Kind::kUnknown, begin);
        made.text = m_source.substr(begin, m_at - begin);
        return made;
    }
    const Deeper deeper(this);
    if (failed()) return std::nullopt;
    const auto around = [&](Kind kind) {
        Node made = node(kind, begin);
        made.code = known->code;
        made.under = known->under;
        made.children.push_back(argument());
        return made;
    };
    using enum Command::What;
    switch (known->what) {
        case kFraction:
            return fraction(name, begin);
        case kGeneralFraction:
            return generalFraction(begin);
        case kRadical:
            return radical(begin);
        case kFenced:
            return fenced(begin);
        case kMiddle: {
            Node made = node(Kind::kMiddle, begin);
            made.atom = Atom::kRel;
            made.code = delimiter();
            return made;
        }
        case kSized:
            return sized(name, begin);
        case kAccent: {
            Node made = around(Kind::kAccent);
            made.wide = name.starts_with("wide");
            return made;
        }
        case kStretched: {
            Node made = around(Kind::kStretched);
            // Labels go above and below braces.
            if (name.ends_with("brace") || name.ends_with("bracket") || name.ends_with("group")) {
                made.atom = Atom::kOp;
                made.limits = Limits::kAlways;
            }
            return made;
        }
        case kLine:
            return around(Kind::kLine);
        case kLetters:
            return withLetters(known->letters);
        case kLettersFrom:
            m_letters = known->letters;  // until the group ends
            return std::nullopt;
        case kWords:
            return words(known->letters);
        case kSpace:
            return space(known->em, begin);
        case kGivenSpace:
            return givenSpace(name, begin);
        case kStyle: {
            Node made = node(Kind::kStyle, begin);
            made.style = known->style;
            return made;
        }
        case kStacked:
            return stacked(name, begin);
        case kLongArrow:
            return longArrow(known->code, begin);
        case kClassed: {
            Node made = argument();
            made.atom = known->atom;
            if (known->atom == Atom::kOp) made.limits = Limits::kDisplay;
            return made;
        }
        case kPhantom: {
            Node made = around(Kind::kPhantom);
            made.horizontal = name != "vphantom";
            made.vertical = name != "hphantom";
            return made;
        }
        case kSmash:
            (void)rawOption();
            return around(Kind::kSmash);
        case kBoxed: {
            if (name == "boxed") return around(Kind::kBoxed);
            Node made = node(Kind::kBoxed, begin);
            made.children.push_back(words(Letters::kUpright));
            return made;
        }
        case kStruck: {
            Node made = around(Kind::kStruck);
            made.horizontal = name != "bcancel";
            made.vertical = name != "cancel";
            return made;
        }
        case kColored:
            return colored(name, begin, row);
        case kNegation:
            return negation(begin);
        case kDots:
            return dots(begin);
        case kOperatorName:
            return operatorName(begin);
        case kParenthesized:
            return parenthesized(name, begin);
        case kEnvironment:
            return environment(begin);
        case kNothing:
            return std::nullopt;
        case kNothingWithArgument:
            if (peek() == '*') ++m_at;
            (void)rawArgument();
            return std::nullopt;
        case kEscaped: {
            const char32_t c = name == "|" ? U'‖' : static_cast<char32_t>(name.front());
            return symbol(c, name == "{" ? Atom::kOpen : name == "}" ? Atom::kClose : Atom::kOrd, false, begin);
        }
        case kBracket:
            return bracket(name, begin);
        case kTag:
            tag(begin);
            return std::nullopt;
        case kWideRelation: {
            // A little more room at both sides.
            Node made = node(Kind::kRow, begin);
            made.atom = Atom::kRel;
            made.children.push_back(space(5 * kMu, begin));
            made.children.push_back(symbol(known->code, Atom::kOrd, false, begin));
            made.children.push_back(space(5 * kMu, begin));
            return made;
        }
        case kSubstack:
            return substack(begin);
        case kStrut: {
            Node made = node(Kind::kPhantom, begin);
            made.vertical = true;
            made.children.push_back(symbol(U'(', Atom::kOrd, false, begin));
            return made;
        }
    }
    return std::nullopt;
}

Node Parser::name(std::string_view name, Limits limits, std::size_t begin) const {
    Node made = node(Kind::kName, begin);
    made.atom = Atom::kOp;
    made.limits = limits;
    made.text = name;
    return made;
}

/// Of \frac, \binom and the like.
Node Parser::fraction(std::string_view name, std::size_t begin) {
    Node made = node(Kind::kFraction, begin);
    const bool binomial = name.ends_with("binom");
    made.amount = binomial ? 0 : -1;
    if (binomial) made.code = U'(', made.right = U')';
    made.forced = name.front() == 'd' || name.front() == 't' || name == "cfrac";
    made.style = name.front() == 't' ? Style::kText : Style::kDisplay;
    made.vertical = name == "cfrac";
    if (name == "cfrac") (void)rawOption();
    made.children.push_back(argument());
    made.children.push_back(argument());
    return made;
}

/// \genfrac{(}{)}{0pt}{1}{above}{below}
Node Parser::generalFraction(std::size_t begin) {
    Node made = node(Kind::kFraction, begin);
    for (char32_t* fence : {&made.code, &made.right}) {
        const std::string_view text = rawArgument();
        if (text.empty() || text == ".") continue;
        *fence = text.front() == '\\' ? delimiterNamed(text.substr(1))
                                      : delimiterOf(static_cast<unsigned char>(text.front()));
        if (*fence == 0) fail(fmt::format("{} is not a delimiter", quoted(text)));
    }
    made.amount = lengthOf(rawArgument()).value_or(-1);
    const std::string_view style = rawArgument();
    made.forced = !style.empty();
    if (made.forced) made.style = static_cast<Style>(std::clamp(style.front() - '0', 0, 3));
    made.children.push_back(argument());
    made.children.push_back(argument());
    return made;
}

Node Parser::radical(std::size_t begin) {
    Node made = node(Kind::kRadical, begin);
    std::optional<Node> index = option();
    made.children.push_back(argument());
    if (index) made.children.push_back(std::move(*index));
    return made;
}

Node Parser::withLetters(Letters letters) {
    const Letters before = std::exchange(m_letters, letters);
    Node made = argument();
    m_letters = before;
    // One letter stays one: its scripts are a letter's.
    if (made.children.size() == 1 && made.children[0].kind == Kind::kSymbol) {
        Node only = std::move(made.children[0]);
        return only;
    }
    return made;
}

char32_t Parser::delimiter() {
    skipBlanks();
    if (atEnd()) {
        fail("a delimiter is missing");
        return 0;
    }
    const std::size_t begin = m_at;
    char32_t code = 0;
    if (peek() == '.') {
        ++m_at;
        return 0;
    }
    if (peek() == '\\') {
        const std::string_view name = commandHere();
        m_at += 1 + name.size();
        code = delimiterNamed(name);
    } else {
        code = delimiterOf(takeCharacter());
    }
    if (code == 0) fail(fmt::format("{} is not a delimiter", quoted(m_source.substr(begin, m_at - begin))));
    return code;
}

Node Parser::fenced(std::size_t begin) {
    Node made = node(Kind::kFenced, begin);
    made.atom = Atom::kInner;
    made.code = delimiter();
    made.children.push_back(list());
    if (!failed() && !takeCommand("right")) fail("\\left has no \\right");
    // Where the closing one stands.
    made.children.push_back(node(Kind::kRow, m_at));
    if (!failed()) made.right = delimiter();
    return made;
}

/// Of \big, \Bigl, \biggr and so on.
Node Parser::sized(std::string_view name, std::size_t begin) {
    Node made = node(Kind::kDelimiter, begin);
    made.atom = name.ends_with('l')   ? Atom::kOpen
                : name.ends_with('r') ? Atom::kClose
                : name.ends_with('m') ? Atom::kRel
                                      : Atom::kOrd;
    made.amount = (name.substr(1).starts_with("igg") ? 3 : 1) + (name.front() == 'B' ? 1 : 0);
    made.code = delimiter();
    made.end = static_cast<std::uint32_t>(m_at);
    return made;
}

/// Of \overset{above}{base}, \underset{below}{base}, \overunderset{above}{below}{base}, \stackrel[below]{above}{base}.
Node Parser::stacked(std::string_view name, std::size_t begin) {
    Node made = node(Kind::kScripts, begin);
    made.limits = Limits::kAlways;
    Node above, below;
    if (name == "stackrel") below = option().value_or(Node());
    if (name != "underset") above = argument();
    if (name == "underset" || name == "overunderset") below = argument();
    Node base = argument();
    base.limits = Limits::kAlways;
    const Node& only = onlyOne(base);
    made.atom = name == "stackrel" ? Atom::kRel : only.kind == Kind::kRow ? Atom::kOrd : only.atom;
    made.children.push_back(std::move(base));
    made.children.push_back(std::move(below));
    made.children.push_back(std::move(above));
    return made;
}

/// \xrightarrow[below]{above}
Node Parser::longArrow(char32_t code, std::size_t begin) {
    Node made = node(Kind::kArrow, begin);
    made.atom = Atom::kRel;
    made.code = code;
    Node below = option().value_or(Node());
    made.children.push_back(argument());
    made.children.push_back(std::move(below));
    return made;
}

/// "(mod n)" and the like.
Node Parser::parenthesized(std::string_view name, std::size_t begin) {
    Node mod = this->name("mod", Limits::kNever, begin);
    mod.atom = name == "bmod" ? Atom::kBin : Atom::kOrd;
    if (name == "bmod") return mod;
    Node made = node(Kind::kRow, begin);
    made.open = true;
    made.children.push_back(space(name == "mod" ? 12 * kMu : 8 * kMu, begin));
    if (name != "mod") made.children.push_back(symbol(U'(', Atom::kOpen, false, begin));
    if (name != "pod") {
        made.children.push_back(std::move(mod));
        made.children.push_back(space(6 * kMu, begin));
    }
    made.children.push_back(argument());
    made.children.back().open = true;
    if (name != "mod") made.children.push_back(symbol(U')', Atom::kClose, false, m_at));
    return made;
}

Node Parser::negation(std::size_t begin) {
    Node what = onlyOne(argument());
    if (what.kind == Kind::kSymbol) {
        if (const char32_t struck = negated(what.code)) {
            what.code = struck;
            what.begin = static_cast<std::uint32_t>(begin);
            return what;
        }
    }
    Node made = node(Kind::kStruck, begin);
    made.atom = what.atom;
    made.horizontal = true;
    made.children.push_back(std::move(what));
    return made;
}

/// Low between commas, else in the middle of the line.
Node Parser::dots(std::size_t begin) {
    const std::size_t end = m_at;
    skipBlanks();
    bool middle = false;
    if (peek() == '\\') {
        const std::optional<Symbol> next = symbolNamed(commandHere());
        middle = next && (next->atom == Atom::kBin || next->atom == Atom::kRel || next->atom == Atom::kOp);
    } else if (!atEnd()) {
        middle = std::string_view("+-=<>*").find(peek()) != std::string_view::npos;
    }
    Node made = symbol(middle ? U'⋯' : U'…', Atom::kInner, false, begin);
    made.end = static_cast<std::uint32_t>(end);
    return made;
}

Node Parser::operatorName(std::size_t begin) {
    const bool limits = peek() == '*' || m_source.substr(begin, m_at - begin).ends_with("limits");
    if (peek() == '*') ++m_at;
    Node made = name({}, limits ? Limits::kDisplay : Limits::kNever, begin);
    for (std::string_view text = rawArgument(); !text.empty();) {
        std::size_t size = 1;
        if (text.front() == '\\') {
            while (size < text.size() && isLetter(text[size])) ++size;
            if (size == 1) size = std::min<std::size_t>(2, text.size());
            const std::string_view command = text.substr(1, size - 1);
            if (command == "," || command == ":" || command == ";" || command == " ") {
                made.text += kThinSpace;
            } else if (command == "_" || command == "-" || command == "%" || command == "&" || command == "#") {
                made.text += command;
            } else if (command != "text" && command != "mathrm" && command != "rm" && command != "!") {
                made.text += text.substr(0, size);
            }
        } else if (text.front() == '~') {
            made.text += kThinSpace;
        } else if (!isBlank(text.front()) && text.front() != '{' && text.front() != '}') {
            made.text += text.front();
        }
        text.remove_prefix(size);
    }
    return made;
}

/// \ket{x}, \abs{x} and so on, as tall as what they hold.
Node Parser::bracket(std::string_view name, std::size_t begin) {
    struct Pair {
        std::string_view name;
        char32_t left, right;
    };
    constexpr std::array kPairs = {Pair{"bra", U'⟨', U'|'},   Pair{"Bra", U'⟨', U'|'},    Pair{"ket", U'|', U'⟩'},
                                   Pair{"Ket", U'|', U'⟩'},   Pair{"braket", U'⟨', U'⟩'}, Pair{"abs", U'|', U'|'},
                                   Pair{"norm", U'‖', U'‖'},  Pair{"set", U'{', U'}'},    Pair{"Set", U'{', U'}'},
                                   Pair{"floor", U'⌊', U'⌋'}, Pair{"ceil", U'⌈', U'⌉'}};
    Node made = node(Kind::kFenced, begin);
    made.atom = Atom::kInner;
    for (const Pair& pair : kPairs) {
        if (pair.name == name) made.code = pair.left, made.right = pair.right;
    }
    made.children.push_back(argument());
    made.children.push_back(node(Kind::kRow, m_at));
    return made;
}

/// \tag{1} and \tag*{1}, of the row or the formula.
void Parser::tag(std::size_t begin) {
    const bool bare = peek() == '*';
    if (bare) ++m_at;
    Node made = node(Kind::kRow, begin);
    const auto parenthesis = [&](char c) {
        Node word = node(Kind::kWord, begin);
        word.letters = Letters::kUpright;
        word.text = c;
        return word;
    };
    if (!bare) made.children.push_back(parenthesis('('));
    made.children.push_back(words(Letters::kUpright));
    if (!bare) made.children.push_back(parenthesis(')'));
    m_tag = std::move(made);
}

/// \textcolor{red}{what}; \color{red}{what}, as answers mean it, or \color{red} until the group ends. An unknown color
/// is none.
std::optional<Node> Parser::colored(std::string_view name, std::size_t begin, Node* row) {
    skipBlanks();
    const std::string_view model = rawOption().value_or("");
    const std::optional<char32_t> color = colorNamed(model, rawArgument());
    Node change = node(Kind::kColor, begin);
    change.code = color.value_or(0);
    skipBlanks();
    if (name == "color" && peek() != '{') {
        if (color) row->children.push_back(std::move(change));
        return std::nullopt;
    }
    Node made = argument();
    made.atom = onlyOne(made).kind == Kind::kRow ? Atom::kOrd : onlyOne(made).atom;
    if (color) made.children.insert(made.children.begin(), std::move(change));
    return made;
}

/// \hspace{1em}, \kern 1em and the like.
Node Parser::givenSpace(std::string_view name, std::size_t begin) {
    std::string_view given;
    if (name == "hspace" || name == "mspace") {
        if (peek() == '*') ++m_at;
        given = rawArgument();
    } else {
        skipBlanks();
        const std::size_t from = m_at;
        while (!atEnd() && std::string_view("+-.0123456789").find(peek()) != std::string_view::npos) ++m_at;
        while (!atEnd() && isBlank(peek())) ++m_at;
        m_at = std::min(m_end, m_at + 2);
        given = m_source.substr(from, m_at - from);
    }
    const std::optional<double> em = lengthOf(given);
    if (!em) fail(fmt::format("{} is not a length", quoted(given)));
    return space(em.value_or(0), begin);
}

std::optional<double> lengthOf(std::string_view text) {
    while (!text.empty() && (isBlank(text.front()) || text.front() == '+')) text.remove_prefix(1);
    while (!text.empty() && isBlank(text.back())) text.remove_suffix(1);
    double number = 0;
    const auto [behind, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc() || !std::isfinite(number)) return std::nullopt;
    std::string_view unit = text.substr(static_cast<std::size_t>(behind - text.data()));
    while (!unit.empty() && isBlank(unit.front())) unit.remove_prefix(1);
    struct Unit {
        std::string_view name;
        double em;
    };
    constexpr std::array kUnits = {Unit{"em", 1},     Unit{"mu", kMu},   Unit{"ex", 0.431},  Unit{"pt", 0.1},
                                   Unit{"px", 0.075}, Unit{"cm", 2.845}, Unit{"mm", 0.2845}, Unit{"in", 7.227},
                                   Unit{"pc", 1.2},   Unit{"bp", 0.1004}};
    for (const Unit& u : kUnits) {
        if (u.name == unit) return std::clamp(number * u.em, -kLongestSpace, kLongestSpace);
    }
    return std::nullopt;
}

}  // namespace moescope::math
