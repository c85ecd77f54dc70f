#include "ui/palette/command_delegate.h"

#include <QFontMetrics>
#include <QPainter>
#include <QTextLayout>
#include <algorithm>

#include "ui/palette/command_model.h"

namespace moescope {

QStringList splitKeys(const QString& keys) {
    QStringList parts;
    QString part;
    for (const QChar c : keys) {
        if (c == QLatin1Char('+') && !part.isEmpty()) {
            parts.append(part);
            part.clear();
        } else {
            part += c;
        }
    }
    if (!part.isEmpty()) parts.append(part.trimmed());
    return parts;
}

CommandDelegate::CommandDelegate(bool show_group, QObject* parent)
    : QStyledItemDelegate(parent), m_show_group(show_group) {}

QSize CommandDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const {
    const bool header = index.data(CommandModel::kHeaderRole).toBool();
    return {m_theme.px(200), header ? m_theme.space(index.row() == 0 ? 7 : 10) : rowHeight()};
}

void CommandDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const int padding = m_theme.px(10);
    QRect row = option.rect;
    if (index.data(CommandModel::kHeaderRole).toBool()) {
        painter->setFont(m_theme.sans(Theme::kSmall));
        painter->setPen(m_theme.faint);
        painter->drawText(row.adjusted(padding, 0, -padding, -m_theme.space(1)), Qt::AlignLeft | Qt::AlignBottom,
                          index.data().toString());
        painter->restore();
        return;
    }
    if (option.state & QStyle::State_Selected) {
        painter->setPen(Qt::NoPen);
        painter->setBrush(m_theme.dark ? m_theme.bubble : m_theme.hover);
        painter->drawRoundedRect(row, m_theme.px(Theme::kRadius), m_theme.px(Theme::kRadius));
        painter->setBrush(m_theme.amber);
        const QRectF mark(row.left(), row.top() + row.height() * 0.25, m_theme.px(3), row.height() * 0.5);
        painter->drawRoundedRect(mark, m_theme.px(1.5), m_theme.px(1.5));
    }
    row.adjust(padding, 0, -padding, 0);
    const bool enabled = index.data(CommandModel::kEnabledRole).toBool();
    row.setRight(paintKeys(*painter, row, index.data(CommandModel::kKeysRole).toString(), enabled));
    paintText(*painter, row, index, enabled);
    painter->restore();
}

int CommandDelegate::paintKeys(QPainter& painter, const QRect& row, const QString& keys, bool enabled) const {
    const QFont font = m_theme.mono(Theme::kTiny);
    const QFontMetrics metrics(font);
    const int height = m_theme.px(20), gap = m_theme.space(1);
    painter.setFont(font);
    int right = row.right() + 1;
    const QStringList parts = splitKeys(keys);
    for (auto part = parts.crbegin(); part != parts.crend(); ++part) {
        const int width = std::max(height, metrics.horizontalAdvance(*part) + m_theme.px(11));
        const QRectF cap(right - width + 0.5, row.center().y() - height / 2 + 0.5, width - 1, height - 1);
        painter.setPen(QPen(m_theme.line, 1));
        painter.setBrush(m_theme.background);
        painter.drawRoundedRect(cap, m_theme.px(Theme::kRadiusSmall), m_theme.px(Theme::kRadiusSmall));
        painter.setPen(enabled ? m_theme.dim : m_theme.faint);
        painter.drawText(cap, Qt::AlignCenter, *part);
        right -= width + gap;
    }
    return right - m_theme.space(2);
}

void CommandDelegate::paintText(QPainter& painter, const QRect& area, const QModelIndex& index, bool enabled) const {
    const QFont font = m_theme.sans(Theme::kBody);
    const QFontMetrics metrics(font);
    const QString whole = index.data().toString();
    const QString text = metrics.elidedText(whole, Qt::ElideRight, area.width());
    QTextLayout layout(text, font);
    QList<QTextLayout::FormatRange> ranges;
    for (const int hit : index.data(CommandModel::kHitsRole).value<QList<int>>()) {
        if (hit >= text.size() || text[hit] != whole[hit]) continue;
        QTextCharFormat format;
        format.setForeground(m_theme.amber_text);
        if (!ranges.isEmpty() && ranges.constLast().start + ranges.constLast().length == hit) {
            ++ranges.last().length;  // neighbors as one: Qt paints only the first of two that touch
        } else {
            ranges.append({hit, 1, format});
        }
    }
    layout.beginLayout();
    QTextLine line = layout.createLine();
    line.setLineWidth(area.width() + 1);
    layout.endLayout();
    painter.setPen(enabled ? m_theme.text : m_theme.faint);
    layout.draw(&painter, QPointF(area.left(), area.top() + (area.height() - line.height()) / 2), ranges);

    QString behind = m_show_group ? index.data(CommandModel::kGroupRole).toString() : QString();
    if (index.data(CommandModel::kCheckedRole).toBool()) {
        behind = behind.isEmpty() ? CommandModel::tr("on") : CommandModel::tr("%1, on").arg(behind);
    }
    const QRect rest = area.adjusted(static_cast<int>(line.naturalTextWidth()) + m_theme.space(3), 0, 0, 0);
    if (behind.isEmpty() || rest.width() < m_theme.space(8)) return;
    painter.setFont(m_theme.sans(Theme::kSmall));
    painter.setPen(m_theme.faint);
    painter.drawText(rest, Qt::AlignLeft | Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(behind, Qt::ElideRight, rest.width()));
}

}  // namespace moescope
