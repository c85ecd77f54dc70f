#include "ui/inspector/charts/position_chart.h"

#include <algorithm>
#include <cmath>

#include "engine/base/sizes.h"
#include "ui/inspector/plot.h"

namespace moescope {
namespace {

constexpr int kMostBins = 64;

}  // namespace

QString PositionChart::title() const {
    return hasData() ? tr("Routing by position, layer %1").arg(layerNumber(m_model->layer()))
                     : tr("Routing by position");
}

QString PositionChart::caption() const {
    if (m_bins.empty()) return {};
    const int width = m_bins.front().end - m_bins.front().begin;
    return width == 1 ? tr("each position") : tr("means of %1 positions").arg(width);
}

QString PositionChart::emptyText() const {
    if (const QString nothing = Chart::emptyText(); !nothing.isEmpty()) return nothing;
    if (!m_gates && m_expert < 0) return tr("This trace has no gates. Choose an expert to see where it is used.");
    return {};
}

void PositionChart::refresh() {
    m_bins.clear();
    m_expert = m_model->selection().chosen().expert;
    m_gates = false;
    if (!hasData()) return;
    const RoutingView log = m_model->source()->log();
    m_gates = log.shape().has_gates;
    int last = 0;
    for (std::size_t t = 0; t < log.size(); ++t) last = std::max(last, log.token(t).position);
    const int width = last / kMostBins + 1;
    m_bins.resize(asSize(last / width + 1));
    for (std::size_t b = 0; b < m_bins.size(); ++b) {
        m_bins[b].begin = static_cast<int>(b) * width;
        m_bins[b].end = m_bins[b].begin + width;
    }
    for (std::size_t t = 0; t < log.size(); ++t) {
        const int position = log.token(t).position;
        if (position < 0) continue;
        Bin& bin = m_bins[asSize(position / width)];
        const LayerRouting r = log.at(t, m_model->layer());
        if (r.count == 0) continue;
        if (bin.first < 0) bin.first = static_cast<int>(t);
        ++bin.tokens;
        double top = 0;
        for (int i = 0; i < r.count; ++i) {
            top = std::max(top, static_cast<double>(r.gates[asSize(i)]));
            if (r.experts[asSize(i)] == m_expert) ++bin.of_expert;
        }
        bin.top_gate += top;
        bin.entropy += gateEntropy(r);
    }
    for (Bin& bin : m_bins) {
        if (bin.tokens == 0) continue;
        bin.entropy /= bin.tokens;
        bin.top_gate /= bin.tokens;
        bin.of_expert /= bin.tokens;
    }
}

double PositionChart::height(double) const {
    return theme().px(220);
}

QRectF PositionChart::plot(const QRectF& body) const {
    const Theme& t = theme();
    return body.adjusted(t.px(34), t.space(6), -t.space(1), -t.space(9));
}

void PositionChart::paint(QPainter& p, const QRectF& body) const {
    const Theme& t = theme();
    const QRectF area = plot(body);
    if (m_bins.empty()) return;
    const QFont digits = t.mono(Theme::kTiny - 1), words = t.sans(Theme::kTiny);
    for (const double v : {0.0, 0.25, 0.5, 0.75, 1.0}) {
        const double y = std::round(area.bottom() - area.height() * v) + 0.5;
        p.setPen(QPen(t.line, 1));
        p.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
        drawText(p, QRectF(body.left(), y - t.px(8), t.px(28), t.px(16)), Qt::AlignRight | Qt::AlignVCenter,
                 tickText(v), digits, t.faint);
    }
    const double range = m_bins.back().end;
    const auto x = [&](const Bin& bin) { return area.left() + area.width() * (bin.begin + bin.end) / 2 / range; };
    const double step = std::max(1.0, niceStep(range, std::max(1, static_cast<int>(area.width() / t.px(56)))));
    for (double v = 0; v < range; v += step) {
        const double at = area.left() + area.width() * (v + 0.5) / range;
        drawText(p, QRectF(at - t.px(28), area.bottom() + t.px(3), t.px(56), t.px(14)), Qt::AlignHCenter, tickText(v),
                 digits, t.faint);
    }
    drawText(p, QRectF(area.left(), area.bottom() + t.px(17), area.width(), t.px(14)), Qt::AlignRight,
             tr("position in the context →"), words, t.faint);

    const auto curve = [&](double Bin::*value, const QColor& colour) {
        p.setBrush(colour);
        QPointF before;
        bool joined = false;
        for (const Bin& bin : m_bins) {
            if (bin.tokens == 0 || !std::isfinite(bin.*value)) {
                joined = false;
                continue;
            }
            const QPointF at(x(bin), area.bottom() - area.height() * std::clamp(bin.*value, 0.0, 1.0));
            p.setPen(QPen(colour, 1.5));
            if (joined) p.drawLine(before, at);
            p.setPen(Qt::NoPen);
            p.drawEllipse(at, 1.8, 1.8);
            before = at;
            joined = true;
        }
    };
    double key = area.left();
    const auto drawn = [&](double Bin::*value, const QColor& colour, const QString& name) {
        curve(value, colour);
        key = drawKey(p, t, QPointF(key, body.top() + t.px(10)), name, colour) + t.space(4);
    };
    if (m_gates) {
        drawn(&Bin::entropy, t.amber, tr("gate entropy"));
        drawn(&Bin::top_gate, t.dim, tr("largest gate"));
    }
    if (m_expert >= 0) drawn(&Bin::of_expert, t.blue, tr("expert %1").arg(m_expert));

    const Spot shown = marked();
    if (!shown.hasTokens() || shown.last >= m_model->source()->size()) return;
    const double position = m_model->source()->log().token(asSize(shown.last)).position + 0.5;
    if (position < 0 || position > range) return;
    const double at = std::round(area.left() + area.width() * position / range) + 0.5;
    p.setPen(QPen(t.amber, 1.5));
    p.drawLine(QPointF(at, area.top()), QPointF(at, area.bottom()));
}

int PositionChart::binAt(const QPointF& at, const QRectF& body) const {
    const QRectF area = plot(body);
    if (at.y() < area.top() || at.y() > area.bottom()) return -1;
    return cellUnder(at.x() - area.left(), area.width(), static_cast<int>(m_bins.size()));
}

Spot PositionChart::spotAt(const QPointF& at, const QRectF& body) const {
    const int bin = binAt(at, body);
    if (bin < 0 || m_bins[asSize(bin)].first < 0) return {};
    return Spot::ofToken(m_model->source()->id(), m_bins[asSize(bin)].first);
}

QString PositionChart::describe(const Bin& bin) const {
    const QString where = bin.end - bin.begin == 1 ? tr("position %1").arg(bin.begin)
                                                   : tr("positions %1 to %2").arg(bin.begin).arg(bin.end - 1);
    QStringList parts{tr("%Ln token(s)", nullptr, bin.tokens)};
    if (m_gates && bin.tokens > 0) {
        parts << tr("entropy %1").arg(numberText(bin.entropy)) << tr("largest gate %1").arg(numberText(bin.top_gate));
    }
    if (m_expert >= 0 && bin.tokens > 0) parts << tr("%1 chose expert %2").arg(percent(bin.of_expert)).arg(m_expert);
    return QStringLiteral("%1: %2").arg(where, parts.join(QStringLiteral(", ")));
}

QString PositionChart::tipAt(const QPointF& at, const QRectF& body) const {
    const int bin = binAt(at, body);
    return bin < 0 ? QString() : describe(m_bins[asSize(bin)]);
}

QString PositionChart::csv() const {
    QString text = QStringLiteral("layer,first_position,last_position,tokens,entropy,largest_gate,expert,share\n");
    for (const Bin& bin : m_bins) {
        text += QStringLiteral("%1,%2,%3,%4,%5,%6,%7,%8\n")
                    .arg(layerNumber(m_model->layer()))
                    .arg(bin.begin)
                    .arg(bin.end - 1)
                    .arg(bin.tokens)
                    .arg(m_gates ? QString::number(bin.entropy, 'g', 9) : QString(),
                         m_gates ? QString::number(bin.top_gate, 'g', 9) : QString(),
                         m_expert >= 0 ? QString::number(m_expert) : QString(),
                         m_expert >= 0 ? QString::number(bin.of_expert, 'g', 9) : QString());
    }
    return text;
}

}  // namespace moescope
