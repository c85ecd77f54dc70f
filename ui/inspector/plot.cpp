#include "ui/inspector/plot.h"

#include <algorithm>
#include <cmath>

#include "ui/heatmap/colour_map.h"

namespace moescope {

void drawText(QPainter& p, const QRectF& rect, int flags, const QString& text, const QFont& font,
              const QColor& colour) {
    p.setFont(font);
    p.setPen(colour);
    p.drawText(rect, flags, text);
}

void drawElided(QPainter& p, const QRectF& rect, int flags, const QString& text, const QFont& font,
                const QColor& colour) {
    const double room = std::max(0.0, rect.width());
    drawText(p, rect, flags, QFontMetricsF(font).elidedText(text, Qt::ElideRight, room), font, colour);
}

double wrappedHeight(const QString& text, const QFont& font, double width) {
    return QFontMetricsF(font).boundingRect(QRectF(0, 0, width, 1e4), Qt::TextWordWrap, text).height();
}

QString numberText(double value) {
    if (std::isnan(value)) return QStringLiteral("–");
    const double size = std::abs(value);
    if (size == 0) return QStringLiteral("0");
    if (size < 0.001 || size >= 100'000) return QString::number(value, 'g', 3);
    const int digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
    return QString::number(value, 'f', digits);
}

QString tickText(double value) {
    return QString::number(value, 'g', 4);
}

QString fixedText(double value, int digits) {
    return std::isnan(value) ? QStringLiteral("–") : QString::number(value, 'f', digits);
}

QString percent(double share) {
    if (std::isnan(share)) return QStringLiteral("–");
    return QStringLiteral("%1 %").arg(share * 100, 0, 'f', share < 0.0995 ? 1 : 0);
}

QRectF gridCell(const QRectF& grid, int columns, int rows, int column, int row) {
    const auto edge = [](double start, double length, int cells, int at) {
        return std::round(start + length * at / std::max(1, cells));
    };
    const double left = edge(grid.left(), grid.width(), columns, column);
    const double right = edge(grid.left(), grid.width(), columns, column + 1);
    const double top = edge(grid.top(), grid.height(), rows, row);
    const double bottom = edge(grid.top(), grid.height(), rows, row + 1);
    return {left, top, std::max(right - left, 1.0), std::max(bottom - top, 1.0)};
}

int cellUnder(double offset, double length, int cells) {
    if (offset < 0 || offset >= length || cells <= 0 || length <= 0) return -1;
    return std::min(cells - 1, static_cast<int>(offset / length * cells));
}

void fillCells(QPainter& p, const QRectF& grid, int columns, int rows,
               const std::function<QRgb(int column, int row)>& colour) {
    p.save();
    p.setRenderHint(QPainter::Antialiasing, false);
    for (int row = 0; row < rows; ++row) {
        QRgb fill = columns > 0 ? colour(0, row) : 0;
        for (int column = 0; column < columns;) {
            int end = column + 1;
            QRgb next = 0;
            while (end < columns && (next = colour(end, row)) == fill) ++end;
            if (fill != 0) {
                const QRectF first = gridCell(grid, columns, rows, column, row);
                p.fillRect(first.united(gridCell(grid, columns, rows, end - 1, row)), QColor::fromRgb(fill));
            }
            column = end;
            fill = next;
        }
    }
    p.restore();
}

void drawGroups(QPainter& p, const Theme& theme, const QRectF& grid, const RoutingShape& shape,
                Qt::Orientation experts_along) {
    const bool across = experts_along == Qt::Horizontal;
    const double length = across ? grid.width() : grid.height();
    if (!shape.hasGroups() || length / shape.groups < theme.px(8)) return;
    p.save();
    p.setRenderHint(QPainter::Antialiasing, false);
    const double tick = theme.px(4);
    for (int g = 1; g < shape.groups; ++g) {
        const double at = std::round(length * g / shape.groups);
        if (across) {
            p.fillRect(QRectF(grid.left() + at - 1, grid.top(), 2, grid.height()), theme.panel);
            p.fillRect(QRectF(grid.left() + at - 1, grid.bottom(), 1, tick), theme.faint);
        } else {
            p.fillRect(QRectF(grid.left(), grid.top() + at - 1, grid.width(), 2), theme.panel);
            p.fillRect(QRectF(grid.left() - tick, grid.top() + at - 1, tick, 1), theme.faint);
        }
    }
    p.restore();
}

void frameCell(QPainter& p, const QRectF& cell, const QColor& colour) {
    p.setBrush(Qt::NoBrush);
    p.setPen(QPen(QColor(0, 0, 0, 150), 3));
    p.drawRect(cell.adjusted(-0.5, -0.5, 0.5, 0.5));
    p.setPen(QPen(colour, 1.5));
    p.drawRect(cell.adjusted(-0.5, -0.5, 0.5, 0.5));
}

double largest(std::span<const double> values) {
    double most = 0;
    for (const double v : values) most = std::isfinite(v) ? std::max(most, v) : most;
    return most;
}

double niceStep(double range, int most) {
    if (!(range > 0) || most < 1) return 1;
    const double rough = range / most, power = std::pow(10.0, std::floor(std::log10(rough)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (factor * power >= rough * (1 - 1e-9)) return factor * power;
    }
    return 10 * power;
}

std::vector<double> logTicks(double low, double high, int most) {
    std::vector<double> ticks;
    for (const bool fine : {true, false}) {
        ticks.clear();
        for (double power = std::pow(10.0, std::floor(std::log10(low))); power <= high; power *= 10) {
            for (const double factor : {1.0, 2.0, 5.0}) {
                const double tick = factor * power;
                if (tick >= low && tick <= high && (fine || factor == 1)) ticks.push_back(tick);
            }
        }
        if (static_cast<int>(ticks.size()) <= most) break;
    }
    while (static_cast<int>(ticks.size()) > most) {  // every other one
        std::vector<double> fewer;
        for (std::size_t i = 0; i < ticks.size(); i += 2) fewer.push_back(ticks[i]);
        ticks = fewer;
    }
    return ticks;
}

double nextPowerOfTwo(double value) {
    double power = 1;
    while (power < value && power < 1e9) power *= 2;
    return power;
}

int labelStep(double cell, double label) {
    int step = 1;
    while (step * cell < label && step < (1 << 28)) step *= 2;
    return step;
}

void drawBar(QPainter& p, const QRectF& rect, const QColor& colour) {
    if (!(rect.width() > 0) || !(rect.height() > 0)) return;
    p.setPen(Qt::NoPen);
    p.setBrush(colour);
    const double radius = std::min({2.0, rect.width() / 2, rect.height() / 2});
    p.drawRoundedRect(rect, radius, radius);
}

void drawHollowBar(QPainter& p, const QRectF& rect, const QColor& colour) {
    if (rect.width() <= 0 || rect.height() <= 0) return;
    p.setPen(QPen(colour, 1));
    p.setBrush(Qt::NoBrush);
    const QRectF line = rect.adjusted(0.5, 0.5, -0.5, -0.5);
    p.drawRect(line.width() > 0 ? line : QRectF(rect.left() + 0.5, line.top(), 0.01, line.height()));
}

void drawLegend(QPainter& p, const Theme& theme, const QRectF& strip, const std::function<QRgb(double)>& colour,
                const std::vector<LegendMark>& marks) {
    constexpr int kSteps = 48;
    fillCells(p, strip, kSteps, 1, [&](int i, int) { return colour((i + 0.5) / kSteps) | 0xff000000u; });
    const QFont font = theme.mono(Theme::kTiny - 1);
    const QFontMetricsF metrics(font);
    // The ends first; what would run into them is only a stroke.
    std::vector<LegendMark> order = marks;
    std::ranges::stable_sort(order, {}, [](const LegendMark& mark) { return mark.at > 0 && mark.at < 1; });
    std::vector<std::pair<double, double>> taken;
    for (const LegendMark& mark : order) {
        const double x = strip.left() + mark.at * strip.width(), width = metrics.horizontalAdvance(mark.text) + 2;
        p.fillRect(QRectF(x - 0.5, strip.bottom(), 1, theme.px(3)), theme.faint);
        const double left = std::max(x - width / 2, strip.left() - theme.space(2));
        const bool free = std::ranges::none_of(taken, [&](const auto& t) {
            return left < t.second + theme.px(5) && left + width + theme.px(5) > t.first;
        });
        if (!free) continue;
        taken.push_back({left, left + width});
        drawText(p, QRectF(left, strip.bottom() + theme.px(3), width, theme.px(14)), Qt::AlignLeft | Qt::AlignTop,
                 mark.text, font, theme.faint);
    }
}

double drawKey(QPainter& p, const Theme& theme, const QPointF& left_baseline, const QString& text,
               const QColor& colour) {
    const QFont font = theme.sans(Theme::kTiny);
    const double mark = theme.px(12), gap = theme.px(6), width = QFontMetricsF(font).horizontalAdvance(text);
    p.fillRect(QRectF(left_baseline.x(), left_baseline.y() - theme.px(5), mark, theme.px(3)), colour);
    p.setFont(font);
    p.setPen(theme.dim);
    p.drawText(left_baseline + QPointF(mark + gap, 0), text);
    return left_baseline.x() + mark + gap + width;
}

QRgb differenceColour(double value, const Theme& theme) {
    if (std::isnan(value)) return nanColour(ColourMap::kDiverging);
    const double share = std::sqrt(std::min(1.0, std::abs(value)));  // small differences are to be seen
    const QColor ground = theme.dark ? QColor(0x20, 0x24, 0x2d) : QColor(0xf1, 0xf3, 0xf6);
    const QColor end = value < 0 ? theme.blue : theme.amber;
    const auto mix = [share](int a, int b) { return static_cast<int>(std::lround(a + share * (b - a))); };
    return qRgb(mix(ground.red(), end.red()), mix(ground.green(), end.green()), mix(ground.blue(), end.blue()));
}

}  // namespace moescope
