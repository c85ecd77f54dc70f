#include <algorithm>
#include <cmath>

#include "ui/inspector/charts/compare_charts.h"
#include "ui/inspector/plot.h"

namespace moescope {

QString DifferenceChart::caption() const {
    return m_comparison->possible() ? tr("share of tokens that chose the expert") : QString();
}

void DifferenceChart::refresh() {
    m_a.clear();
    m_b.clear();
    m_most = 0;
    for (int l = 0; l < layers(); ++l) {
        const RoutingView a = m_comparison->a()->log(), b = m_comparison->b()->log();
        m_a.push_back(domainSpecialisation(a, l, allTokens(a)));
        m_b.push_back(domainSpecialisation(b, l, allTokens(b)));
        for (int e = 0; e < static_cast<int>(m_a.back().size()); ++e)
            m_most = std::max(m_most, std::abs(differenceAt(l, e)));
    }
}

double DifferenceChart::differenceAt(int layer, int expert) const {
    const auto l = static_cast<std::size_t>(layer), e = static_cast<std::size_t>(expert);
    return m_b[l][e] - m_a[l][e];
}

double DifferenceChart::height(double width) const {
    const Theme& t = theme();
    if (m_a.empty()) return t.px(24);
    const double cell = std::clamp((width - t.space(6)) / static_cast<double>(m_a[0].size()) * 1.4,
                                   static_cast<double>(t.px(6)), static_cast<double>(t.px(20)));
    return static_cast<double>(m_a.size()) * cell + t.space(12);
}

QRectF DifferenceChart::grid(const QRectF& body) const {
    const Theme& t = theme();
    return {body.left() + t.space(6), body.top(), std::max(1.0, body.width() - t.space(6)),
            std::max(1.0, body.height() - t.space(12))};
}

void DifferenceChart::paint(QPainter& p, const QRectF& body) const {
    const Theme& t = theme();
    if (m_a.empty()) return;
    const QRectF area = grid(body);
    const int rows = static_cast<int>(m_a.size()), columns = static_cast<int>(m_a[0].size());
    const double most = m_most > 0 ? m_most : 1;
    fillCells(p, area, columns, rows, [&](int e, int l) { return differenceColour(differenceAt(l, e) / most, t); });
    if (m_model->whole()) drawGroups(p, t, area, m_model->whole()->shape(), Qt::Horizontal);
    const QFont digits = t.mono(Theme::kTiny - 1);
    const Spot shown = marked();
    const double row = area.height() / rows, column = area.width() / columns;
    for (int l = 0, step = labelStep(row, t.px(13)); l < rows; l += step) {
        drawText(p, QRectF(body.left() - t.space(2), area.top() + (l + 0.5) * row - t.px(8), t.space(7), t.px(16)),
                 Qt::AlignRight | Qt::AlignVCenter, QString::number(numberOf(l)), digits,
                 l == shown.layer ? t.text : t.faint);
    }
    for (int e = 0, step = labelStep(column, t.px(28)); e < columns; e += step) {
        drawText(p, QRectF(area.left() + (e + 0.5) * column - t.px(20), area.bottom() + t.px(3), t.px(40), t.px(14)),
                 Qt::AlignHCenter, QString::number(e), digits, t.faint);
    }
    if (shown.layer >= 0 && shown.layer < rows && shown.expert >= 0 && shown.expert < columns)
        frameCell(p, gridCell(area, columns, rows, shown.expert, shown.layer), t.text);
    const QRectF strip(area.left(), area.bottom() + t.space(6), std::min(t.px(160) * 1.0, area.width() / 2), t.px(6));
    drawLegend(p, t, strip, [&](double at) { return differenceColour(2 * at - 1, t); },
               {{0, QStringLiteral("−%1").arg(percent(most))},
                {0.5, QStringLiteral("0")},
                {1, QStringLiteral("+%1").arg(percent(most))}});
    const QFontMetricsF metrics(t.sans(Theme::kTiny));
    const double left = strip.right() + t.space(12), room = std::max(0.0, body.right() - left);
    drawText(p, QRectF(left, strip.top() - t.px(6), room, t.px(18)), Qt::AlignLeft | Qt::AlignVCenter,
             metrics.elidedText(tr("amber: more in “%1”").arg(m_comparison->b()->name()), Qt::ElideRight, room),
             t.sans(Theme::kTiny), t.faint);
}

Spot DifferenceChart::spotAt(const QPointF& at, const QRectF& body) const {
    if (m_a.empty()) return {};
    const QRectF area = grid(body);
    const int layer = cellUnder(at.y() - area.top(), area.height(), static_cast<int>(m_a.size())),
              expert = cellUnder(at.x() - area.left(), area.width(), static_cast<int>(m_a[0].size()));
    return layer < 0 || expert < 0 ? Spot() : Spot::ofExpert(layer, expert);
}

QString DifferenceChart::describe(int layer, int expert) const {
    const auto l = static_cast<std::size_t>(layer), e = static_cast<std::size_t>(expert);
    return tr("layer %1, expert %2: chosen by %3 of the tokens of “%4”, %5 of “%6”")
        .arg(numberOf(layer))
        .arg(expert)
        .arg(percent(m_a[l][e]), m_comparison->a()->name(), percent(m_b[l][e]), m_comparison->b()->name());
}

QString DifferenceChart::tipAt(const QPointF& at, const QRectF& body) const {
    const Spot spot = spotAt(at, body);
    return spot.layer < 0 ? QString() : describe(spot.layer, spot.expert);
}

QString DifferenceChart::csv() const {
    if (m_a.empty()) return {};
    QString text = QStringLiteral("layer,expert,share_a,share_b,difference\n");
    for (std::size_t l = 0; l < m_a.size(); ++l) {
        for (std::size_t e = 0; e < m_a[l].size(); ++e) {
            text += QStringLiteral("%1,%2,%3,%4,%5\n")
                        .arg(numberOf(static_cast<int>(l)))
                        .arg(e)
                        .arg(m_a[l][e], 0, 'g', 9)
                        .arg(m_b[l][e], 0, 'g', 9)
                        .arg(m_b[l][e] - m_a[l][e], 0, 'g', 9);
        }
    }
    return text;
}

}  // namespace moescope
