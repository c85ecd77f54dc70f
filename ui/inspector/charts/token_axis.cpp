#include "ui/inspector/charts/token_axis.h"

#include <algorithm>
#include <cmath>

#include "ui/inspector/plot.h"

namespace moescope {

TokenAxis::TokenAxis(double left, double width, int tokens, double widest)
    : m_left(left),
      m_column(tokens > 0 ? std::min(std::max(width, 1.0) / tokens, widest) : widest),
      m_tokens(tokens),
      m_bins(std::min(tokens, std::max(1, static_cast<int>(width)))) {}

int TokenAxis::tokenAt(double x) const {
    return cellUnder(x - m_left, m_column * m_tokens, m_tokens);
}

int TokenAxis::binBegin(int bin) const {
    return static_cast<int>(static_cast<long long>(bin) * m_tokens / std::max(1, m_bins));
}

int TokenAxis::binOf(int token) const {
    int bin = static_cast<int>(static_cast<long long>(token) * m_bins / std::max(1, m_tokens));
    while (bin + 1 < m_bins && binBegin(bin + 1) <= token) ++bin;
    while (bin > 0 && binBegin(bin) > token) --bin;
    return bin;
}

void TokenAxis::paintNumbers(QPainter& p, const Theme& theme, double top, const RoutingSource* words) const {
    if (m_tokens == 0) return;
    const QFont font = theme.mono(Theme::kTiny - 1), name_font = theme.sans(Theme::kTiny);
    if (words && m_column >= theme.px(34)) {
        for (int t = 0; t < m_tokens; ++t) {
            const QString text = words->text(t).trimmed();
            drawElided(p, QRectF(xOf(t) + 1, top, m_column - 2, theme.px(14)), Qt::AlignHCenter,
                       text.isEmpty() ? QStringLiteral("␣") : text, font, theme.faint);
        }
        return;
    }
    const int step = std::max(
        1, static_cast<int>(niceStep(m_tokens, std::max(1, static_cast<int>(m_column * m_tokens / theme.px(56))))));
    double room = right();
    if (const QString name = tr("token →"); m_column * m_tokens > theme.px(160)) {
        const double width = QFontMetricsF(name_font).horizontalAdvance(name) + 1;
        drawText(p, QRectF(room - width, top, width, theme.px(14)), Qt::AlignLeft, name, name_font, theme.faint);
        room -= width + theme.px(4);
    } else {
        room = right() + theme.px(40);
    }
    for (int t = 0; t < m_tokens; t += step) {
        const QString text = QString::number(t + 1);
        const double width = QFontMetricsF(font).horizontalAdvance(text) + 2;
        const double left = std::max(m_left, middleOf(t) - width / 2);
        if (left + width > room) break;
        drawText(p, QRectF(left, top, width, theme.px(14)), Qt::AlignLeft, text, font, theme.faint);
        if (t == 0 && step > 1) t = -1;  // 1, then whole steps
    }
}

void TokenAxis::paintSelection(QPainter& p, const Theme& theme, const TokenMarks& marks, const RoutingSource& source,
                               double top, double bottom) const {
    const auto mark = [&](const Spot& spot, const QColor& colour) {
        if (!spot.hasTokens() || spot.source != source.id() || spot.first >= m_tokens) return;
        const double left = xOf(spot.first), right = xOf(std::min(spot.last + 1, m_tokens));
        QRectF box(left, top, std::max(right - left, 1.0), bottom - top);
        if (spot.last > spot.first) {
            QColor area = colour;
            area.setAlphaF(0.18f);
            p.fillRect(box, area);
        }
        p.setBrush(Qt::NoBrush);
        p.setPen(QPen(colour, 1.5));
        if (box.width() < 4) {
            p.drawLine(QPointF(box.center().x(), top), QPointF(box.center().x(), bottom));
        } else {
            p.drawRect(box);
        }
    };
    mark(marks.chosen, theme.amber);
    if (marks.hovered.hasTokens()) mark(marks.hovered, theme.dark ? QColor(255, 255, 255, 200) : QColor(0, 0, 0, 160));
}

}  // namespace moescope
