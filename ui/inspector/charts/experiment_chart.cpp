#include "ui/inspector/charts/experiment_chart.h"

#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "ui/inspector/plot.h"

namespace moescope {

ExperimentPlot::ExperimentPlot(const ExperimentResults* results, InspectorModel* model, ThemeStore* themes)
    : Chart(model, themes), m_results(results) {}

QString ExperimentPlot::caption() const {
    if (m_results->points.empty()) return {};
    return tr("%1, mean of %2 tokens").arg(m_results->unit()).arg(m_results->points.front().tokens);
}

QString ExperimentPlot::emptyText() const {
    if (!m_results->points.empty()) return {};
    return tr(
        "What does the model lose without its best experts, or with fewer of them? “Run” computes how well it "
        "predicts the answers of this chat under each setting: figures 4 and 5 of the DeepSeekMoE paper. The "
        "chat stays as it is.");
}

QString ExperimentPlot::words() const {
    QStringList parts;
    for (const ExperimentResult& r : m_results->points) {
        parts << tr("%1: %2").arg(r.label, numberText(m_results->loss(r)));
    }
    return parts.isEmpty() ? emptyText() : parts.join(QStringLiteral("; "));
}

double ExperimentPlot::height(double width) const {
    return std::clamp(width * 0.6, static_cast<double>(theme().px(180)), static_cast<double>(theme().px(420)));
}

ExperimentPlot::Scale ExperimentPlot::scale() const {
    double low = INFINITY, high = -INFINITY;
    for (const ExperimentResult& r : m_results->points) {
        if (!std::isfinite(r.nats)) continue;
        low = std::min(low, m_results->loss(r));
        high = std::max(high, m_results->loss(r));
    }
    if (low > high) low = high = 0;
    // From 0 if that costs little; a curve that lies high would be flat then.
    if (low < 0.5 * high) low = 0;
    const double room = std::max((high - low) * 0.08, std::max(high, 1e-3) * 0.01);
    high += room;
    if (low > 0) low = std::max(0.0, low - room);
    const double step = niceStep(high - low, 5);
    return {std::floor(low / step) * step, std::ceil(high / step) * step, step};
}

QRectF ExperimentPlot::plotOf(const QRectF& body) const {
    const Theme& t = theme();
    return body.adjusted(t.px(44), t.px(26), -t.px(12), -t.px(38));
}

QPointF ExperimentPlot::placeOf(const ExperimentResult& r, const QRectF& body) const {
    const QRectF plot = plotOf(body);
    const Scale s = scale();
    const double span = std::max(m_results->to - m_results->from, 1e-9);
    return {plot.left() + (r.x - m_results->from) / span * plot.width(),
            plot.bottom() - (m_results->loss(r) - s.low) / (s.high - s.low) * plot.height()};
}

void ExperimentPlot::paintKey(QPainter& p, const QRectF& row) const {
    const Theme& t = theme();
    double x = row.left();
    const auto say = [&](const QString& text, const QColor& colour) {
        const QFont font = t.sans(Theme::kTiny);
        drawText(p, QRectF(x, row.top(), row.right() - x, row.height()), Qt::AlignLeft | Qt::AlignVCenter, text, font,
                 colour);
        x += QFontMetricsF(font).horizontalAdvance(text) + t.space(4);
    };
    for (const ExperimentResult& r : m_results->points) {
        if (r.own) {
            p.setPen(QPen(t.blue, 2));
            p.setBrush(t.panel);
            p.drawEllipse(QPointF(x + t.px(4), row.center().y()), t.px(4), t.px(4));
            x += t.px(14);
            say(tr("the model as it is"), t.dim);
        } else if (r.reference) {
            p.setPen(QPen(t.amber, 1.5, Qt::DashLine));
            p.drawLine(QPointF(x, row.center().y()), QPointF(x + t.px(18), row.center().y()));
            x += t.px(24);
            say(r.label, t.amber_text);
        }
    }
}

void ExperimentPlot::paint(QPainter& p, const QRectF& body) const {
    const Theme& t = theme();
    const QRectF plot = plotOf(body);
    paintKey(p, QRectF(plot.left(), body.top(), plot.width(), t.px(18)));
    const Scale s = scale();
    const QFont digits = t.mono(Theme::kTiny);
    const int decimals = std::max(0, static_cast<int>(-std::floor(std::log10(s.step) + 1e-9)));
    for (double value = s.low; value <= s.high + s.step / 2; value += s.step) {
        const double y = std::round(plot.bottom() - (value - s.low) / (s.high - s.low) * plot.height()) + 0.5;
        p.setPen(QPen(t.line, 1));
        p.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
        drawText(p, QRectF(body.left(), y - t.px(8), plot.left() - body.left() - t.px(9), t.px(16)),
                 Qt::AlignRight | Qt::AlignVCenter, fixedText(value, decimals), digits, t.faint);
    }
    QPainterPath curve;
    bool joined = false;
    double last_label = -1e9;
    for (const ExperimentResult& r : m_results->points) {
        const QPointF at = placeOf(r, body);
        if (r.reference) {
            if (!std::isfinite(r.nats)) continue;
            p.setPen(QPen(t.amber, 1.5, Qt::DashLine));
            p.drawLine(QPointF(plot.left(), at.y()), QPointF(plot.right(), at.y()));
            continue;
        }
        if (std::isfinite(r.nats)) {
            joined ? curve.lineTo(at) : curve.moveTo(at);
        }
        joined = std::isfinite(r.nats);  // a loss that is no number leaves a gap
        const double wide = QFontMetricsF(digits).horizontalAdvance(r.tick) + t.px(6);
        if (at.x() - last_label >= wide) {
            drawText(p, QRectF(at.x() - t.px(40), plot.bottom() + t.px(3), t.px(80), t.px(16)),
                     Qt::AlignHCenter | Qt::AlignVCenter, r.tick, digits, t.faint);
            last_label = at.x();
        }
    }
    p.setBrush(Qt::NoBrush);
    p.setPen(QPen(t.blue, 2));
    p.drawPath(curve);
    for (const ExperimentResult& r : m_results->points) {
        if (r.reference || !std::isfinite(r.nats)) continue;
        p.setPen(QPen(t.blue, 2));
        p.setBrush(r.own ? t.panel : t.blue);
        p.drawEllipse(placeOf(r, body), t.px(4), t.px(4));
    }
    drawText(p, QRectF(plot.left(), plot.bottom() + t.px(20), plot.width(), t.px(16)),
             Qt::AlignHCenter | Qt::AlignVCenter, m_results->axis, t.sans(Theme::kTiny), t.dim);
}

QString ExperimentPlot::tipAt(const QPointF& at, const QRectF& body) const {
    for (const ExperimentResult& r : m_results->points) {
        const QPointF place = placeOf(r, body);
        const bool near = r.reference ? std::abs(place.y() - at.y()) < theme().px(4) && plotOf(body).contains(at)
                                      : std::hypot(place.x() - at.x(), place.y() - at.y()) < theme().px(10);
        if (near) return tr("%1: %2 %3").arg(r.label, numberText(m_results->loss(r)), m_results->unit());
    }
    return {};
}

ExperimentTable::ExperimentTable(const ExperimentResults* results, InspectorModel* model, ThemeStore* themes)
    : Chart(model, themes), m_results(results) {}

QString ExperimentTable::caption() const {
    return m_results->points.empty() ? QString() : tr("%1; against the model as it is").arg(m_results->unit());
}

double ExperimentTable::height(double) const {
    return static_cast<double>(m_results->points.size()) * theme().px(20) + theme().space(1);
}

QString ExperimentTable::words() const {
    return tr("%Ln value(s)", nullptr, static_cast<int>(m_results->points.size()));
}

void ExperimentTable::paint(QPainter& p, const QRectF& body) const {
    const Theme& t = theme();
    const auto own =
        std::find_if(m_results->points.begin(), m_results->points.end(), [](const auto& r) { return r.own; });
    const double row_height = t.px(20), numbers = t.px(76);
    for (std::size_t i = 0; i < m_results->points.size(); ++i) {
        const ExperimentResult& r = m_results->points[i];
        const QRectF row(body.left(), body.top() + static_cast<double>(i) * row_height, body.width(), row_height);
        const QFont font = t.sans(Theme::kSmall);
        const QString label =
            QFontMetricsF(font).elidedText(r.label, Qt::ElideRight, std::max(0.0, row.width() - 2 * numbers));
        drawText(p, row, Qt::AlignLeft | Qt::AlignVCenter, label, font, r.reference ? t.amber_text : t.text);
        drawText(p, row.adjusted(0, 0, -numbers, 0), Qt::AlignRight | Qt::AlignVCenter,
                 fixedText(m_results->loss(r), 4), t.mono(Theme::kTiny), t.text);
        if (own == m_results->points.end() || r.own) continue;
        const double more = m_results->loss(r) - m_results->loss(*own);
        if (std::isnan(more)) continue;
        drawText(p, row, Qt::AlignRight | Qt::AlignVCenter,
                 QStringLiteral("%1%2").arg(more < 0 ? QString() : QStringLiteral("+")).arg(more, 0, 'f', 4),
                 t.mono(Theme::kTiny), t.dim);
    }
}

QString ExperimentTable::csv() const {
    if (m_results->points.empty()) return {};
    QString text = QStringLiteral("setting,x,reference,nats_per_token,bits_per_token,tokens\n");
    for (const ExperimentResult& r : m_results->points) {
        text += QStringLiteral("%1,%2,%3,%4,%5,%6\n")
                    .arg(csvField(r.label), QString::number(r.x, 'g', 6), QString::number(r.reference ? 1 : 0),
                         QString::number(r.nats, 'f', 6), QString::number(r.nats * 1.4426950408889634, 'f', 6),
                         QString::number(r.tokens));
    }
    return text;
}

}  // namespace moescope
