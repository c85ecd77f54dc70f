#include "ui/math/layout.h"

#include <QList>
#include <algorithm>
#include <array>

#include "engine/math/alphabets.h"

namespace moescope {

using math::Atom;
using math::Kind;
using math::Node;
using math::Style;

namespace {

constexpr double kMu = 1.0 / 18;  // em
// A formula in a line of text that is shorter stays whole, em.
constexpr double kUnbroken = 6;

/// The space between two neighbors: 0 none, 1 thin, 2 medium, 3 thick; negative: not in scripts. (The TeXbook, p. 170.)
int spaceBetween(Atom left, Atom right) {
    constexpr std::array<std::array<int, 8>, 8> kSpaces = {{
        // Ord Op Bin Rel Open Close Punct Inner
        {0, 1, -2, -3, 0, 0, 0, -1},      // Ord
        {1, 1, 0, -3, 0, 0, 0, -1},       // Op
        {-2, -2, 0, 0, -2, 0, 0, -2},     // Bin
        {-3, -3, 0, 0, -3, 0, 0, -3},     // Rel
        {0, 0, 0, 0, 0, 0, 0, 0},         // Open
        {0, 1, -2, -3, 0, 0, 0, -1},      // Close
        {-1, -1, 0, -1, -1, -1, -1, -1},  // Punct
        {-1, 1, -2, -3, -1, 0, -1, -1},   // Inner
    }};
    return kSpaces[static_cast<std::size_t>(left)][static_cast<std::size_t>(right)];
}

double spaceWidth(int kind, Style style) {
    if (kind < 0 && style >= Style::kScript) return 0;
    constexpr std::array kWidths = {0.0, 3 * kMu, 4 * kMu, 5 * kMu};
    return kWidths[static_cast<std::size_t>(std::abs(kind))];
}

/// Rows that are no groups, taken apart.
void flatten(const std::vector<Node>& children, std::vector<const Node*>* out) {
    for (const Node& child : children) {
        if (child.kind == Kind::kRow && child.open) {
            flatten(child.children, out);
        } else {
            out->push_back(&child);
        }
    }
}

/// The classes of a row's atoms: what has no operands is no binary operator.
std::vector<Atom> atomsOf(const std::vector<const Node*>& nodes) {
    std::vector<Atom> atoms(nodes.size(), Atom::kOrd);
    const Node* before = nullptr;
    std::size_t last = 0;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (nodes[i]->isGlue()) continue;
        Atom atom = nodes[i]->atom;
        const Atom left = before ? atoms[last] : Atom::kOpen;
        if (atom == Atom::kBin && (left == Atom::kBin || left == Atom::kOp || left == Atom::kRel ||
                                   left == Atom::kOpen || left == Atom::kPunct))
            atom = Atom::kOrd;
        const bool ends = atom == Atom::kRel || atom == Atom::kClose || atom == Atom::kPunct;
        if (before && left == Atom::kBin && ends) atoms[last] = Atom::kOrd;
        atoms[i] = atom;
        before = nodes[i];
        last = i;
    }
    if (before && atoms[last] == Atom::kBin) atoms[last] = Atom::kOrd;
    return atoms;
}

}  // namespace

double MathLayout::State::size() const {
    const MathFont& font = MathFont::instance();
    static const double kScript = font.factor(HB_OT_MATH_CONSTANT_SCRIPT_PERCENT_SCALE_DOWN);
    static const double kScriptScript = font.factor(HB_OT_MATH_CONSTANT_SCRIPT_SCRIPT_PERCENT_SCALE_DOWN);
    return style == Style::kScript ? kScript : style == Style::kScriptScript ? kScriptScript : 1;
}

MathLayout::State MathLayout::State::script() const {
    return with(style <= Style::kText ? Style::kScript : Style::kScriptScript);
}

double MathLayout::constant(hb_ot_math_constant_t which, const State& state) const {
    return m_font.constant(which) * state.size();
}

double MathLayout::axis(const State& state) const {
    return constant(HB_OT_MATH_CONSTANT_AXIS_HEIGHT, state);
}

std::vector<MathBox> MathLayout::segments(const Node& root, Style style) {
    std::vector<MathBox> whole;
    rowInto(root.children, {style}, style != Style::kDisplay, &whole);
    double width = 0;
    for (const MathBox& box : whole) width += box.width;
    if (whole.size() > 1 && width > kUnbroken) return whole;
    MathBox one;
    for (MathBox& box : whole) one.append(std::move(box));
    std::vector<MathBox> result;
    result.push_back(std::move(one));
    return result;
}

