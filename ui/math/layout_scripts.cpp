// Superscripts, subscripts and limits: rules 13a and 18 of the TeXbook's appendix G.

#include <algorithm>

#include "ui/math/layout.h"

namespace moescope {

using math::Kind;
using math::Node;
using math::Style;

MathBox MathLayout::scripts(const Node& node, const State& state) {
    const Node &base_node = node.children[0], &sub_node = node.children[1], &sup_node = node.children[2];
    const bool has_sub = !sub_node.isEmptyRow(), has_sup = !sup_node.isEmptyRow();
    MathBox base = this->node(base_node, state);
    MathBox sub, sup;
    if (has_sub) sub = row(sub_node, state.script().crampedOne());
    if (has_sup) sup = row(sup_node, state.script());
    if (node.limits == math::Limits::kAlways || (node.limits == math::Limits::kDisplay && state.display()))
        return limits(std::move(base), std::move(sub), std::move(sup), has_sub, has_sup, state);

    double up = 0, down = 0;
    if (!base.single) {
        up = base.height - constant(HB_OT_MATH_CONSTANT_SUPERSCRIPT_BASELINE_DROP_MAX, state);
        down = base.depth + constant(HB_OT_MATH_CONSTANT_SUBSCRIPT_BASELINE_DROP_MIN, state);
    }
    if (has_sup) {
        up = std::max({up,
                       constant(state.cramped ? HB_OT_MATH_CONSTANT_SUPERSCRIPT_SHIFT_UP_CRAMPED
                                              : HB_OT_MATH_CONSTANT_SUPERSCRIPT_SHIFT_UP,
                                state),
                       sup.depth + constant(HB_OT_MATH_CONSTANT_SUPERSCRIPT_BOTTOM_MIN, state)});
    }
    if (has_sub) {
        down = std::max(down, constant(HB_OT_MATH_CONSTANT_SUBSCRIPT_SHIFT_DOWN, state));
        if (!has_sup) down = std::max(down, sub.height - constant(HB_OT_MATH_CONSTANT_SUBSCRIPT_TOP_MAX, state));
    }
    if (has_sub && has_sup) {
        const double least = constant(HB_OT_MATH_CONSTANT_SUB_SUPERSCRIPT_GAP_MIN, state);
        const double gap = (up - sup.depth) - (sub.height - down);
        if (gap < least) {
            down += least - gap;
            const double low =
                constant(HB_OT_MATH_CONSTANT_SUPERSCRIPT_BOTTOM_MAX_WITH_SUBSCRIPT, state) - (up - sup.depth);
            if (low > 0) {
                up += low;
                down -= low;
            }
        }
    }
    const double behind = constant(HB_OT_MATH_CONSTANT_SPACE_AFTER_SCRIPT, state);
    const double italic = base.italic;
    MathBox whole = std::move(base);
    const double x = whole.width;
    whole.single = false;
    whole.italic = 0;
    whole.accent.reset();
    if (has_sup) {
        whole.width = std::max(whole.width, x + italic + sup.width + behind);
        whole.place(std::move(sup), x + italic, -up);
    }
    if (has_sub) {
        whole.width = std::max(whole.width, x + sub.width + behind);
        whole.place(std::move(sub), x, down);
    }
    return whole;
}

MathBox MathLayout::limits(MathBox base, MathBox sub, MathBox sup, bool has_sub, bool has_sup, const State& state) {
    const double italic = base.italic, height = base.height, depth = base.depth, width = base.width + italic;
    MathBox whole;
    whole.width = std::max({width, sub.width, sup.width});
    whole.height = height;
    whole.depth = depth;
    const double middle = whole.width / 2;
    whole.place(std::move(base), middle - width / 2);
    if (has_sup) {
        const double up = height + std::max(constant(HB_OT_MATH_CONSTANT_UPPER_LIMIT_GAP_MIN, state) + sup.depth,
                                            constant(HB_OT_MATH_CONSTANT_UPPER_LIMIT_BASELINE_RISE_MIN, state));
        whole.place(std::move(sup), middle - sup.width / 2 + italic / 2, -up);
    }
    if (has_sub) {
        const double down = depth + std::max(constant(HB_OT_MATH_CONSTANT_LOWER_LIMIT_GAP_MIN, state) + sub.height,
                                             constant(HB_OT_MATH_CONSTANT_LOWER_LIMIT_BASELINE_DROP_MIN, state));
        whole.place(std::move(sub), middle - sub.width / 2 - italic / 2, down);
    }
    return whole;
}

}  // namespace moescope
