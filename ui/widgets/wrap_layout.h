#pragma once
// Items in rows from left to right, as many in each as its width has room for. An item that is aligned to the right
// stands at the right end of its row.

#include <QLayout>
#include <memory>
#include <vector>

namespace moescope {

class WrapLayout : public QLayout {
public:
    /// Distances between items of a row, and between rows.
    WrapLayout(QWidget* parent, int across, int down);
    ~WrapLayout() override;

    void addItem(QLayoutItem* item) override;
    int count() const override { return static_cast<int>(m_items.size()); }
    QLayoutItem* itemAt(int index) const override;
    QLayoutItem* takeAt(int index) override;
    Qt::Orientations expandingDirections() const override { return {}; }
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    /// All in one row.
    QSize sizeHint() const override;
    /// As narrow as the widest item.
    QSize minimumSize() const override;
    void setGeometry(const QRect& rect) override;

private:
    /// The height that is needed within a rectangle; `place`: puts the items there.
    int arrange(const QRect& rect, bool place) const;

    int m_across, m_down;
    std::vector<std::unique_ptr<QLayoutItem>> m_items;
};

}  // namespace moescope