MathBox MathLayout::row(const Node& row, Style style, bool cramped) {
    return this->row(row, State{style, cramped});
}

MathBox MathLayout::row(const Node& row, State state) {
    if (row.kind != Kind::kRow) return node(row, state);
    std::vector<MathBox> parts;
    rowInto(row.children, state, false, &parts);
    MathBox whole = std::move(parts.front());
    whole.single = row.children.size() == 1 && whole.single;
    return whole;
}

/// With `breaks` a new box begins behind each relation and binary operator.
void MathLayout::rowInto(const std::vector<Node>& children, State state, bool breaks, std::vector<MathBox>* out) {
    std::vector<const Node*> nodes;
    flatten(children, &nodes);
    const std::vector<Atom> atoms = atomsOf(nodes);
    out->emplace_back();
    std::optional<Atom> before;
    bool break_here = false;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const Node& child = *nodes[i];
        if (child.kind == Kind::kStyle) {
            state.style = child.style;
        } else if (child.kind == Kind::kColor) {
            state.color = child.code;
        } else if (child.kind == Kind::kSpace) {
            out->back().width += child.amount * state.size();
        } else {
            if (before) out->back().width += spaceWidth(spaceBetween(*before, atoms[i]), state.style) * state.size();
            if (break_here) out->emplace_back();
            MathBox box = node(child, state);
            MathBox& last = out->back();
            const bool alone = last.marks.empty() && last.width == 0;
            const bool single = box.single;
            const double italic = box.italic;
            const std::optional<double> accent = box.accent;
            last.append(std::move(box));
            last.single = alone && single;
            last.accent = alone ? accent : std::nullopt;
            last.italic = italic;
            // The correction is for what comes next, unless that is a script of it, which has its own place.
            if (italic > 0 && !(alone && i + 1 == nodes.size())) last.width += italic;
            before = atoms[i];
            break_here = breaks && (atoms[i] == Atom::kRel || atoms[i] == Atom::kBin);
            continue;
        }
    }
}

/// 0 if the font lacks the character.
hb_codepoint_t MathLayout::glyphOf(char32_t code, const State& state) const {
    const hb_codepoint_t plain = m_font.glyph(code);
    if (state.style < Style::kScript) return plain;
    return m_font.scriptForm(plain, state.style == Style::kScript ? 1 : 2);
}

MathBox MathLayout::glyph(hb_codepoint_t glyph, const Node& node, const State& state) {
    const GlyphMeasures m = m_font.measures(glyph);
    const double size = state.size();
    MathBox box;
    box.width = m.advance * size;
    box.height = m.height * size;
    box.depth = m.depth * size;
    box.italic = m.italic * size;
    if (m.accent) box.accent = *m.accent * size;
    MathMark mark;
    mark.glyph = glyph;
    mark.size = size;
    mark.begin = node.begin;
    mark.end = node.end;
    mark.color = state.color;
    box.marks.push_back(std::move(mark));
    return box;
}

MathBox MathLayout::rule(double width, double height, const Node& node, const State& state) {
    MathBox box;
    box.width = width;
    box.height = height;
    MathMark mark;
    mark.kind = MathMark::kRule;
    mark.y = -height;
    mark.width = width;
    mark.height = height;
    mark.begin = node.begin;
    mark.end = node.end;
    mark.color = state.color;
    box.marks.push_back(std::move(mark));
    return box;
}

/// Letters of the font of formulas, and of the window's where it has none.
MathBox MathLayout::letters(const QString& text, const Node& node, const State& state) {
    MathBox whole;
    QString others;
    const auto flush = [&] {
        if (others.isEmpty()) return;
        MathBox box;
        box.width = wordWidth(others) * state.size();
        box.height = 0.8 * state.size();
        box.depth = 0.2 * state.size();
        MathMark mark;
        mark.kind = MathMark::kWord;
        mark.size = state.size();
        mark.width = box.width;
        mark.begin = node.begin;
        mark.end = node.end;
        mark.color = state.color;
        mark.text = std::exchange(others, {});
        box.marks.push_back(std::move(mark));
        whole.append(std::move(box));
    };
    for (const char32_t code : text.toUcs4()) {
        if (code == U' ' || code == U'\u2009') {
            flush();
            whole.width += (code == U' ' ? 1.0 / 3 : 3 * kMu) * state.size();
            continue;
        }
        const hb_codepoint_t g = glyphOf(code, state);
        if (g == 0) {
            others += QString::fromUcs4(&code, 1);
            continue;
        }
        flush();
        whole.append(glyph(g, node, state));
    }
    flush();
    return whole;
}

