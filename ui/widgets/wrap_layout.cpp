#include "ui/widgets/wrap_layout.h"

#include <QWidget>
#include <algorithm>

namespace moescope {

WrapLayout::WrapLayout(QWidget* parent, int across, int down) : QLayout(parent), m_across(across), m_down(down) {}

WrapLayout::~WrapLayout() = default;

void WrapLayout::addItem(QLayoutItem* item) {
    m_items.emplace_back(item);
}

QLayoutItem* WrapLayout::itemAt(int index) const {
    return index >= 0 && index < count() ? m_items[static_cast<std::size_t>(index)].get() : nullptr;
}

QLayoutItem* WrapLayout::takeAt(int index) {
    if (index < 0 || index >= count()) return nullptr;
    QLayoutItem* item = m_items[static_cast<std::size_t>(index)].release();
    m_items.erase(m_items.begin() + index);
    return item;
}

int WrapLayout::heightForWidth(int width) const {
    return arrange(QRect(0, 0, width, 0), false);
}

QSize WrapLayout::sizeHint() const {
    QSize size;
    for (const auto& item : m_items) {
        if (item->isEmpty()) continue;
        const QSize own = item->sizeHint();
        size =
            QSize(size.width() + (size.isEmpty() ? 0 : m_across) + own.width(), std::max(size.height(), own.height()));
    }
    return size.grownBy(contentsMargins());
}

QSize WrapLayout::minimumSize() const {
    QSize size;
    for (const auto& item : m_items) {
        if (!item->isEmpty()) size = size.expandedTo(item->minimumSize());
    }
    return size.grownBy(contentsMargins());
}

void WrapLayout::setGeometry(const QRect& rect) {
    QLayout::setGeometry(rect);
    arrange(rect, true);
}

int WrapLayout::arrange(const QRect& rect, bool place) const {
    const QMargins margins = contentsMargins();
    const QRect room = rect.marginsRemoved(margins);
    std::vector<QLayoutItem*> row;
    int y = room.top(), width = 0, height = 0;
    const auto end_row = [&] {
        int x = room.left();
        for (QLayoutItem* item : row) {
            const QSize size = item->sizeHint().boundedTo(QSize(std::max(0, room.width()), QWIDGETSIZE_MAX));
            const bool right = item->alignment().testFlag(Qt::AlignRight);
            const int left = right ? std::max(x, room.right() + 1 - size.width()) : x;
            if (place) item->setGeometry(QRect(left, y + (height - size.height()) / 2, size.width(), size.height()));
            x = left + size.width() + m_across;
        }
        y += height + m_down;
        row.clear();
        width = height = 0;
    };
    for (const auto& item : m_items) {
        if (item->isEmpty()) continue;
        const QSize size = item->sizeHint();
        if (!row.empty() && width + m_across + size.width() > room.width()) end_row();
        width += (row.empty() ? 0 : m_across) + size.width();
        height = std::max(height, size.height());
        row.push_back(item.get());
    }
    if (!row.empty()) end_row();
    return std::max(0, y - m_down - rect.top()) + margins.bottom();
}

}  // namespace moescope
