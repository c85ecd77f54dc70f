#pragma once
// Paints the rows of the sidebar.

#include <QStyledItemDelegate>
#include <functional>

namespace moescope {

class ThemeStore;

class RowDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    RowDelegate(ThemeStore* themes, std::function<qint64()> current, QObject* parent);

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QWidget* createEditor(QWidget* parent, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    void setModelData(QWidget* editor, QAbstractItemModel* model, const QModelIndex& index) const override;
    void updateEditorGeometry(QWidget* editor, const QStyleOptionViewItem& option,
                              const QModelIndex& index) const override;

    /// Where a conversation's row, under the pointer, shows the sign of its menu.
    QRect menuRect(const QRect& row) const;
    /// The row that takes what is dragged; -1 for none.
    void setDropRow(int row) { m_drop_row = row; }

signals:
    void renamed(qint64 id, const QString& title) const;

private:
    ThemeStore* m_themes;
    std::function<qint64()> m_current;
    int m_drop_row = -1;
};

}  // namespace moescope