MathBox MathLayout::symbol(const Node& node, const State& state) {
    hb_codepoint_t g = glyphOf(node.code, state);
    if (g == 0) return letters(QString::fromUcs4(&node.code, 1), node, state);
    if (node.atom != Atom::kOp && node.code != U'√') {
        MathBox box = glyph(g, node, state);
        box.single = true;
        return box;
    }
    // Operators are large in displays, and stand about the axis.
    if (state.display()) {
        const Stretched large =
            m_font.stretched(g, m_font.constant(HB_OT_MATH_CONSTANT_DISPLAY_OPERATOR_MIN_HEIGHT), true);
        if (large.parts.size() == 1) g = large.parts[0].glyph;
    }
    MathBox inner = glyph(g, node, state);
    const double italic = inner.italic;
    const double down = (inner.height - inner.depth) / 2 - axis(state);
    MathBox box;
    box.width = inner.width - italic;  // the font counts the slant of integrals in
    box.height = -1e9;
    box.depth = -1e9;
    box.place(std::move(inner), 0, down);
    box.italic = italic;
    return box;
}

MathBox MathLayout::word(const Node& node, const State& state) {
    QString shown;
    for (const char32_t code : QString::fromStdString(node.text).toUcs4()) {
        const math::Letters letters = node.kind == Kind::kName ? math::Letters::kUpright : node.letters;
        const char32_t there = math::inAlphabet(code, letters);
        shown += QString::fromUcs4(&there, 1);
    }
    return letters(shown, node, state);
}

MathBox MathLayout::node(const Node& node, const State& state) {
    switch (node.kind) {
        case Kind::kSymbol:
            return symbol(node, state);
        case Kind::kName:
        case Kind::kWord:
            return word(node, state);
        case Kind::kUnknown: {
            constexpr double kLetter = 0.52;
            MathBox box;
            MathMark mark;
            mark.kind = MathMark::kUnknown;
            mark.text = QString::fromStdString(node.text);
            mark.size = 0.85 * state.size();
            mark.width = kLetter * static_cast<double>(mark.text.size()) * state.size();
            mark.begin = node.begin;
            mark.end = node.end;
            box.width = mark.width;
            box.height = 0.7 * state.size();
            box.depth = 0.2 * state.size();
            box.marks.push_back(std::move(mark));
            return box;
        }
        case Kind::kRow:
            return row(node, state);
        case Kind::kScripts:
            return scripts(node, state);
        case Kind::kFraction:
            return fraction(node, state);
        case Kind::kRadical:
            return radical(node, state);
        case Kind::kFenced:
            return fenced(node, state);
        case Kind::kMiddle:
        case Kind::kDelimiter: {
            constexpr std::array kSizes = {1.0, 1.081, 1.622, 2.162, 2.703};  // em, of \big to \Bigg
            const auto which = static_cast<std::size_t>(std::clamp(node.amount, 0.0, 4.0));
            return delimiter(node.code, kSizes[which] * state.size(), node, state);
        }
        case Kind::kAccent:
            return accent(node, state);
        case Kind::kStretched:
            return stretched(node, state);
        case Kind::kLine:
            return line(node, state);
        case Kind::kArrow:
            return arrow(node, state);
        case Kind::kPhantom: {
            MathBox box = row(node.children[0], state);
            box.marks.clear();
            if (!node.horizontal) box.width = 0;
            if (!node.vertical) box.height = box.depth = 0;
            return box;
        }
        case Kind::kSmash: {
            MathBox box = row(node.children[0], state);
            box.height = box.depth = 0;
            return box;
        }
        case Kind::kBoxed:
            return boxed(node, state);
        case Kind::kStruck:
            return struck(node, state);
        case Kind::kTable:
            return table(node, state);
        case Kind::kSpace:
        case Kind::kStyle:
        case Kind::kColor:
            break;
    }
    return {};
}

}  // namespace moescope
