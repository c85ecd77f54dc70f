// How a message looks.

#include <QFontMetrics>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "ui/chat/message_layout.h"

namespace moescope {

namespace {

QPainterPath bubblePath(const QRectF& r, double radius, double corner) {
    QPainterPath path;
    path.moveTo(r.left() + radius, r.top());
    path.lineTo(r.right() - radius, r.top());
    path.quadTo(r.topRight(), QPointF(r.right(), r.top() + radius));
    path.lineTo(r.right(), r.bottom() - corner);
    path.quadTo(r.bottomRight(), QPointF(r.right() - corner, r.bottom()));
    path.lineTo(r.left() + radius, r.bottom());
    path.quadTo(r.bottomLeft(), QPointF(r.left(), r.bottom() - radius));
    path.lineTo(r.left(), r.top() + radius);
    path.quadTo(r.topLeft(), QPointF(r.left() + radius, r.top()));
    return path;
}

void drawTaskBox(QPainter* painter, QPointF centre, double size, bool done, const Theme& theme) {
    const QRectF box(centre.x() - size / 2, centre.y() - size / 2, size, size);
    painter->setPen(QPen(done ? theme.blue : theme.faint, 1.2));
    painter->setBrush(done ? QBrush(theme.blue) : QBrush(Qt::NoBrush));
    painter->drawRoundedRect(box, 3, 3);
    if (!done) return;
    painter->setPen(QPen(theme.background, 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter->drawPolyline(
        QPolygonF({box.topLeft() + QPointF(size * 0.24, size * 0.52), box.topLeft() + QPointF(size * 0.43, size * 0.72),
                   box.topLeft() + QPointF(size * 0.78, size * 0.3)}));
}

}  // namespace

void MessageLayout::drawBubble(QPainter* painter, const MessageContext& context) const {
    const TranscriptStyle& style = context.style;
    painter->setPen(Qt::NoPen);
    painter->setBrush(style.theme.bubble);
    painter->drawPath(bubblePath(bodyRect(context), style.bubble_radius, style.bubble_corner));
}

void MessageLayout::drawCutMark(QPainter* painter, const MessageContext& context) const {
    const TranscriptStyle& style = context.style;
    const QString text = MessageRow::tr("earlier turns are no longer in the model's context");
    painter->setFont(style.small);
    const int width = QFontMetrics(style.small).horizontalAdvance(text) + 2 * style.theme.px(12);
    const int y = (style.cut_height - style.theme.space(3)) / 2;
    const int side = std::max(0, (context.width - width) / 2);
    painter->setPen(QPen(style.theme.line, 1));
    painter->drawLine(0, y, side, y);
    painter->drawLine(context.width - side, y, context.width, y);
    painter->setPen(style.theme.faint);
    const int height = style.row_height;
    painter->drawText(QRect(0, y - height / 2, context.width, height), Qt::AlignCenter, text);
}

void MessageLayout::drawMarkers(QPainter* painter, const MessageContext& context, std::size_t index) const {
    const Piece& piece = m_pieces[index];
    const Block& block = blocks()[piece.block];
    const TranscriptStyle& style = context.style;
    const Theme& theme = style.theme;
    const int line = block.kind == BlockKind::kHeading ? style.headingLine(block.level) : style.body_line;
    const bool has_text = piece.layout && !piece.layout->parts.empty();
    const int drop = has_text ? piece.layout->parts.front().part.firstLineDrop() : 0;
    int x = 0;
    for (std::size_t depth = 0; depth < block.containers.size(); ++depth) {
        const Container& container = block.containers[depth];
        const int width = containerIndent(container, style);
        x = std::min(x, std::max(0, piece.indent - width));  // where there is no more room, marks share it
        if (container.kind == Container::kQuote) {
            // The bar runs through the gap to a block before it in the same quote.
            bool joined = piece.from > 0;
            if (!joined && piece.block > 0) {
                const std::vector<Container>& before = blocks()[piece.block - 1].containers;
                joined = before.size() > depth && before[depth].kind == Container::kQuote;
            }
            const int top = m_tops[index] - (joined ? piece.gap : 0);
            painter->setPen(Qt::NoPen);
            painter->setBrush(theme.faint);
            painter->setOpacity(0.6);
            const double bar = theme.px(3), left = piece.right_to_left ? contentWidth(context) - x - bar : x;
            painter->drawRoundedRect(QRectF(left, top, bar, m_tops[index] + piece.height - top), 1.5, 1.5);
            painter->setOpacity(1);
        } else if (container.first && piece.from == 0) {
            const int inner = x + width - theme.px(13);  // from the side where the text begins
            const QPointF centre(piece.right_to_left ? contentWidth(context) - inner : inner,
                                 m_tops[index] + drop + line / 2.0);
            if (container.task != Container::kNoTask) {
                drawTaskBox(painter, centre, theme.px(13), container.task == Container::kDone, theme);
            } else if (container.kind == Container::kBullet) {
                const double radius = theme.px(5) / 2.0;
                painter->setPen(QPen(theme.dim, 1));
                painter->setBrush(depth % 2 == 0 ? QBrush(theme.dim) : QBrush(Qt::NoBrush));
                painter->drawEllipse(centre, radius, radius);
            } else {
                painter->setFont(style.body);
                painter->setPen(theme.dim);
                QRect number(x - theme.px(40), m_tops[index] + drop, width + theme.px(40) - theme.px(7), line);
                if (piece.right_to_left) number.moveLeft(contentWidth(context) - number.right() - 1);
                painter->drawText(
                    number,
                    Qt::AlignAbsolute | Qt::AlignVCenter | (piece.right_to_left ? Qt::AlignLeft : Qt::AlignRight),
                    piece.right_to_left ? QStringLiteral("\u2067%1.\u2069").arg(container.number)
                                        : QStringLiteral("%1.").arg(container.number));
            }
        }
        x += width;
    }
}

/// The line that stands for what was thought; a click shows or folds it.
void MessageLayout::drawThought(QPainter* painter, const MessageContext& context, const MessageLook& look) const {
    const TranscriptStyle& style = context.style;
    const Theme& theme = style.theme;
    const QRect rect = thoughtRect(context);
    MessageTarget target;
    target.kind = MessageTarget::kThought;
    painter->setFont(style.small);
    painter->setPen(look.hovered == target ? theme.text : theme.dim);
    const QRect words = rect.adjusted(look.printed ? 0 : theme.px(16), 0, 0, 0);
    painter->drawText(words, Qt::AlignLeft | Qt::AlignVCenter,
                      painter->fontMetrics().elidedText(thoughtLabel(context), Qt::ElideRight, words.width() + 1));
    if (look.printed) return;
    const double size = theme.px(4);
    const QPointF middle(rect.left() + theme.px(6), rect.center().y() + 0.5);
    QPolygonF arrow({QPointF(-size / 2, -size), QPointF(size / 2, 0), QPointF(-size / 2, size)});
    if (m_thought_open) arrow = QPolygonF({QPointF(-size, -size / 2), QPointF(0, size / 2), QPointF(size, -size / 2)});
    painter->setPen(QPen(painter->pen().color(), 1.3, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter->setBrush(Qt::NoBrush);
    painter->drawPolyline(arrow.translated(middle));
    if (look.focused == target) {
        painter->setPen(QPen(theme.focus, 1.5));
        painter->drawRoundedRect(rect, Theme::kRadiusSmall, Theme::kRadiusSmall);
    }
}

/// Under what is too wide: how much of it is seen, and where.
void MessageLayout::drawScrolled(QPainter* painter, const QRectF& groove, int scrolled, int overflow,
                                 const Theme& theme) const {
    const double share = groove.width() / (groove.width() + overflow);
    const double round = groove.height() / 2;
    painter->setPen(Qt::NoPen);
    painter->setBrush(theme.line);
    painter->drawRoundedRect(groove, round, round);
    painter->setBrush(theme.faint);
    painter->drawRoundedRect(
        QRectF(groove.left() + scrolled * share, groove.top(), groove.width() * share, groove.height()), round, round);
}

void MessageLayout::drawTokens(QPainter* painter, const MessageContext& context, const MessageLook& look,
                               const TextPart& part, QPointF origin) const {
    painter->setPen(Qt::NoPen);
    const double inset = std::max(1, context.style.theme.px(1.5));
    for (const auto& [token, rect] : part.tokenRects(context.message.tokens)) {
        const QColor colour = look.tint(token);
        if (!colour.isValid()) continue;
        painter->setBrush(colour);
        painter->drawRoundedRect(rect.translated(origin).adjusted(0, inset, 0, -inset), 3, 3);
    }
}

void MessageLayout::drawSelectedToken(QPainter* painter, const MessageContext& context, int token) const {
    if (token < 0 || static_cast<std::size_t>(token) >= context.message.tokens.size()) return;
    const TranscriptToken& chosen = context.message.tokens[static_cast<std::size_t>(token)];
    painter->setPen(QPen(context.style.theme.amber, 1.5));
    painter->setBrush(Qt::NoBrush);
    for (const QRectF& rect : rects(context, {chosen.begin, chosen.end})) {
        if (rect.width() > 0) painter->drawRoundedRect(rect.adjusted(-1.5, 0.5, 1.5, -0.5), 4, 4);
    }
}

void MessageLayout::draw(QPainter* painter, QPoint origin, const QRect& clip, const MessageContext& context,
                         const MessageLook& look) const {
    const TranscriptStyle& style = context.style;
    const Theme& theme = style.theme;
    painter->save();
    painter->translate(origin);
    painter->setRenderHint(QPainter::Antialiasing);
    if (context.message.cut_before && clip.top() < style.cut_height) drawCutMark(painter, context);
    if (look.ring) {
        const int margin = theme.px(8);
        painter->setPen(QPen(theme.focus, 1.5));
        painter->setBrush(Qt::NoBrush);
        const int bottom = rowRect(context).bottom() + theme.px(3);
        painter->drawRoundedRect(
            QRectF(-margin, m_body_top - margin / 2.0, context.width + 2 * margin, bottom - m_body_top + margin / 2.0),
            theme.px(Theme::kRadius), theme.px(Theme::kRadius));
    }
    if (isUser()) drawBubble(painter, context);

    std::size_t framed = blocks().size();
    std::size_t i = m_pieces.empty() || context.message.text.empty() ? m_pieces.size() : pieceAt(clip.top());
    for (; i < m_pieces.size() && m_tops[i] <= clip.bottom(); ++i) {
        const Piece& piece = m_pieces[i];
        if (!piece.layout) continue;
        const Block& block = blocks()[piece.block];
        if (block.kind == BlockKind::kCode && framed != piece.block) {
            framed = piece.block;
            drawCodeFrame(painter, context, look, piece.block);
        }
        const int left_edge = static_cast<int>(contentOrigin(context).x()), room = contentWidth(context);
        painter->translate(left_edge, 0);
        if (!block.containers.empty()) drawMarkers(painter, context, i);
        painter->translate(-left_edge, 0);
        if (block.kind == BlockKind::kThought) drawThought(painter, context, look);
        if (block.kind == BlockKind::kRule) {
            painter->fillRect(QRectF(left_edge + piece.indent, m_tops[i] + piece.height / 2, room - piece.indent, 1),
                              theme.line);
        }
        if (block.kind == BlockKind::kTable) {
            const auto columns = m_columns.find(piece.block);
            int width = 0;
            if (columns != m_columns.end()) {
                for (const int column : columns->second) width += column;
            }
            const int y = m_tops[i] + piece.height - 1;
            const int left = left_edge + (piece.right_to_left ? room - piece.indent - width : piece.indent);
            painter->fillRect(QRect(left, y, width, 1), piece.from == 0 ? theme.faint : theme.line);
        }
        const QPointF corner = contentOrigin(context) + QPointF(0, m_tops[i]);
        const bool code = block.kind == BlockKind::kCode;
        const int overflow = code ? codeOverflow(piece.block) : piece.overflow;
        const bool scrolled = overflow > 0;
        if (code && !look.printed) drawLineNumbers(painter, context, i);
        if (scrolled) {
            QRect area(left_edge + piece.indent, m_tops[i], room - piece.indent, piece.height);
            if (code) area &= codeText(context, piece.block);
            const double bar = theme.px(3);
            if (!code || codeEdges(blocks(), piece).last) {
                drawScrolled(painter, QRectF(area.left(), area.bottom() - bar - code * theme.px(2), area.width(), bar),
                             piece.scrolled, overflow, theme);
            }
            painter->save();
            painter->setClipRect(area, Qt::IntersectClip);
        }
        for (const PieceLayout::Placed& placed : piece.layout->parts) {
            const QPointF at = corner + placed.origin;
            placed.part.drawAreas(painter, at, style);
            if (look.tint) drawTokens(painter, context, look, placed.part, at);
            placed.part.draw(painter, at, look.selection, style);
        }
        if (scrolled) painter->restore();
    }
    if (look.selected_token >= 0) drawSelectedToken(painter, context, look.selected_token);
    if (look.focused.kind == MessageTarget::kLink) {
        painter->setPen(QPen(theme.focus, 1.5));
        painter->setBrush(Qt::NoBrush);
        for (const QRectF& rect : rects(context, look.focused.range)) painter->drawRoundedRect(rect, 4, 4);
    }
    if (look.hovered.kind == MessageTarget::kLink) {
        painter->setPen(QPen(theme.blue, 1));
        for (const QRectF& rect : rects(context, look.hovered.range)) {
            const double y = std::floor(rect.center().y() + theme.px(9)) + 0.5;
            painter->drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y));
        }
    }
    if (m_notice) {
        const int top = m_body_bottom + style.paragraph_gap;
        const QRectF box(0, top, context.width, m_notice->height() + 2 * style.cell_padding_y);
        QColor area = theme.danger;
        area.setAlphaF(0.10f);
        painter->setPen(Qt::NoPen);
        painter->setBrush(area);
        painter->drawRoundedRect(box, theme.px(Theme::kRadius), theme.px(Theme::kRadius));
        m_notice->draw(painter, QPointF(style.theme.px(14), top + style.cell_padding_y), {}, style);
    }
    const QRect row = rowRect(context);
    if (!look.printed && row.bottom() >= clip.top() && row.top() <= clip.bottom()) {
        MessageRowLook row_look;
        row_look.actions = look.actions;
        if (look.hovered.kind == MessageTarget::kAction) row_look.hovered = look.hovered.action;
        if (look.focused.kind == MessageTarget::kAction) row_look.focused = look.focused.action;
        drawMessageRow(painter, m_row, row.topLeft(), row_look, style);
    }
    painter->restore();
}

}  // namespace moescope
