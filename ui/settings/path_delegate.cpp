#include "ui/settings/path_delegate.h"

#include <QPainter>

namespace moescope {

QSize PathDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const {
    return {m_theme.px(200), m_theme.space(8.5)};
}

void PathDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    if (option.state & (QStyle::State_Selected | QStyle::State_MouseOver)) {
        painter->setPen(Qt::NoPen);
        painter->setBrush(m_theme.hover);
        painter->drawRoundedRect(option.rect, m_theme.px(6), m_theme.px(6));
    }
    QRect area = option.rect.adjusted(m_theme.px(9), 0, -m_theme.px(9), 0);
    painter->setFont(m_theme.sans(Theme::kBody));
    painter->setPen(m_theme.text);
    const QString name = painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideMiddle, area.width());
    painter->drawText(area, Qt::AlignLeft | Qt::AlignVCenter, name);
    area.setLeft(area.left() + painter->fontMetrics().horizontalAdvance(name) + m_theme.space(3));
    painter->setFont(m_theme.sans(Theme::kSmall));
    painter->setPen(m_theme.faint);
    if (area.width() > m_theme.space(8)) {
        const QString folder = index.data(Qt::AccessibleDescriptionRole).toString();
        painter->drawText(area, Qt::AlignRight | Qt::AlignVCenter,
                          painter->fontMetrics().elidedText(folder, Qt::ElideMiddle, area.width()));
    }
    painter->restore();
}

}  // namespace moescope
