#include "ui/inspector/charts/load_bars_chart.h"

#include <algorithm>
#include <cmath>

#include "ui/heatmap/colour_map.h"
#include "ui/inspector/plot.h"

namespace moescope {

void LoadBarsChart::setMetric(ExpertAmount metric) {
    m_metric = metric;
    emit changed();
}

int LoadBarsChart::layer() const {
    const int hovered = tokenMarks().hovered.layer;
    return hasData() && hovered >= 0 && hovered < m_model->source()->shape().moe_layers ? hovered : m_model->layer();
}

QString LoadBarsChart::title() const {
    return hasData() ? tr("Load of layer %1").arg(layerNumber(layer())) : tr("Load of a layer");
}

QString LoadBarsChart::caption() const {
    if (!hasData()) return {};
    const int expert = marked().expert;
    if (expert >= 0 && expert < static_cast<int>(m_relative.size())) return describe(expert);
    const int never = neverChosen(m_relative);
    const QString what = m_metric == ExpertAmount::kCount ? tr("times chosen") : tr("gate mass");
    return never > 0 ? tr("%1, in uniform shares; unused: %2 of %3").arg(what).arg(never).arg(m_relative.size())
                     : tr("%1, in uniform shares").arg(what);
}

void LoadBarsChart::refresh() {
    m_relative.clear();
    if (!hasData()) return;
    const ExpertAmount metric = m_model->source()->shape().has_gates ? m_metric : ExpertAmount::kCount;
    m_relative = relativeLoad(m_model->sums().ofLayer(metric, PhaseFilter::kBoth, layer()));
}

double LoadBarsChart::height(double) const {
    return theme().px(124);
}

QRectF LoadBarsChart::plot(const QRectF& body) const {
    const Theme& t = theme();
    return body.adjusted(t.px(30), t.space(1), 0, -t.space(5));
}

void LoadBarsChart::paint(QPainter& p, const QRectF& body) const {
    const Theme& t = theme();
    const QRectF area = plot(body);
    const int experts = static_cast<int>(m_relative.size());
    if (experts == 0) return;
    const double most = std::max(1.5, largest(m_relative));
    const double step = niceStep(most, 4), top = std::ceil(most / step) * step;
    const QFont digits = t.mono(Theme::kTiny - 1);
    for (double v = 0; v <= top + step / 2; v += step) {
        const double y = std::round(area.bottom() - area.height() * v / top) + 0.5;
        p.setPen(QPen(t.line, 1));
        p.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
        if (std::abs(v - 1) * area.height() / top < t.px(12)) continue;  // there stands "even"
        drawText(p, QRectF(body.left() - t.space(2), y - t.px(8), t.px(30) + t.space(1), t.px(16)),
                 Qt::AlignRight | Qt::AlignVCenter, QStringLiteral("%1×").arg(v), digits, t.faint);
    }
    drawGroups(p, t, area, m_model->source()->shape(), Qt::Horizontal);
    const Spot shown = marked();
    const double slot = area.width() / experts, gap = slot > 5 ? std::min(slot * 0.25, 6.0) : 0;
    for (int e = 0; e < experts; ++e) {
        const double height = area.height() * m_relative[static_cast<std::size_t>(e)] / top;
        const QRectF bar(area.left() + e * slot + gap / 2, area.bottom() - height, slot - gap, height);
        QColor colour = t.blue;
        if (shown.expert >= 0 && e != shown.expert) colour.setAlphaF(0.55f);
        drawBar(p, bar, colour);
        if (height == 0)  // never chosen: a mark that is no bar
            p.fillRect(QRectF(bar.left(), area.bottom() - 2, std::max(1.0, bar.width()), 2), t.danger);
        if (std::isnan(height))  // as heatmaps show what is no number
            p.fillRect(QRectF(bar.left(), area.top(), std::max(1.0, bar.width()), area.height()),
                       QColor(nanColour(ColourMap::kCividis)));
    }
    const double even = std::round(area.bottom() - area.height() / top) + 0.5;
    p.setPen(QPen(t.dim, 1, Qt::DashLine));
    p.drawLine(QPointF(area.left(), even), QPointF(area.right(), even));
    drawText(p, QRectF(body.left() - t.space(2), even - t.px(8), t.px(30) + t.space(1), t.px(16)),
             Qt::AlignRight | Qt::AlignVCenter, tr("1×"), t.sans(Theme::kTiny), t.dim);
    for (int e = 0, every = labelStep(slot, t.px(28)); e < experts; e += every) {
        drawText(p, QRectF(area.left() + (e + 0.5) * slot - t.px(20), area.bottom() + t.px(4), t.px(40), t.px(14)),
                 Qt::AlignHCenter, QString::number(e), digits, t.faint);
    }
}

Spot LoadBarsChart::spotAt(const QPointF& at, const QRectF& body) const {
    const QRectF area = plot(body);
    const int expert = cellUnder(at.x() - area.left(), area.width(), static_cast<int>(m_relative.size()));
    return expert < 0 || at.y() < area.top() || at.y() > body.bottom() ? Spot() : Spot::ofExpert(layer(), expert);
}

QString LoadBarsChart::describe(int expert) const {
    const double value = m_relative[static_cast<std::size_t>(expert)];
    const QString where = tr("layer %1, expert %2").arg(QString::number(layerNumber(layer())), expertName(expert));
    return value == 0 ? tr("%1: never chosen").arg(where)
                      : tr("%1: %2 times a uniform share").arg(where, numberText(value));
}

QString LoadBarsChart::tipAt(const QPointF& at, const QRectF& body) const {
    const Spot spot = spotAt(at, body);
    return spot.expert >= 0 ? describe(spot.expert) : QString();
}

QString LoadBarsChart::words() const {
    const int expert = marked().expert;
    return hasData() && expert >= 0 && expert < static_cast<int>(m_relative.size()) ? describe(expert) : Chart::words();
}

QString LoadBarsChart::csv() const {
    QString text = QStringLiteral("layer,expert,relative_load\n");
    for (std::size_t e = 0; e < m_relative.size(); ++e) {
        text += QStringLiteral("%1,%2,%3\n").arg(layerNumber(layer())).arg(e).arg(m_relative[e], 0, 'g', 9);
    }
    return text;
}

}  // namespace moescope
