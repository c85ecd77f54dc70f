#pragma once
// What charts are drawn with: texts, cells, bars, ticks, legends.

#include <QPainter>
#include <QString>
#include <functional>
#include <span>
#include <vector>

#include "engine/routing/record.h"
#include "ui/theme.h"

namespace moescope {

void drawText(QPainter& p, const QRectF& rect, int flags, const QString& text, const QFont& font, const QColor& colour);
/// On one line, with an ellipsis if it is too long.
void drawElided(QPainter& p, const QRectF& rect, int flags, const QString& text, const QFont& font,
                const QColor& colour);
/// How high a text is that is broken into lines of a width.
double wrappedHeight(const QString& text, const QFont& font, double width);

/// Three significant digits, without an exponent between 0.001 and 100,000.
QString numberText(double value);
/// For ticks: up to four digits without zeros at the end.
QString tickText(double value);
/// So many digits behind the point; a dash if it is no number.
QString fixedText(double value, int digits);
/// "31.2 %"
QString percent(double share);

/// A cell of a grid of `columns` x `rows`, its edges on whole pixels so that neighbours meet.
QRectF gridCell(const QRectF& grid, int columns, int rows, int column, int row);
/// The column or row at an offset in a grid; -1 outside.
int cellUnder(double offset, double length, int cells);
/// Fills cells without smoothing, runs of one colour in a row together. `colour` returns 0 for no cell.
void fillCells(QPainter& p, const QRectF& grid, int columns, int rows,
               const std::function<QRgb(int column, int row)>& colour);
/// Lines between the groups of experts (RoutingShape::groups) where `grid` has experts along an axis, with ticks beyond
/// its end; nothing where there are no groups, or no room for lines between them.
void drawGroups(QPainter& p, const Theme& theme, const QRectF& grid, const RoutingShape& shape,
                Qt::Orientation experts_along);
/// A frame around a cell that is seen on any of its colours.
void frameCell(QPainter& p, const QRectF& cell, const QColor& colour);

/// Of the values that are finite numbers; 0 without one.
double largest(std::span<const double> values);
/// 1, 2 or 5 times a power of ten, so that at most `most` steps reach `range`.
double niceStep(double range, int most);
/// 1, 2 and 5 times powers of ten between two positive numbers; only powers of ten if those are more than `most`.
std::vector<double> logTicks(double low, double high, int most);
/// The smallest of 1, 2, 4, 8, ... that is not below `value`.
double nextPowerOfTwo(double value);
/// Every how many labels of `label` pixels fit on cells of `cell` pixels: 1, 2, 4, 8, ...
int labelStep(double cell, double label);

/// Nothing unless it has a width and a height that are numbers.
void drawBar(QPainter& p, const QRectF& rect, const QColor& colour);
/// Its outline only.
void drawHollowBar(QPainter& p, const QRectF& rect, const QColor& colour);
/// A strip from `colour(0)` to `colour(1)` with texts below at their places (0 to 1).
struct LegendMark {
    double at;
    QString text;
};
void drawLegend(QPainter& p, const Theme& theme, const QRectF& strip, const std::function<QRgb(double)>& colour,
                const std::vector<LegendMark>& marks);
/// "— shared" in the colour of its line; returns the right end.
double drawKey(QPainter& p, const Theme& theme, const QPointF& left_baseline, const QString& text,
               const QColor& colour);

/// Blue for less, amber for more, the theme's ground at 0; -1 to 1. What is no number is red.
QRgb differenceColour(double value, const Theme& theme);

}  // namespace moescope
