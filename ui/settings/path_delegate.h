#pragma once
// Paints a file in a list: its name, and its folder dimly behind it. The folder is the AccessibleDescriptionRole.

#include <QStyledItemDelegate>

#include "ui/theme.h"

namespace moescope {

class PathDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void setTheme(const Theme& theme) { m_theme = theme; }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    Theme m_theme;
};

}  // namespace moescope
