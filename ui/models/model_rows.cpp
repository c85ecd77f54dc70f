#include "ui/models/model_rows.h"

#include <QPainter>

#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

constexpr int kKeyRole = Qt::UserRole, kDetailsRole = Qt::UserRole + 1, kUsableRole = Qt::UserRole + 2;

}  // namespace

QSize ModelRowDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const {
    return {option.rect.width(), m_theme.px(46)};
}

void ModelRowDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    QPainter& p = *painter;
    p.save();
    p.setRenderHint(QPainter::Antialiasing);
    const QRectF row(option.rect);
    if (option.state & (QStyle::State_Selected | QStyle::State_MouseOver)) {
        const QRectF ground = row.adjusted(1, 1, -1, -1);
        const bool focus = option.state & QStyle::State_Selected && option.state & QStyle::State_HasFocus;
        p.setPen(focus ? QPen(m_theme.focus) : QPen(Qt::NoPen));
        p.setBrush(m_theme.hover);
        p.drawRoundedRect(ground, m_theme.px(Theme::kRadius), m_theme.px(Theme::kRadius));
    }
    const QRectF text = row.adjusted(m_theme.space(3), m_theme.px(4), -m_theme.space(3), -m_theme.px(4));
    const auto line = [&](const QString& words, const QFont& font, const QColor& colour, const QRectF& box) {
        p.setFont(font);
        p.setPen(colour);
        p.drawText(box, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                   QFontMetricsF(font).elidedText(words, Qt::ElideRight, box.width()));
    };
    const bool usable = index.data(kUsableRole).toBool();
    const double half = text.height() / 2;
    line(index.data(Qt::DisplayRole).toString(), m_theme.sans(Theme::kBody, QFont::DemiBold),
         usable ? m_theme.text : m_theme.dim, {text.left(), text.top(), text.width(), half});
    line(index.data(kDetailsRole).toString(), m_theme.sans(Theme::kSmall), usable ? m_theme.dim : m_theme.faint,
         {text.left(), text.top() + half, text.width(), half});
    p.restore();
}

ModelRows::ModelRows(QWidget* parent) : QListWidget(parent), m_delegate(new ModelRowDelegate(this)) {
    setItemDelegate(m_delegate);
    setProperty("framed", true);
    setMouseTracking(true);
    setUniformItemSizes(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
}

void ModelRows::setRows(const QList<ModelRow>& rows) {
    const QString before = key();
    clear();
    for (const ModelRow& row : rows) {
        auto* item = new QListWidgetItem(oneLine(row.title), this);
        item->setData(kKeyRole, row.key);
        item->setData(kDetailsRole, oneLine(row.details, kShownSentence));
        item->setData(kUsableRole, row.usable);
        item->setData(Qt::AccessibleTextRole, oneLine(row.title + QStringLiteral(". ") + row.details, kShownSentence));
        if (!row.tip.isEmpty()) item->setToolTip(plainToolTip(row.tip));
    }
    setCurrentRow(rows.isEmpty() ? -1 : 0);
    choose(before);
}

QString ModelRows::key() const {
    return currentItem() ? currentItem()->data(kKeyRole).toString() : QString();
}

bool ModelRows::usable() const {
    return currentItem() && currentItem()->data(kUsableRole).toBool();
}

void ModelRows::choose(const QString& key) {
    for (int i = 0; i < count(); ++i) {
        if (!key.isEmpty() && item(i)->data(kKeyRole).toString() == key) return setCurrentRow(i);
    }
}

void ModelRows::setTheme(const Theme& theme) {
    m_delegate->setTheme(theme);
    doItemsLayout();
}

}  // namespace moescope
