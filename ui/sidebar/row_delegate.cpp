#include "ui/sidebar/row_delegate.h"

#include <QLineEdit>
#include <QLocale>
#include <QPainter>

#include "ui/icons.h"
#include "ui/sidebar/conversation_list_model.h"
#include "ui/theme.h"

namespace moescope {
namespace {

using Kind = ConversationListModel::Kind;

Kind kindOf(const QModelIndex& index) {
    return static_cast<Kind>(index.data(ConversationListModel::kKindRole).toInt());
}

/// One line with the hits in amber, beginning where the first hit can be seen.
void drawMarked(QPainter& p, const Theme& t, const QRectF& area, const QString& text,
                const QList<QPair<int, int>>& ranges, const QColor& ink) {
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
        draw(at, from, ink);
        draw(from, to, t.amber_text);
        at = to;
    }
    draw(at, text.size(), ink);
}

}  // namespace

RowDelegate::RowDelegate(ThemeStore* themes, std::function<qint64()> current, QObject* parent)
    : QStyledItemDelegate(parent), m_themes(themes), m_current(std::move(current)) {}

QSize RowDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const {
    const Theme& t = m_themes->theme();
    switch (kindOf(index)) {
        case Kind::kHeading:
            return {100, t.px(index.row() == 0 ? 26 : 36)};
        case Kind::kFolder:
            return {100, t.px(32)};
        case Kind::kHitChat:
            return {100, t.px(30)};
        case Kind::kHit:
            return {100, t.px(24)};
        case Kind::kChat:
            break;
    }
    return {100, t.px(42)};
}

QRect RowDelegate::menuRect(const QRect& row) const {
    const Theme& t = m_themes->theme();
    return {row.right() - t.px(40), row.top(), t.px(30), row.height()};
}

void RowDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const Theme& t = m_themes->theme();
    QPainter& p = *painter;
    p.save();
    p.setRenderHint(QPainter::Antialiasing);
    const QRectF row(option.rect);
    const Kind kind = kindOf(index);
    const bool selected = option.state & QStyle::State_Selected, over = option.state & QStyle::State_MouseOver;
    const bool chat = kind == Kind::kChat;
    const bool current = chat && index.data(ConversationListModel::kIdRole).toLongLong() == m_current();
    const bool inside = (chat && index.data(ConversationListModel::kInFolderRole).toBool()) || kind == Kind::kHit;
    double left = row.left() + t.px(inside ? 32 : 20), right = row.right() - t.px(16);
    const auto line = [&](const QRectF& area, const QString& text) {
        p.drawText(area, Qt::AlignVCenter | Qt::AlignLeft,
                   QFontMetrics(p.font()).elidedText(text, Qt::ElideRight, static_cast<int>(area.width())));
    };
    if (kind == Kind::kHeading) {
        p.setFont(t.sans(Theme::kTiny));
        p.setPen(t.faint);
        line(QRectF(left, row.bottom() - t.px(24), right - left, t.px(20)), index.data().toString());
        p.restore();
        return;
    }
    const QRectF box = row.adjusted(t.px(10), t.px(1), -t.px(10), -t.px(1));
    const double radius = t.px(Theme::kRadius);
    if (selected || over) {
        QColor fill = t.hover;
        if (!selected) fill.setAlphaF(0.55f);
        p.setPen(Qt::NoPen);
        p.setBrush(fill);
        p.drawRoundedRect(box, radius, radius);
    } else if (current) {
        // Another row is being walked to: the open chat keeps a mark, and one row only looks chosen.
        p.fillRect(QRectF(box.left(), box.top() + t.px(10), t.px(2), box.height() - t.px(20)), t.amber);
    }
    if (((option.state & QStyle::State_HasFocus) && selected) || index.row() == m_drop_row) {
        p.setPen(index.row() == m_drop_row ? t.amber : t.focus);
        p.setBrush(Qt::NoBrush);
        p.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);
    }
    if (kind == Kind::kFolder) {
        const bool folded = index.data(ConversationListModel::kFoldedRole).toBool();
        const double side = t.px(15), y = row.center().y();
        lineIcon(QStringLiteral("folder"), t.dim, t.px(15))
            .paint(&p, QRect(static_cast<int>(left), static_cast<int>(y - side / 2), t.px(15), t.px(15)));
        p.setFont(t.sans(Theme::kSmall));
        p.setPen(t.dim);
        const double c = t.px(3.5), x = right - c;
        p.setPen(QPen(t.faint, 1.4 * t.zoom, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        p.drawPolyline(folded ? QPolygonF{{x - c / 2, y - c}, {x + c / 2, y}, {x - c / 2, y + c}}
                              : QPolygonF{{x - c, y - c / 2}, {x, y + c / 2}, {x + c, y - c / 2}});
        p.setPen(t.faint);
        const QString count = QLocale().toString(index.data(ConversationListModel::kCountRole).toInt());
        const double width = QFontMetricsF(p.font()).horizontalAdvance(count);
        p.drawText(QRectF(x - t.px(10) - width, row.top(), width + 1, row.height()), Qt::AlignVCenter, count);
        p.setPen(t.dim);
        left += side + t.px(8);
        line(QRectF(left, row.top(), x - t.px(16) - width - left, row.height()), index.data().toString());
        p.restore();
        return;
    }
    if (chat && over) {
        p.setPen(t.dim);
        p.setFont(t.sans(Theme::kBody, QFont::DemiBold));
        p.drawText(menuRect(option.rect), Qt::AlignCenter, QStringLiteral("···"));
        right = menuRect(option.rect).left();
    }
    const QString text = index.data().toString().simplified();
    const auto ranges = index.data(ConversationListModel::kRangesRole).value<QList<QPair<int, int>>>();
    const double width = right - left;
    if (kind != Kind::kChat) {
        const bool title = kind == Kind::kHitChat;
        p.setFont(t.sans(title ? Theme::kBody : Theme::kTiny, title ? QFont::Medium : QFont::Normal));
        drawMarked(p, t, QRectF(left, row.top(), width, row.height()), index.data().toString(), ranges,
                   title ? t.text : t.dim);
        p.restore();
        return;
    }
    p.setFont(t.sans(Theme::kBody));
    p.setPen(t.text);
    line(QRectF(left, row.top() + t.px(5), width, t.px(18)), text);
    p.setFont(t.sans(Theme::kTiny));
    p.setPen(t.faint);
    line(QRectF(left, row.top() + t.px(22), width, t.px(15)),
         index.data(ConversationListModel::kDetailRole).toString());
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
