#include "ui/math/box.h"

#include <algorithm>

namespace moescope {

void MathBox::place(MathBox&& other, double x, double y) {
    height = std::max(height, other.height - y);
    depth = std::max(depth, other.depth + y);
    marks.reserve(marks.size() + other.marks.size());
    for (MathMark& mark : other.marks) {
        mark.x += x;
        mark.y += y;
        marks.push_back(std::move(mark));
    }
}

}  // namespace moescope
