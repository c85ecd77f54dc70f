// Glyphs that are as tall or as wide as they are wanted.

#include <algorithm>

#include "ui/math/layout.h"

namespace moescope {

using math::Node;

/// A stretched glyph, from the baseline upwards.
MathBox MathLayout::vertical(const Stretched& parts, const Node& node, const State& state) {
    MathBox whole;
    const double size = state.size();
    for (const Stretched::Part& part : parts.parts) {
        MathBox one = glyph(part.glyph, node, state);
        const double up = part.at * size + one.depth;
        whole.width = std::max(whole.width, one.width);
        whole.place(std::move(one), 0, -up);
    }
    whole.height = parts.size * size;
    whole.depth = 0;
    return whole;
}

MathBox MathLayout::delimiter(char32_t code, double size, const Node& node, const State& state) {
    if (code == 0) {
        MathBox nothing;
        nothing.width = 0.12;  // TeX's \nulldelimiterspace, in any style
        return nothing;
    }
    const hb_codepoint_t g = glyphOf(code, state);
    if (g == 0) return letters(QString::fromUcs4(&code, 1), node, state);
    const Stretched parts = m_font.stretched(g, size / state.size(), true);
    MathBox inner = vertical(parts, node, state);
    const double down = inner.height / 2 - axis(state);
    MathBox box;
    box.width = inner.width;
    box.height = inner.height - down;
    box.depth = down;
    box.place(std::move(inner), 0, down);
    return box;
}

double MathLayout::fenceSize(const MathBox& inside, const State& state) const {
    // TeX's \delimiterfactor and \delimitershortfall.
    const double half = std::max(inside.height - axis(state), inside.depth + axis(state));
    return std::max(2 * half * 0.901, 2 * half - 0.5 * state.size());
}

/// With its ink from the left edge on, its lower edge on the baseline.
MathBox MathLayout::horizontal(const Stretched& parts, const Node& node, const State& state) {
    if (parts.parts.empty()) return {};
    MathBox whole;
    whole.height = whole.depth = -1e9;
    double left = 1e9, right = -1e9;
    for (const Stretched::Part& part : parts.parts) {
        const GlyphMeasures m = m_font.measures(part.glyph);
        left = std::min(left, (part.at + m.left) * state.size());
        right = std::max(right, (part.at + m.right) * state.size());
        whole.place(glyph(part.glyph, node, state), part.at * state.size());
    }
    MathBox box;
    const double down = whole.depth;
    box.width = right - left;
    box.height = whole.height + whole.depth;
    box.place(std::move(whole), -left, -down);
    box.depth = 0;
    return box;
}

}  // namespace moescope
