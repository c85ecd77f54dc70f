#include "ui/sidebar/row_delegate.h"

#include <QLineEdit>
#include <QPainter>

#include "ui/sidebar/conversation_list_model.h"
#include "ui/theme.h"

namespace moescope {
namespace {

bool isHeading(const QModelIndex& index) {
    return index.data(ConversationListModel::kIdRole).toLongLong() == 0;
}

/// One line with the hits in amber, beginning where the first hit can be seen.
void drawSnippet(QPainter& p, const Theme& t, const QRectF& area, const QString& text,
                 const QList<QPair<int, int>>& ranges) {
    const QFontMetricsF metrics(p.font());
    qsizetype begin = 0;
    if (!ranges.isEmpty()) {
        const double room = area.width() * 0.6;
        while (begin < ranges[0].first && metrics.horizontalAdvance(text.mid(begin, ranges[0].second - begin)) > room) {
            ++begin;
        }
        // Not in the middle of a word.
        const auto blank = begin > 0 ? text.indexOf(QLatin1Char(' '), begin) : -1;
        if (blank >= 0 && blank < ranges[0].first) begin = blank + 1;
    }
    double x = area.left();
    const auto draw = [&](qsizetype from, qsizetype to, const QColor& colour) {
        from = std::max(from, begin);
        if (to <= from || x >= area.right()) return;
        QString part = text.mid(from, to - from);
        if (x + metrics.horizontalAdvance(part) > area.right()) {
            part = metrics.elidedText(part, Qt::ElideRight, area.right() - x);
        }
        p.setPen(colour);
        p.drawText(QRectF(x, area.top(), area.right() - x, area.height()), Qt::AlignVCenter | Qt::AlignLeft, part);
        x += metrics.horizontalAdvance(part);
    };
    qsizetype at = 0;
    for (const auto& [from, to] : ranges) {
        draw(at, from, t.dim);
        draw(from, to, t.amber_text);
        at = to;
    }
    draw(at, text.size(), t.dim);
}

}  // namespace

RowDelegate::RowDelegate(ThemeStore* themes, std::function<qint64()> current, QObject* parent)
    : QStyledItemDelegate(parent), m_themes(themes), m_current(std::move(current)) {}

QSize RowDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const {
    const Theme& t = m_themes->theme();
    if (isHeading(index)) return {100, t.px(index.row() == 0 ? 26 : 36)};
    return {100, t.px(42)};
}

void RowDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const Theme& t = m_themes->theme();
    QPainter& p = *painter;
    p.save();
    p.setRenderHint(QPainter::Antialiasing);
    const QRectF row(option.rect);
    const double left = row.left() + t.px(20), right = row.right() - t.px(16);
    if (isHeading(index)) {
        p.setFont(t.sans(Theme::kTiny));
        p.setPen(t.faint);
        p.drawText(
            QRectF(left, row.bottom() - t.px(24), right - left, t.px(20)), Qt::AlignVCenter | Qt::AlignLeft,
            QFontMetrics(p.font()).elidedText(index.data().toString(), Qt::ElideRight, static_cast<int>(right - left)));
        p.restore();
        return;
    }
    const bool hit = index.data(ConversationListModel::kRangesRole).isValid();
    const bool current = !hit && index.data(ConversationListModel::kIdRole).toLongLong() == m_current();
    const bool selected = option.state & QStyle::State_Selected;
    const QRectF box = row.adjusted(t.px(10), t.px(1), -t.px(10), -t.px(1));
    if (current || selected || (option.state & QStyle::State_MouseOver)) {
        p.setPen(Qt::NoPen);
        QColor fill = t.hover;
        if (!current && !selected) fill.setAlphaF(0.55f);
        p.setBrush(fill);
        p.drawRoundedRect(box, t.px(Theme::kRadius), t.px(Theme::kRadius));
    }
    if ((option.state & QStyle::State_HasFocus) && selected) {
        p.setPen(t.focus);
        p.setBrush(Qt::NoBrush);
        p.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), t.px(Theme::kRadius), t.px(Theme::kRadius));
    }
    const QString detail = index.data(ConversationListModel::kDetailRole).toString();
    p.setFont(t.sans(Theme::kBody));
    p.setPen(t.text);
    const double width = right - left;
    p.drawText(QRectF(left, row.top() + t.px(5), width, t.px(18)), Qt::AlignVCenter | Qt::AlignLeft,
               QFontMetrics(p.font()).elidedText(index.data().toString().simplified(), Qt::ElideRight,
                                                 static_cast<int>(width)));
    p.setFont(t.sans(Theme::kTiny));
    const QRectF second(left, row.top() + t.px(22), width, t.px(15));
    const auto ranges = index.data(ConversationListModel::kRangesRole).value<QList<QPair<int, int>>>();
    if (ranges.isEmpty()) {
        p.setPen(t.faint);
        p.drawText(second, Qt::AlignVCenter | Qt::AlignLeft,
                   QFontMetrics(p.font()).elidedText(detail, Qt::ElideRight, static_cast<int>(width)));
    } else {
        drawSnippet(p, t, second, detail, ranges);
    }
    p.restore();
}

QWidget* RowDelegate::createEditor(QWidget* parent, const QStyleOptionViewItem&, const QModelIndex&) const {
    auto* editor = new QLineEdit(parent);
    editor->setFont(m_themes->theme().sans(Theme::kBody));
    editor->setAccessibleName(tr("New title"));
    return editor;
}

void RowDelegate::setModelData(QWidget* editor, QAbstractItemModel*, const QModelIndex& index) const {
    const QString title = static_cast<QLineEdit*>(editor)->text().simplified();
    if (title.isEmpty() || title == index.data().toString()) return;
    emit renamed(index.data(ConversationListModel::kIdRole).toLongLong(), title);
}

void RowDelegate::updateEditorGeometry(QWidget* editor, const QStyleOptionViewItem& option, const QModelIndex&) const {
    const Theme& t = m_themes->theme();
    editor->setGeometry(option.rect.adjusted(t.px(14), t.px(4), -t.px(14), -t.px(4)));
}

}  // namespace moescope
