#pragma once
// A formula that is set: its boxes, for lines of text and for displays, and how they are painted.

#include <QColor>
#include <QPointF>
#include <QRectF>
#include <QString>
#include <memory>
#include <vector>

#include "ui/math/box.h"

class QPainter;

namespace moescope {

struct SetFormula {
    bool display = false;
    /// In the order of the source. Of a display one; of a formula in a line what is not broken, which may be divided
    /// between any two.
    std::vector<MathBox> segments;
    struct Tag {
        MathBox box;
        double y = 0;
    };
    std::vector<Tag> tags;  ///< at the right edge, each with its baseline `y` below the formula's

    double width() const;
    double height() const;  ///< above the baseline
    double depth() const;
};

/// Sets a formula with its marks; null if it has to be shown as it is written. `inline_only`: a display too is set as
/// in a line of text. Formulas that were asked for lately are kept. Thread-safe.
std::shared_ptr<const SetFormula> setFormula(const QString& source, bool inline_only = false);

/// Pixels of an em beside letters of a font with that size: the letters of formulas are smaller than those of screens.
double mathEm(double font_pixels);

/// Paints a box, `origin` being where its baseline begins, `em` in pixels. Colors of the formula's own are changed as
/// far as they could not be read on `background`.
struct MathColors {
    QColor text, quiet, background;
};
void drawMath(QPainter* painter, const MathBox& box, QPointF origin, double em, const MathColors& colors);

/// The area of a mark around the baseline's beginning, in em.
QRectF markRect(const MathMark& mark);

}  // namespace moescope
