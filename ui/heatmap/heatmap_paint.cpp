// How HeatmapWidget looks: heading, axes, picture, legend, selection, pointer.

#include <QFontMetricsF>
#include <QLocale>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "ui/heatmap/axis_ticks.h"
#include "ui/heatmap/colour_table.h"
#include "ui/heatmap/cpu_renderer.h"
#include "ui/heatmap/heatmap_widget_p.h"

namespace moescope {
namespace {

QString number(double value) {
    return QString::fromStdString(shortNumber(value));
}

QColor faded(QColor colour, int alpha) {
    colour.setAlpha(alpha);
    return colour;
}

}  // namespace

HeatmapPlaces HeatmapWidget::Private::places(QSizeF size) const {
    const Theme& t = themes->theme();
    HeatmapPlaces at;
    const double pad = t.px(12), top = decorated ? t.px(30) : t.px(6);
    const double axis = t.px(18), bottom = decorated ? t.px(28) : t.px(2);
    at.gutter = t.px(34);
    if (!isTokens() && scene.matrix && !scene.matrix->rows().names.empty()) {
        const QFontMetricsF metrics(t.mono(Theme::kTiny - 1));
        for (const std::string& name : scene.matrix->rows().names) {
            at.gutter = std::max(at.gutter, metrics.horizontalAdvance(QString::fromStdString(name)) + t.px(12));
        }
        at.gutter = std::min(at.gutter, size.width() / 3);
    }
    // Whole device pixels, so that cells are crisp at any scale of the screen.
    const qreal ratio = q->devicePixelRatioF();
    const auto snapped = [ratio](double value) { return std::round(value * ratio) / ratio; };
    const double left = snapped(at.gutter), upper = snapped(top);
    const double right = snapped(std::max(left + 8, size.width() - pad));
    const double lower = snapped(std::max(upper + 8, size.height() - axis - bottom));
    at.plot = QRectF(QPointF(left, upper), QPointF(right, lower));
    at.header = QRectF(pad, 0, std::max(0.0, size.width() - 2 * pad), top);
    at.legend = QRectF(left, lower + axis, right - left, bottom);
    return at;
}

QString HeatmapWidget::Private::caption() const {
    if (hover.valid()) return q->describe(hover);
    if (current.valid()) return q->describe(current);
    if (!frame.error.isEmpty()) return frame.error;
    if (empty()) return {};
    QString text;
    if (isTokens()) text = tr("tokens: %1").arg(QLocale().toString(static_cast<int>(scene.routing.tokens())));
    if (isTokens()) {
        const RoutingShape& shape = scene.routing.shape();
        if (scene.view.metric == CellMetric::kGate && !shape.has_gates) text += tr(", the trace has no gates");
        if (scene.view.metric == CellMetric::kProbability && !shape.has_probabilities) {
            text += tr(", the trace has no probabilities");
        }
    }
    return text;
}

void HeatmapWidget::paintEvent(QPaintEvent*) {
    if (d->stale) d->request();
    QPainter p(this);
    d->paint(p, QSizeF(size()), d->frame.image, d->frame.rect, true);
}

void HeatmapWidget::paintInto(QPainter& painter, QSizeF size, qreal ratio) const {
    const HeatmapPlaces at = d->places(size);
    HeatmapScene copy = d->scene;
    copy.view.rect = d->rect(at.plot);
    CpuRenderer renderer;
    const auto side = [ratio](double length) {
        return std::clamp(static_cast<int>(std::lround(length * ratio)), 1, kMaxHeatmapSide);
    };
    QImage image;
    const auto drawn = renderWhole(renderer, copy, side(at.plot.width()), side(at.plot.height()));
    if (drawn.ok()) {
        image = QImage(reinterpret_cast<const uchar*>(drawn->pixels.get()), drawn->width, drawn->height,
                       4 * drawn->width, QImage::Format_ARGB32_Premultiplied);
    }
    d->paint(painter, size, image, copy.view.rect, false);
}

void HeatmapWidget::Private::paint(QPainter& p, QSizeF size, const QImage& image, const HeatmapRect& shows,
                                   bool interactive) const {
    const Theme& t = themes->theme();
    const HeatmapPlaces at = places(size);
    p.setRenderHint(QPainter::Antialiasing);
    p.fillRect(QRectF(QPointF(), size), t.panel);
    if (decorated) {
        const QFont heading = t.sans(Theme::kBody, QFont::DemiBold);
        const double heading_width = QFontMetricsF(heading).horizontalAdvance(title);
        p.setFont(heading);
        p.setPen(t.text);
        p.drawText(at.header, Qt::AlignLeft | Qt::AlignVCenter, title);
        const QFont small = t.sans(Theme::kTiny);
        const QRectF rest = at.header.adjusted(heading_width + t.px(16), 0, 0, 0);
        p.setFont(small);
        p.setPen(hover.valid() || current.valid() ? t.dim : t.faint);
        const QString words = interactive || !hover.valid() ? caption() : QString();
        p.drawText(rest, Qt::AlignRight | Qt::AlignVCenter,
                   QFontMetricsF(small).elidedText(words, Qt::ElideRight, rest.width()));
    }
    if (empty()) {
        p.setFont(t.sans(Theme::kSmall));
        p.setPen(t.faint);
        p.drawText(at.plot, Qt::AlignCenter | Qt::TextWordWrap, tr("Nothing to show yet."));
        return;
    }
    p.save();
    p.setClipRect(at.plot);
    if (!image.isNull()) {
        // A picture of another part, or of another size, stands in until the right one comes.
        p.setRenderHint(QPainter::SmoothPixmapTransform, false);
        p.drawImage(shows == rect(at.plot) ? at.plot : toPixels(shows, at.plot), image);
    }
    paintGroups(p, at.plot);
    QPainterPath corners;
    corners.addRect(at.plot.adjusted(-1, -1, 1, 1));
    QPainterPath inside;
    inside.addRoundedRect(at.plot, t.px(Theme::kRadiusSmall), t.px(Theme::kRadiusSmall));
    p.fillPath(corners.subtracted(inside), t.panel);
    paintSelection(p, at.plot);
    if (interactive) paintPointer(p, at.plot);
    p.restore();
    paintAxes(p, at);
    if (decorated) paintLegend(p, at);
    if (interactive && q->hasFocus()) {
        p.setPen(QPen(t.focus, t.px(2)));
        p.setBrush(Qt::NoBrush);
        const double out = t.px(2);
        p.drawRoundedRect(at.plot.adjusted(-out, -out, out, out), t.px(Theme::kRadiusSmall) + out,
                          t.px(Theme::kRadiusSmall) + out);
    }
}

void HeatmapWidget::Private::paintGroups(QPainter& p, const QRectF& plot) const {
    const Theme& t = themes->theme();
    const HeatmapRect r = rect(plot);
    for (const double at : columnGroups(scene, r.x, r.width, plot.width(), t.px(16))) {
        const double x = std::round(plot.left() + (at - r.x) / r.width * plot.width());
        p.fillRect(QRectF(x - 1, plot.top(), 2, plot.height()), t.panel);
    }
    for (const double at : rowGroups(scene, r.y, r.height, plot.height(), t.px(16))) {
        const double y = std::round(plot.top() + (at - r.y) / r.height * plot.height());
        p.fillRect(QRectF(plot.left(), y - 1, plot.width(), 2), t.panel);
    }
}

void HeatmapWidget::Private::paintAxes(QPainter& p, const HeatmapPlaces& at) const {
    const Theme& t = themes->theme();
    const HeatmapRect r = rect(at.plot);
    p.setFont(t.mono(Theme::kTiny - 1));
    const QFontMetricsF metrics(p.font());
    for (const AxisTick& tick : rowTicks(scene, r.y, r.height, at.plot.height(), t.px(13))) {
        const double y = at.plot.y() + (tick.position - r.y) / r.height * at.plot.height();
        if (y < at.plot.top() - 1 || y > at.plot.bottom() + 1) continue;
        p.setPen(tick.minor ? t.faint : t.dim);
        const QRectF box(t.px(2), y - t.px(8), at.plot.left() - t.px(8), t.px(16));
        p.drawText(box, Qt::AlignRight | Qt::AlignVCenter,
                   metrics.elidedText(QString::fromStdString(tick.label), Qt::ElideRight, box.width()));
    }
    double spacing = t.px(44);
    if (!isTokens() && !scene.matrix->columns().names.empty()) spacing = t.px(72);
    double free = -1e9;  // where the last label ended
    for (const AxisTick& tick : columnTicks(scene, r.x, r.width, at.plot.width(), spacing)) {
        const double x = at.plot.x() + (tick.position - r.x) / r.width * at.plot.width();
        if (x < at.plot.left() || x > at.plot.right()) continue;
        const QString label = metrics.elidedText(QString::fromStdString(tick.label), Qt::ElideRight, spacing - t.px(6));
        const double width = metrics.horizontalAdvance(label);
        // Inside the plot's width, as far as there is room.
        const double left =
            std::clamp(x - width / 2, at.plot.left(), std::max(at.plot.left(), at.plot.right() - width));
        if (left < free + t.px(6)) continue;
        free = left + width;
        p.setPen(tick.lane ? t.amber_text : t.dim);
        p.drawText(QRectF(left, at.plot.bottom() + t.px(3), width + 1, t.px(14)), Qt::AlignLeft | Qt::AlignVCenter,
                   label);
    }
}

void HeatmapWidget::Private::paintLegend(QPainter& p, const HeatmapPlaces& at) const {
    const Theme& t = themes->theme();
    const ColourKey key = colourKey(scene);
    p.setFont(t.sans(Theme::kTiny));
    const QFontMetricsF metrics(p.font());
    const double middle = at.legend.top() + t.px(12), height = t.px(6), gap = t.px(6);
    const auto text = [&](double x, const QString& words, const QColor& pen) {
        p.setPen(pen);
        const double width = metrics.horizontalAdvance(words);
        p.drawText(QRectF(x, middle - t.px(8), width + 1, t.px(16)), Qt::AlignLeft | Qt::AlignVCenter, words);
        return x + width;
    };
    const auto bar = [&](double x, double width, const std::function<Argb(double)>& colour_at) {
        QImage ramp(128, 1, QImage::Format_RGB32);
        for (int i = 0; i < 128; ++i) ramp.setPixel(i, 0, colour_at((i + 0.5) / 128));
        p.drawImage(QRectF(x, middle - height / 2, width, height), ramp);
        return x + width;
    };

    // What lies past the ends has their colour, and the labels say so.
    double largest = 0, smallest = 0;
    if (isTokens()) {
        largest = scene.view.metric == CellMetric::kGate          ? scene.routing.largestGate()
                  : scene.view.metric == CellMetric::kProbability ? scene.routing.largestProbability()
                                                                  : 1;
    } else {
        largest = scene.matrix->largest();
        smallest = scene.matrix->smallest();
    }
    double x = at.legend.left();
    const bool below = key.scale == Scale::kLog ? !key.diverging : smallest < key.range.low;
    const double low = valueAt(key, 0);
    x = text(x, (below ? QStringLiteral("≤ ") : QString()) + number(low), t.dim) + gap;
    x = bar(x, t.px(120), [&](double position) { return colour(key.map, position); }) + gap;
    x = text(x, (largest > key.range.high * (1 + 1e-6) ? QStringLiteral("≥ ") : QString()) + number(key.range.high),
             t.dim) +
        2 * gap;

    QStringList words;
    QString quantity = QString::fromStdString(quantityName(scene));
    if (!isTokens() && !scene.matrix->unit.empty()) {
        quantity += QLatin1Char(' ') + QString::fromStdString(scene.matrix->unit);
    }
    words << quantity;
    words << (key.scale == Scale::kLog ? tr("log scale") : tr("linear"));
    const double columns_a_pixel = rect(at.plot).width / (at.plot.width() * q->devicePixelRatioF());
    if (columns_a_pixel > 1.01) {
        const QString count = number(std::round(columns_a_pixel * 10) / 10);
        words << (scene.view.aggregation == Aggregation::kMax ? tr("maximum of %1 per pixel").arg(count)
                                                              : tr("mean of %1 per pixel").arg(count));
    }
    const bool lane = rowLayout(scene).lane > 0 || columnLayout(scene).lane > 0;
    const QString lane_words = tr("1 shared");
    const double lane_width =
        metrics.horizontalAdvance(QStringLiteral("0")) + 2 * gap + t.px(40) + metrics.horizontalAdvance(lane_words);
    const bool missing = !isTokens() && scene.matrix->hasNan();
    double room = at.legend.right() - x - (lane ? lane_width + 2 * gap : 0);
    if (missing) room -= t.px(70);
    x = text(x, metrics.elidedText(words.join(QStringLiteral(", ")), Qt::ElideRight, room), t.faint) + 2 * gap;
    if (missing && room > 0) {
        p.fillRect(QRectF(x, middle - height / 2, height, height), QColor(nanColour(key.map)));
        text(x + height + gap / 2, tr("no value"), t.faint);
    }
    if (lane && room > 0) {
        x = at.legend.right() - lane_width;
        x = text(x, QStringLiteral("0"), t.dim) + gap;
        x = bar(x, t.px(40), sharedColour) + gap;
        text(x, lane_words, t.amber_text);
    }
}

void HeatmapWidget::Private::paintSelection(QPainter& p, const QRectF& plot) const {
    const HeatmapRect all = wholeRect(scene), r = rect(plot);
    p.setBrush(Qt::NoBrush);
    const auto frame_of = [&](const HeatmapRect& cells, const QColor& colour_of_line, double width) {
        QRectF box = toPixels(cells, plot);
        if (box.width() < 3) box.adjust(-(3 - box.width()) / 2, 0, (3 - box.width()) / 2, 0);
        if (box.height() < 3) box.adjust(0, -(3 - box.height()) / 2, 0, (3 - box.height()) / 2);
        // On whole pixels, so that lines are crisp.
        box = QRectF(QPointF(std::round(box.left()) + 0.5, std::round(box.top()) + 0.5),
                     QPointF(std::round(box.right()) - 0.5, std::round(box.bottom()) - 0.5));
        p.setPen(QPen(QColor(0, 0, 0, 110), width + 2));
        p.drawRect(box);
        p.setPen(QPen(colour_of_line, width));
        p.drawRect(box);
    };
    // The picture is the same in both themes, and so is what is on it.
    const QColor amber(sharedColour(1));
    const QColor band = faded(amber, 200);
    if (!selected_tokens.empty() && isTokens()) {
        const HeatmapRect cells{static_cast<double>(selected_tokens.begin), r.y,
                                static_cast<double>(selected_tokens.end - selected_tokens.begin), r.height};
        p.fillRect(toPixels(cells, plot), faded(amber, 40));
        frame_of({cells.x, r.y - 1e6, cells.width, r.height + 2e6}, band, 1);
    }
    if (isTokens()) {
        if (selected_token >= 0 && selected_token < static_cast<int>(scene.routing.tokens())) {
            frame_of({static_cast<double>(selected_token), r.y - 1e6, 1, r.height + 2e6}, band, 1);
        }
        const AxisLayout rows = rowLayout(scene);
        if (scene.view.layer < 0 && selected_layer >= 0 && selected_layer < rows.blocks) {
            frame_of({r.x - 1e6, static_cast<double>(selected_layer * rows.pitch()), r.width + 2e6,
                      static_cast<double>(rows.blockSize())},
                     band, 1);
        }
    } else {
        const auto index = [&](AxisKind kind) {
            return kind == AxisKind::kToken    ? selected_token
                   : kind == AxisKind::kLayer  ? selected_layer
                   : kind == AxisKind::kExpert ? selected_expert
                                               : -1;
        };
        const int column = index(scene.matrix->columns().kind), row = index(scene.matrix->rows().kind);
        // Of two axes of one kind (co-activation), the row and the column of that expert both.
        if (column >= 0 && column < scene.matrix->columns().count) {
            frame_of({static_cast<double>(column), -1, 1, all.height + 2}, band, 1);
        }
        if (row >= 0 && row < scene.matrix->rows().count) {
            frame_of({-1, static_cast<double>(row), all.width + 2, 1}, band, 1);
        }
    }
    const bool single = isTokens() && scene.view.layer >= 0;
    const int layer = single ? scene.view.layer : selected_layer;
    if (selected_expert >= 0) {
        const HeatmapCell cell = cellOf(scene, selected_token, layer, selected_expert);
        const HeatmapRect cells = cellRect(scene, cell);
        if (cells.width > 0) frame_of(cells, amber, 2);
    }
}

void HeatmapWidget::Private::paintPointer(QPainter& p, const QRectF& plot) const {
    const HeatmapCell& cell = hover.valid() ? hover : current;
    const QRectF box = pixelsOf(cell, plot);
    if (box.isNull()) return;
    p.setRenderHint(QPainter::Antialiasing, false);
    p.setPen(QPen(QColor(255, 255, 255, 80), 1));
    const QPointF centre = box.center();
    p.drawLine(QPointF(centre.x(), plot.top()), QPointF(centre.x(), box.top()));
    p.drawLine(QPointF(centre.x(), box.bottom()), QPointF(centre.x(), plot.bottom()));
    p.drawLine(QPointF(plot.left(), centre.y()), QPointF(box.left(), centre.y()));
    p.drawLine(QPointF(box.right(), centre.y()), QPointF(plot.right(), centre.y()));
    p.setRenderHint(QPainter::Antialiasing);
    const double grow_x = std::max(0.0, (5 - box.width()) / 2), grow_y = std::max(0.0, (5 - box.height()) / 2);
    const QRectF frame_box = box.adjusted(-grow_x, -grow_y, grow_x, grow_y);
    p.setBrush(Qt::NoBrush);
    p.setPen(QPen(QColor(0, 0, 0, 150), 3));
    p.drawRect(frame_box);
    p.setPen(QPen(q->hasFocus() && cell == current ? QColor(sharedColour(1)) : QColor(255, 255, 255), 1.4));
    p.drawRect(frame_box);
}

}  // namespace moescope
