#include <algorithm>

#include "ui/inspector/charts/compare_charts.h"
#include "ui/inspector/plot.h"

namespace moescope {
namespace {

constexpr double kRowHeight = 18;

QString bits(double divergence) {
    return QString::number(divergence, 'f', 3);
}

}  // namespace

QString DivergenceChart::caption() const {
    return m_comparison->possible() ? tr("Jensen–Shannon, 0 to 1 bit") : QString();
}

void DivergenceChart::refresh() {
    m_divergence.clear();
    for (int l = 0; l < layers(); ++l) m_divergence.push_back(m_comparison->divergenceOf(l));
}

double DivergenceChart::height(double) const {
    return static_cast<double>(m_divergence.size()) * theme().px(kRowHeight);
}

void DivergenceChart::paint(QPainter& p, const QRectF& body) const {
    const Theme& t = theme();
    const double row_height = t.px(kRowHeight), left = body.left() + t.px(34), numbers = t.px(56),
                 width = std::max(1.0, body.right() - left - numbers);
    const Spot shown = marked();
    const QFont digits = t.mono(Theme::kTiny);
    for (int l = 0; l < static_cast<int>(m_divergence.size()); ++l) {
        const QRectF row(body.left(), body.top() + l * row_height, body.width(), row_height);
        const bool chosen = l == shown.layer;
        if (chosen) {
            p.setPen(Qt::NoPen);
            p.setBrush(t.hover);
            p.drawRoundedRect(row.adjusted(-t.space(1), 0, t.space(1), 0), t.px(Theme::kRadiusSmall),
                              t.px(Theme::kRadiusSmall));
        }
        drawText(p, row, Qt::AlignLeft | Qt::AlignVCenter, QString::number(numberOf(l)), digits,
                 chosen ? t.text : t.dim);
        const double value = m_divergence[static_cast<std::size_t>(l)];
        drawBar(p, QRectF(left, row.center().y() - t.px(2), width, t.px(4)), t.line);
        drawBar(p, QRectF(left, row.center().y() - t.px(2), width * value, t.px(4)), t.blue);
        drawText(p, row, Qt::AlignRight | Qt::AlignVCenter, bits(value), digits, t.dim);
    }
}

Spot DivergenceChart::spotAt(const QPointF& at, const QRectF& body) const {
    const int rows = static_cast<int>(m_divergence.size());
    const int layer = cellUnder(at.y() - body.top(), rows * theme().px(kRowHeight), rows);
    return layer < 0 ? Spot() : Spot::ofExpert(layer, -1);
}

QString DivergenceChart::describe(int layer) const {
    return tr("layer %1: divergence %2 bits")
        .arg(numberOf(layer))
        .arg(bits(m_divergence[static_cast<std::size_t>(layer)]));
}

QString DivergenceChart::tipAt(const QPointF& at, const QRectF& body) const {
    const Spot spot = spotAt(at, body);
    return spot.layer >= 0 ? describe(spot.layer) : QString();
}

QString DivergenceChart::words() const {
    const int layer = marked().layer;
    return m_comparison->possible() && layer >= 0 && layer < static_cast<int>(m_divergence.size()) ? describe(layer)
                                                                                                   : emptyText();
}

QString DivergenceChart::csv() const {
    if (m_divergence.empty()) return {};
    QString text = QStringLiteral("layer,divergence_bits\n");
    for (std::size_t l = 0; l < m_divergence.size(); ++l)
        text += QStringLiteral("%1,%2\n").arg(numberOf(static_cast<int>(l))).arg(m_divergence[l], 0, 'g', 9);
    return text;
}

}  // namespace moescope
