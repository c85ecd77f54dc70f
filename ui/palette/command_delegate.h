#pragma once
// Paints a row of a CommandModel: the text with the found letters in amber, its group, its keys as key caps; or a
// header.

#include <QStyledItemDelegate>

#include "ui/theme.h"

namespace moescope {

class CommandDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    /// `show_group`: behind each text; for rows that have no headers.
    CommandDelegate(bool show_group, QObject* parent = nullptr);

    void setTheme(const Theme& theme) { m_theme = theme; }
    int rowHeight() const { return m_theme.space(8.5); }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    int paintKeys(QPainter& painter, const QRect& row, const QString& keys, bool enabled) const;
    void paintText(QPainter& painter, const QRect& area, const QModelIndex& index, bool enabled) const;

    bool m_show_group;
    Theme m_theme;
};

/// "Ctrl+Shift++" is "Ctrl", "Shift", "+".
QStringList splitKeys(const QString& keys);

}  // namespace moescope
