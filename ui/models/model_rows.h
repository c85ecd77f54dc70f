#pragma once
// A list of models: a name, and below it what there is to know.

#include <QListWidget>
#include <QStyledItemDelegate>

#include "ui/theme.h"
#include "ui/widgets/controls.h"

namespace moescope {

struct ModelRow {
    QString key;      ///< tells it from the others; not shown
    QString title;    ///< may hold what others wrote, as may the next
    QString details;  ///< one line
    QString tip;      ///< where it is, for instance
    bool usable = true;
};

class ModelRowDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void setTheme(const Theme& theme) { m_theme = theme; }
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    Theme m_theme;
};

/// Enter, a click or a double click choose as in every list; `activated` and `currentItemChanged` tell.
class ModelRows : public QListWidget, public Themed {
    Q_OBJECT

public:
    explicit ModelRows(QWidget* parent = nullptr);
    /// The row of the same key stays the current one; else the first is.
    void setRows(const QList<ModelRow>& rows);
    /// Of the current row; "" if there is none.
    QString key() const;
    void choose(const QString& key);
    bool usable() const;  ///< of the current row
    void setTheme(const Theme& theme) override;

private:
    ModelRowDelegate* m_delegate;
};

}  // namespace moescope
