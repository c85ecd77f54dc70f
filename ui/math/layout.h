#pragma once
// Sets formulas as TeX does (appendix G of the TeXbook), with the measures of an OpenType MATH table. For the files of
// this folder.

#include <vector>

#include "engine/math/formula.h"
#include "ui/math/box.h"
#include "ui/math/font.h"

namespace moescope {

class MathLayout {
public:
    /// Of a whole formula: in lines of text the parts between which it may be broken, one at least.
    std::vector<MathBox> segments(const math::Node& root, math::Style style);

    struct Tag {
        MathBox box;
        double y = 0;  ///< of its baseline
    };
    /// Of the rows of the formula that was set last.
    std::vector<Tag> takeTags() { return std::move(m_tags); }
    MathBox row(const math::Node& row, math::Style style, bool cramped);

private:
    /// What is true at a place in a formula.
    struct State {
        math::Style style;
        bool cramped = false;
        std::optional<char32_t> color = {};
        double size() const;
        State script() const;
        State with(math::Style other) const { return {other, cramped, color}; }
        State crampedOne() const { return {style, true, color}; }
        bool display() const { return style == math::Style::kDisplay; }
    };

    // Rows (layout.cpp).
    MathBox row(const math::Node& row, State state);
    void rowInto(const std::vector<math::Node>& children, State state, bool breaks, std::vector<MathBox>* out);
    MathBox node(const math::Node& node, const State& state);
    MathBox symbol(const math::Node& node, const State& state);
    MathBox word(const math::Node& node, const State& state);
    MathBox letters(const QString& text, const math::Node& node, const State& state);
    hb_codepoint_t glyphOf(char32_t code, const State& state) const;
    MathBox glyph(hb_codepoint_t glyph, const math::Node& node, const State& state);
    MathBox rule(double width, double height, const math::Node& node, const State& state);

    // Stretched glyphs (delimiters.cpp).
    /// As tall as `size` em or more, about the axis; empty for 0.
    MathBox delimiter(char32_t code, double size, const math::Node& node, const State& state);
    /// What encloses a box as \left and \right do.
    double fenceSize(const MathBox& inside, const State& state) const;
    MathBox horizontal(const Stretched& parts, const math::Node& node, const State& state);
    MathBox vertical(const Stretched& parts, const math::Node& node, const State& state);

    // Scripts (layout_scripts.cpp).
    MathBox scripts(const math::Node& node, const State& state);
    MathBox limits(MathBox base, MathBox sub, MathBox sup, bool has_sub, bool has_sup, const State& state);

    // Parts (layout_parts.cpp).
    MathBox fraction(const math::Node& node, State state);
    MathBox radical(const math::Node& node, const State& state);
    MathBox fenced(const math::Node& node, const State& state);
    MathBox accent(const math::Node& node, const State& state);
    MathBox stretched(const math::Node& node, const State& state);
    MathBox line(const math::Node& node, const State& state);
    MathBox arrow(const math::Node& node, const State& state);
    MathBox boxed(const math::Node& node, const State& state);
    MathBox struck(const math::Node& node, const State& state);

    // Tables (layout_table.cpp).
    MathBox table(const math::Node& node, const State& state);

    double axis(const State& state) const;
    double constant(hb_ot_math_constant_t which, const State& state) const;

    const MathFont& m_font = MathFont::instance();
    std::vector<Tag> m_tags;
};

}  // namespace moescope
