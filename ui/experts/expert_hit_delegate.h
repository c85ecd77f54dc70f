#pragma once
// Paints a row of ExpertHitsModel: the text with the token in amber, its gate and rank at the right, and the
// conversation's title above its first row.

#include <QStyledItemDelegate>

#include "ui/theme.h"

namespace moescope {

class ExpertHitDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void setTheme(const Theme& theme) { m_theme = theme; }
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    Theme m_theme;
};

}  // namespace moescope
