#include <algorithm>

#include "ui/heatmap/colour_map.h"
#include "ui/inspector/charts/compare_charts.h"
#include "ui/inspector/plot.h"

namespace moescope {

QString AgreementChart::caption() const {
    return m_comparison->possible() ? tr("router saturation; chance %1").arg(percent(m_comparison->chance()))
                                    : QString();
}

void AgreementChart::refresh() {
    m_same.clear();
    m_after.clear();
    const int same = m_comparison->samePairs(), after = m_comparison->pairs() - same;
    for (int l = 0; l < layers(); ++l) {
        m_same.push_back(same > 0 ? m_comparison->agreementOf(l, 0, same) : 0);
        m_after.push_back(after > 0 ? m_comparison->agreementOf(l, same, after) : 0);
    }
}

std::vector<LayerBarsChart::Bar> AgreementChart::bars(int row) const {
    std::vector<Bar> bars;
    if (hasSame()) bars.push_back({m_same[static_cast<std::size_t>(row)], theme().blue});
    if (hasAfter()) bars.push_back({m_after[static_cast<std::size_t>(row)], theme().faint});
    return bars;
}

QString AgreementChart::figures(int row) const {
    QStringList texts;
    if (hasSame()) texts << percent(m_same[static_cast<std::size_t>(row)]);
    if (hasAfter()) texts << percent(m_after[static_cast<std::size_t>(row)]);
    return texts.join(QStringLiteral(" · "));
}

void AgreementChart::paint(QPainter& p, const QRectF& body) const {
    const Theme& t = theme();
    const int same = m_comparison->samePairs(), after = m_comparison->pairs() - same;
    const QRectF area = barsArea(body);
    double x = area.left();
    if (hasSame())
        x = drawKey(p, t, QPointF(x, body.top() + t.px(10)), tr("same text, %Ln token(s)", nullptr, same), t.blue) +
            t.space(4);
    if (hasAfter())
        drawKey(p, t, QPointF(x, body.top() + t.px(10)), tr("after it, %Ln token(s)", nullptr, after), t.faint);
    LayerBarsChart::paint(p, body);
    const double chance = std::round(area.left() + area.width() * m_comparison->chance()) + 0.5;
    p.setPen(QPen(t.dim, 1, Qt::DashLine));
    p.drawLine(QPointF(chance, area.top()), QPointF(chance, area.bottom()));
}

QString AgreementChart::describe(int row) const {
    const auto l = static_cast<std::size_t>(row);
    QStringList parts;
    if (hasSame()) parts << tr("%1 while the texts are the same").arg(percent(m_same[l]));
    if (hasAfter()) parts << tr("%1 after").arg(percent(m_after[l]));
    return tr("layer %1: shared choices %2").arg(numberOf(row)).arg(parts.join(QStringLiteral(", ")));
}

QString AgreementChart::csv() const {
    if (m_same.empty()) return {};
    QString text = QStringLiteral("layer,agreement_same_text,agreement_after\n");
    for (std::size_t l = 0; l < m_same.size(); ++l)
        text += QStringLiteral("%1,%2,%3\n")
                    .arg(numberOf(static_cast<int>(l)))
                    .arg(m_same[l], 0, 'g', 9)
                    .arg(m_after[l], 0, 'g', 9);
    return text;
}

void TokenAgreementChart::refresh() {
    m_agreement.clear();
    for (int i = 0; i < m_comparison->pairs(); ++i) {
        for (int l = 0; l < layers(); ++l)
            m_agreement.push_back(static_cast<float>(m_comparison->agreementOfPair(i, l)));
    }
}

double TokenAgreementChart::height(double) const {
    return std::clamp(layers() * theme().px(10), theme().px(40), theme().px(200)) + theme().space(12);
}

QRectF TokenAgreementChart::grid(const QRectF& body) const {
    const Theme& t = theme();
    return {body.left() + t.space(6), body.top(), std::max(1.0, body.width() - t.space(6)),
            std::max(1.0, body.height() - t.space(12))};
}

TokenAxis TokenAgreementChart::axis(const QRectF& body) const {
    const QRectF all = grid(body);
    return {all.left(), all.width(), layers() > 0 ? static_cast<int>(m_agreement.size()) / layers() : 0, 12};
}

void TokenAgreementChart::paint(QPainter& p, const QRectF& body) const {
    const Theme& t = theme();
    const TokenAxis pairs = axis(body);
    QRectF area = grid(body);
    area.setRight(pairs.right());
    const int rows = layers();
    fillCells(p, area, pairs.bins(), rows, [&](int bin, int layer) {
        float least = 1;  // of several tokens on a pixel the one that differs most
        const int end = bin + 1 < pairs.bins() ? pairs.binBegin(bin + 1) : pairs.tokens();
        for (int i = pairs.binBegin(bin); i < end; ++i)
            least = std::min(least, m_agreement[static_cast<std::size_t>(i) * static_cast<std::size_t>(rows) +
                                                static_cast<std::size_t>(layer)]);
        return cividis(static_cast<double>(least));
    });
    const QFont digits = t.mono(Theme::kTiny - 1);
    const double row = area.height() / std::max(1, rows);
    const Spot shown = marked();
    for (int l = 0, step = labelStep(row, t.px(13)); l < rows; l += step) {
        drawText(p, QRectF(body.left() - t.space(2), area.top() + (l + 0.5) * row - t.px(8), t.space(7), t.px(16)),
                 Qt::AlignRight | Qt::AlignVCenter, QString::number(numberOf(l)), digits,
                 l == shown.layer ? t.text : t.faint);
    }
    if (m_comparison->samePairs() > 0 && m_comparison->samePairs() < m_comparison->pairs()) {
        const double x = pairs.xOf(m_comparison->samePairs());
        p.setPen(QPen(t.danger, 1.5));
        p.drawLine(QPointF(x, area.top() - 3), QPointF(x, area.bottom() + 3));
    }
    if (shown.hasTokens() && shown.source == m_comparison->a()->id()) {
        const int first = shown.first - m_comparison->beginA(), last = shown.last - m_comparison->beginA();
        if (first >= 0 && last < pairs.tokens()) {
            p.setBrush(Qt::NoBrush);
            p.setPen(QPen(t.amber, 1.5));
            p.drawRect(QRectF(pairs.xOf(first), area.top(), pairs.xOf(last + 1) - pairs.xOf(first), area.height()));
        }
    }
    pairs.paintNumbers(p, t, area.bottom() + t.px(3));
    const QRectF strip(area.left(), area.bottom() + t.space(6), std::min(t.px(160) * 1.0, grid(body).width() / 2),
                       t.px(6));
    drawLegend(p, t, strip, [](double share) { return cividis(share); },
               {{0, QStringLiteral("0")}, {m_comparison->chance(), tr("chance")}, {1, tr("identical")}});
    if (m_comparison->samePairs() > 0 && m_comparison->samePairs() < m_comparison->pairs()) {
        const double left = strip.right() + t.space(9);
        drawElided(p, QRectF(left, strip.top() - t.px(6), body.right() - left, t.px(18)),
                   Qt::AlignLeft | Qt::AlignVCenter, tr("red line: the texts diverge"), t.sans(Theme::kTiny), t.faint);
    }
}

Spot TokenAgreementChart::spotAt(const QPointF& at, const QRectF& body) const {
    if (!m_comparison->possible()) return {};
    const QRectF area = grid(body);
    const int pair = axis(body).tokenAt(at.x()), layer = cellUnder(at.y() - area.top(), area.height(), layers());
    if (pair < 0 || layer < 0) return {};
    const int token = m_comparison->beginA() + pair;
    return {m_comparison->a()->id(), token, token, layer, -1};
}

QString TokenAgreementChart::tipAt(const QPointF& at, const QRectF& body) const {
    const Spot spot = spotAt(at, body);
    if (!spot.hasTokens()) return {};
    const int pair = spot.first - m_comparison->beginA();
    return tr("%1 against %2, layer %3: %4 of the experts are the same")
        .arg(m_comparison->a()->quoted(spot.first), m_comparison->b()->quoted(m_comparison->beginB() + pair),
             QString::number(numberOf(spot.layer)), percent(m_comparison->agreementOfPair(pair, spot.layer)));
}

QString TokenAgreementChart::csv() const {
    if (m_agreement.empty()) return {};
    QString text = QStringLiteral("pair,layer,agreement\n");
    const auto rows = static_cast<std::size_t>(layers());
    for (std::size_t i = 0; i < m_agreement.size(); ++i)
        text += QStringLiteral("%1,%2,%3\n")
                    .arg(i / rows)
                    .arg(numberOf(static_cast<int>(i % rows)))
                    .arg(static_cast<double>(m_agreement[i]), 0, 'g', 7);
    return text;
}

}  // namespace moescope
