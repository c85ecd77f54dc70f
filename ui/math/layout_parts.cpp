// Fractions, roots, fences, accents and what else is put around a formula.

#include <algorithm>

#include "ui/math/layout.h"

namespace moescope {

using math::Atom;
using math::Kind;
using math::Node;
using math::Style;

namespace {

bool isArrow(char32_t code) {
    return code >= 0x2190 && code <= 0x21FF;
}

/// `box` in the middle of `width`.
double centered(const MathBox& box, double width) {
    return (width - box.width) / 2;
}

}  // namespace

MathBox MathLayout::fraction(const Node& node, State state) {
    if (node.forced) state.style = node.style;
    const State inner = state.display() ? state.with(Style::kText) : state.script();
    MathBox above = row(node.children[0], inner), below = row(node.children[1], inner.crampedOne());
    if (node.vertical) {
        above.height = std::max(above.height, 0.84);  // LaTeX's \strut
        above.depth = std::max(above.depth, 0.36);
    }
    const bool display = state.display();
    const double thickness =
        node.amount < 0 ? constant(HB_OT_MATH_CONSTANT_FRACTION_RULE_THICKNESS, state) : node.amount;
    const double axis = this->axis(state);
    double up, down;
    if (thickness > 0) {
        up = constant(display ? HB_OT_MATH_CONSTANT_FRACTION_NUMERATOR_DISPLAY_STYLE_SHIFT_UP
                              : HB_OT_MATH_CONSTANT_FRACTION_NUMERATOR_SHIFT_UP,
                      state);
        down = constant(display ? HB_OT_MATH_CONSTANT_FRACTION_DENOMINATOR_DISPLAY_STYLE_SHIFT_DOWN
                                : HB_OT_MATH_CONSTANT_FRACTION_DENOMINATOR_SHIFT_DOWN,
                        state);
        const double gap_up = constant(display ? HB_OT_MATH_CONSTANT_FRACTION_NUM_DISPLAY_STYLE_GAP_MIN
                                               : HB_OT_MATH_CONSTANT_FRACTION_NUMERATOR_GAP_MIN,
                                       state);
        const double gap_down = constant(display ? HB_OT_MATH_CONSTANT_FRACTION_DENOM_DISPLAY_STYLE_GAP_MIN
                                                 : HB_OT_MATH_CONSTANT_FRACTION_DENOMINATOR_GAP_MIN,
                                         state);
        up = std::max(up, above.depth + gap_up + axis + thickness / 2);
        down = std::max(down, below.height + gap_down - axis + thickness / 2);
    } else {
        up = constant(
            display ? HB_OT_MATH_CONSTANT_STACK_TOP_DISPLAY_STYLE_SHIFT_UP : HB_OT_MATH_CONSTANT_STACK_TOP_SHIFT_UP,
            state);
        down = constant(display ? HB_OT_MATH_CONSTANT_STACK_BOTTOM_DISPLAY_STYLE_SHIFT_DOWN
                                : HB_OT_MATH_CONSTANT_STACK_BOTTOM_SHIFT_DOWN,
                        state);
        const double least = constant(
            display ? HB_OT_MATH_CONSTANT_STACK_DISPLAY_STYLE_GAP_MIN : HB_OT_MATH_CONSTANT_STACK_GAP_MIN, state);
        const double gap = (up - above.depth) - (below.height - down);
        if (gap < least) {
            up += (least - gap) / 2;
            down += (least - gap) / 2;
        }
    }
    MathBox stack;
    stack.width = std::max(above.width, below.width);
    const double above_x = centered(above, stack.width), below_x = centered(below, stack.width);
    stack.place(std::move(above), above_x, -up);
    stack.place(std::move(below), below_x, down);
    if (thickness > 0) stack.place(rule(stack.width, thickness, node, state), 0, thickness / 2 - axis);

    // The font's table lacks the two usual sizes, so they are those of TeX's font of symbols. What is much taller is
    // enclosed as by \left and \right.
    const double usual = (display ? 2.39 : 1.01) * state.size(), tall = fenceSize(stack, state);
    const double size = tall > 1.25 * usual ? tall : usual;
    MathBox whole = delimiter(node.code, size, node, state);
    whole.append(std::move(stack));
    if (!node.vertical) whole.append(delimiter(node.right, size, node, state));
    return whole;
}

MathBox MathLayout::radical(const Node& node, const State& state) {
    MathBox body = row(node.children[0], state.crampedOne());
    const double thickness = constant(HB_OT_MATH_CONSTANT_RADICAL_RULE_THICKNESS, state);
    double gap = constant(state.display() ? HB_OT_MATH_CONSTANT_RADICAL_DISPLAY_STYLE_VERTICAL_GAP
                                          : HB_OT_MATH_CONSTANT_RADICAL_VERTICAL_GAP,
                          state);
    const double wanted = body.height + body.depth + gap + thickness;
    MathBox sign = vertical(m_font.stretched(glyphOf(U'√', state), wanted / state.size(), true), node, state);
    gap = std::max(gap, (sign.height - wanted) / 2 + gap);
    const double top = body.height + gap + thickness;  // of the rule
    MathBox whole;
    if (node.children.size() > 1) {
        MathBox index = row(node.children[1], state.with(Style::kScriptScript));
        const double raise =
            m_font.factor(HB_OT_MATH_CONSTANT_RADICAL_DEGREE_BOTTOM_RAISE_PERCENT) * sign.height - (sign.height - top);
        const double before = constant(HB_OT_MATH_CONSTANT_RADICAL_KERN_BEFORE_DEGREE, state);
        const double after = constant(HB_OT_MATH_CONSTANT_RADICAL_KERN_AFTER_DEGREE, state);
        whole.width = std::max(0.0, before + index.width + after);
        const double x = std::max(before, -after - index.width);
        whole.place(std::move(index), x, -raise - index.depth);
    }
    const double sign_x = whole.width, sign_width = sign.width, width = body.width, drop = sign.height - top;
    whole.width += sign_width + width;
    whole.place(std::move(sign), sign_x, drop);
    whole.place(rule(width, thickness, node, state), sign_x + sign_width, thickness - top);
    whole.place(std::move(body), sign_x + sign_width);
    whole.height = std::max(whole.height, top + constant(HB_OT_MATH_CONSTANT_RADICAL_EXTRA_ASCENDER, state));
    return whole;
}

MathBox MathLayout::fenced(const Node& node, const State& state) {
    MathBox inside = row(node.children[0], state);
    const double size = fenceSize(inside, state);
    // A \middle is as tall, so its row is set again between the others.
    const Node& content = node.children[0];
    std::vector<const Node*> middles;
    for (const Node& child : content.children) {
        if (child.kind == Kind::kMiddle) middles.push_back(&child);
    }
    if (!middles.empty()) {
        MathBox parts;
        Node part;
        const auto finish = [&] {
            parts.append(row(part, state));
            part.children.clear();
        };
        for (const Node& child : content.children) {
            if (child.kind != Kind::kMiddle) {
                part.children.push_back(child);
                continue;
            }
            finish();
            parts.append(delimiter(child.code, size, child, state));
        }
        finish();
        inside = std::move(parts);
    }
    MathBox whole = delimiter(node.code, size, node, state);
    whole.append(std::move(inside));
    whole.append(delimiter(node.right, size, node.children[1], state));
    return whole;
}

MathBox MathLayout::accent(const Node& node, const State& state) {
    MathBox base = row(node.children[0], state.crampedOne());
    hb_codepoint_t mark = glyphOf(node.code, state);
    if (mark == 0) return base;
    if (node.wide) mark = m_font.widest(mark, base.width / state.size());
    const GlyphMeasures m = m_font.measures(mark);
    const double mark_middle = m.accent.value_or((m.left + m.right) / 2) * state.size();
    const double italic = base.italic;
    const double middle = base.single && base.accent ? *base.accent : (base.width + italic) / 2;
    const double up = base.height - std::min(base.height, constant(HB_OT_MATH_CONSTANT_ACCENT_BASE_HEIGHT, state));
    MathBox above = glyph(mark, node, state);
    MathBox whole = std::move(base);
    whole.place(std::move(above), middle - mark_middle, -up);
    // A letter with its accent takes scripts as the letter does.
    whole.accent.reset();
    return whole;
}

MathBox MathLayout::stretched(const Node& node, const State& state) {
    MathBox base = row(node.children[0], node.under ? state : state.crampedOne());
    MathBox mark = horizontal(m_font.spanning(m_font.glyph(node.code), base.width / state.size()), node, state);
    double gap = constant(HB_OT_MATH_CONSTANT_STRETCH_STACK_GAP_ABOVE_MIN, state);
    if (isArrow(node.code)) gap /= 2;  // only its head comes so close
    MathBox whole;
    whole.width = std::max(base.width, mark.width);
    const double height = base.height, depth = base.depth;
    const double base_x = centered(base, whole.width), mark_x = centered(mark, whole.width);
    whole.place(std::move(base), base_x);
    const double down = node.under ? depth + gap + mark.height : -(height + gap);
    whole.place(std::move(mark), mark_x, down);
    return whole;
}

MathBox MathLayout::line(const Node& node, const State& state) {
    MathBox base = row(node.children[0], node.under ? state : state.crampedOne());
    const double thickness = constant(HB_OT_MATH_CONSTANT_OVERBAR_RULE_THICKNESS, state);
    const double gap = constant(
        node.under ? HB_OT_MATH_CONSTANT_UNDERBAR_VERTICAL_GAP : HB_OT_MATH_CONSTANT_OVERBAR_VERTICAL_GAP, state);
    const double extra = constant(HB_OT_MATH_CONSTANT_OVERBAR_EXTRA_ASCENDER, state);
    MathBox whole = std::move(base);
    whole.width += whole.italic;
    whole.italic = 0;
    whole.single = false;
    whole.accent.reset();
    const double down = node.under ? whole.depth + gap + thickness : -(whole.height + gap);
    whole.place(rule(whole.width, thickness, node, state), 0, down);
    (node.under ? whole.depth : whole.height) += extra;
    return whole;
}

MathBox MathLayout::arrow(const Node& node, const State& state) {
    MathBox above = row(node.children[0], state.script());
    MathBox below = row(node.children[1], state.script().crampedOne());
    const double padding = 7.0 / 18 * state.script().size();
    const double width = std::max(std::max(above.width, below.width) + 2 * padding, state.size());
    MathBox shaft = horizontal(m_font.stretched(m_font.glyph(node.code), width / state.size(), false), node, state);
    // About the axis, as the arrow by itself.
    const double half = shaft.height / 2, axis = this->axis(state);
    MathBox whole;
    whole.width = std::max(shaft.width, width);
    const double shaft_x = centered(shaft, whole.width);
    whole.place(std::move(shaft), shaft_x, half - axis);
    const bool has_below = !node.children[1].isEmptyRow();
    const double above_x = centered(above, whole.width), below_x = centered(below, whole.width);
    const double up = std::max(constant(HB_OT_MATH_CONSTANT_UPPER_LIMIT_GAP_MIN, state) + above.depth,
                               constant(HB_OT_MATH_CONSTANT_UPPER_LIMIT_BASELINE_RISE_MIN, state));
    const double down = std::max(constant(HB_OT_MATH_CONSTANT_LOWER_LIMIT_GAP_MIN, state) + below.height,
                                 constant(HB_OT_MATH_CONSTANT_LOWER_LIMIT_BASELINE_DROP_MIN, state));
    whole.place(std::move(above), above_x, -(axis + half + up));
    if (has_below) whole.place(std::move(below), below_x, half - axis + down);
    return whole;
}

MathBox MathLayout::boxed(const Node& node, const State& state) {
    const double thickness = 0.04, padding = 0.3;  // LaTeX's \fboxrule and \fboxsep
    MathBox inside = row(node.children[0], state.with(std::min(state.style, Style::kDisplay)));
    MathBox whole;
    const double width = inside.width + 2 * (padding + thickness);
    const double height = inside.height + padding + thickness, depth = inside.depth + padding + thickness;
    whole.width = width;
    whole.place(std::move(inside), padding + thickness);
    whole.place(rule(width, thickness, node, state), 0, thickness - height);
    whole.place(rule(width, thickness, node, state), 0, depth);
    whole.place(rule(thickness, height + depth, node, state), 0, depth);
    whole.place(rule(thickness, height + depth, node, state), width - thickness, depth);
    return whole;
}

MathBox MathLayout::struck(const Node& node, const State& state) {
    MathBox whole = row(node.children[0], state);
    const auto stroke = [&](double from, double to) {
        MathMark mark;
        mark.kind = MathMark::kStroke;
        mark.y = from;
        mark.width = whole.width;
        mark.height = to - from;
        mark.size = 0.045 * state.size();
        mark.begin = node.begin;
        mark.end = node.end;
        mark.color = state.color;
        whole.marks.push_back(std::move(mark));
    };
    const double over = 0.1 * state.size();
    if (node.horizontal) stroke(whole.depth + over, -whole.height - over);
    if (node.vertical) stroke(-whole.height - over, whole.depth + over);
    whole.single = false;
    return whole;
}

}  // namespace moescope
