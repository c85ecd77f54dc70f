#include <algorithm>

#include "ui/inspector/charts/compare_charts.h"
#include "ui/inspector/plot.h"

namespace moescope {
namespace {

constexpr double kRowHeight = 18, kNumbers = 34;

}  // namespace

double LayerBarsChart::height(double) const {
    return rows() * theme().px(kRowHeight) + above() + below();
}

QRectF LayerBarsChart::barsArea(const QRectF& body) const {
    const double left = body.left() + theme().px(kNumbers);
    return {left, body.top() + above(), std::max(1.0, body.right() - left - figuresWidth()),
            rows() * theme().px(kRowHeight) * 1.0};
}

void LayerBarsChart::paint(QPainter& p, const QRectF& body) const {
    const Theme& t = theme();
    const QRectF area = barsArea(body);
    const double row_height = t.px(kRowHeight);
    const Spot shown = marked();
    const QFont digits = t.mono(Theme::kTiny);
    for (int l = 0; l < rows(); ++l) {
        const QRectF row(body.left(), area.top() + l * row_height, body.width(), row_height);
        const bool chosen = l == shown.layer;
        if (chosen) {
            p.setPen(Qt::NoPen);
            p.setBrush(t.hover);
            p.drawRoundedRect(row.adjusted(-t.space(1), 0, t.space(1), 0), t.px(Theme::kRadiusSmall),
                              t.px(Theme::kRadiusSmall));
        }
        drawText(p, row, Qt::AlignLeft | Qt::AlignVCenter, QString::number(numberOf(l)), digits,
                 chosen ? t.text : t.dim);
        const std::vector<Bar> all = bars(l);
        // One is in the middle, two are around it.
        double y = row.center().y() - (all.size() > 1 ? t.px(5) : t.px(2));
        for (const Bar& bar : all) {
            drawBar(p, QRectF(area.left(), y, area.width(), t.px(4)), t.line);
            drawBar(p, QRectF(area.left(), y, area.width() * bar.share, t.px(4)), bar.colour);
            y = row.center().y() + t.px(1);
        }
        drawText(p, row, Qt::AlignRight | Qt::AlignVCenter, figures(l), digits, t.dim);
    }
}

Spot LayerBarsChart::spotAt(const QPointF& at, const QRectF& body) const {
    const QRectF area = barsArea(body);
    const int layer = cellUnder(at.y() - area.top(), area.height(), rows());
    return layer < 0 ? Spot() : Spot::ofExpert(layer, -1);
}

QString LayerBarsChart::tipAt(const QPointF& at, const QRectF& body) const {
    const Spot spot = spotAt(at, body);
    return spot.layer >= 0 ? describe(spot.layer) : QString();
}

QString LayerBarsChart::words() const {
    const int layer = marked().layer;
    return m_comparison->possible() && layer >= 0 && layer < rows() ? describe(layer) : emptyText();
}

}  // namespace moescope
