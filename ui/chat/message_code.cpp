// Blocks of code in a message: the frame, the row over them with its buttons, numbers of lines, and lines that are
// longer than the column, which are moved sideways.

#include <QFontMetrics>
#include <QPainter>
#include <algorithm>
#include <array>
#include <utility>

#include "ui/chat/message_layout.h"
#include "ui/icons.h"

namespace moescope {
namespace {

/// From the right.
constexpr std::array kButtons = {MessageTarget::kCopyCode, MessageTarget::kSaveCode, MessageTarget::kWrapCode,
                                 MessageTarget::kNumberCode};
constexpr double kButton = 28, kIcon = 15, kTextMargin = 2;  // pixels

QLatin1String iconOf(MessageTarget::Kind kind) {
    switch (kind) {
        case MessageTarget::kSaveCode:
            return QLatin1String("save");
        case MessageTarget::kWrapCode:
            return QLatin1String("wrap");
        case MessageTarget::kNumberCode:
            return QLatin1String("numbers");
        default:
            return QLatin1String("copy");
    }
}

}  // namespace

QString codeButtonName(MessageTarget::Kind kind) {
    switch (kind) {
        case MessageTarget::kCopyCode:
            return MessageRow::tr("Copy the code");
        case MessageTarget::kSaveCode:
            return MessageRow::tr("Save the code…");
        case MessageTarget::kWrapCode:
            return MessageRow::tr("Wrap long lines of code");
        case MessageTarget::kNumberCode:
            return MessageRow::tr("Number the lines of code");
        default:
            return {};
    }
}

int codeLabelWidth(const QString& language, const TranscriptStyle& style) {
    if (language.isEmpty()) return 0;
    return QFontMetrics(style.theme.mono(Theme::kTiny)).horizontalAdvance(language) + style.theme.px(14);
}

void MessageLayout::addCodeTargets(std::size_t block, std::vector<MessageTarget>* targets) {
    for (const MessageTarget::Kind kind : kButtons) {
        MessageTarget target;
        target.kind = kind;
        target.block = block;
        targets->push_back(target);
    }
}

QRect MessageLayout::codeFrame(const MessageContext& context, std::size_t block) const {
    const auto [first, end] = piecesOf(block);
    if (first == end) return {};
    const int top = m_tops[first];
    const int bottom = m_tops[end - 1] + m_pieces[end - 1].height;
    const int left = static_cast<int>(contentOrigin(context).x()) + m_pieces[first].indent;
    return {left, top, contentWidth(context) - m_pieces[first].indent, bottom - top};
}

QRect MessageLayout::codeText(const MessageContext& context, std::size_t block) const {
    const TranscriptStyle& style = context.style;
    const int margin = style.theme.px(kTextMargin);
    return codeFrame(context, block)
        .adjusted(style.code_padding_x + codeGutter(blocks()[block], style) - margin, 0, -style.theme.px(6), 0);
}

QRect MessageLayout::codeButton(const MessageContext& context, const MessageTarget& target) const {
    const auto at = std::find(kButtons.begin(), kButtons.end(), target.kind);
    const QRect frame = codeFrame(context, target.block);
    if (at == kButtons.end() || frame.isNull()) return {};
    const Theme& theme = context.style.theme;
    const int width = theme.px(kButton), inset = theme.px(3);
    const int right = frame.right() - inset - static_cast<int>(at - kButtons.begin()) * width;
    return {right - width + 1, frame.top() + inset, width, context.style.code_header - 2 * inset};
}

MessageTarget MessageLayout::codeButtonAt(const MessageContext& context, std::size_t block, QPoint point) const {
    MessageTarget target;
    target.block = block;
    for (const MessageTarget::Kind kind : kButtons) {
        target.kind = kind;
        if (codeButton(context, target).contains(point)) return target;
    }
    return {};
}

/// Pixels that the longest line that was laid out is too long by.
int MessageLayout::codeOverflow(std::size_t block) const {
    const auto [first, end] = piecesOf(block);
    int most = 0;
    for (std::size_t i = first; i < end; ++i) most = std::max(most, m_pieces[i].overflow);
    return most;
}

bool MessageLayout::moveCode(std::size_t block, int to) {
    to = std::clamp(to, 0, codeOverflow(block));
    int& scrolled = m_code_scrolled[block];
    if (to == std::exchange(scrolled, to)) return false;
    const auto [first, end] = piecesOf(block);
    for (std::size_t i = first; i < end; ++i) {
        Piece& piece = m_pieces[i];
        if (!piece.layout) continue;
        for (PieceLayout::Placed& placed : piece.layout->parts) placed.origin.rx() -= to - piece.scrolled;
        piece.scrolled = to;
    }
    return true;
}

bool MessageLayout::moveAllCode(int pixels) {
    bool moved = false;
    std::size_t before = blocks().size();
    for (const Piece& piece : m_pieces) {
        if (blocks()[piece.block].kind != BlockKind::kCode || piece.block == before) continue;
        before = piece.block;
        moved |= moveCode(piece.block, m_code_scrolled[piece.block] + pixels);
    }
    return moved;
}

void MessageLayout::showSideways(const MessageContext& context, ByteRange range) {
    if (m_pieces.empty()) return;
    const Piece& piece = m_pieces[pieceOfByte(range.begin)];
    if (blocks()[piece.block].kind != BlockKind::kCode || !piece.layout || codeOverflow(piece.block) == 0) return;
    const QRect seen = codeText(context, piece.block);
    for (const PieceLayout::Placed& placed : piece.layout->parts) {
        for (const QRectF& rect : placed.part.rects(range)) {
            const double left = contentOrigin(context).x() + placed.origin.x() + rect.left();
            const double right = std::min(left + rect.width(), left + seen.width() / 2.0);
            const bool hidden = left < seen.left() || right > seen.right();
            const int middle = static_cast<int>(left) - seen.left() - seen.width() / 3;
            if (hidden) moveCode(piece.block, piece.scrolled + middle);
            return;
        }
    }
}

void MessageLayout::drawCodeFrame(QPainter* painter, const MessageContext& context, const MessageLook& look,
                                  std::size_t block) const {
    const TranscriptStyle& style = context.style;
    const Theme& theme = style.theme;
    const QRect whole = codeFrame(context, block);
    const QRectF frame = QRectF(whole).adjusted(0.5, 0.5, -0.5, -0.5);
    painter->setPen(QPen(theme.line, 1));
    painter->setBrush(theme.code_background);
    painter->drawRoundedRect(frame, theme.px(Theme::kRadius), theme.px(Theme::kRadius));
    painter->setFont(theme.mono(Theme::kTiny));
    painter->setPen(theme.faint);
    const QString& language = blocks()[block].language;
    if (look.printed) {
        painter->drawText(
            QRectF(frame.left(), frame.top() + style.code_padding_y, frame.width() - theme.px(10), style.code_line),
            Qt::AlignRight | Qt::AlignVCenter, language);
        return;
    }
    int right = whole.right();
    for (const MessageTarget::Kind kind : kButtons) {
        MessageTarget target;
        target.kind = kind;
        target.block = block;
        const QRect button = codeButton(context, target);
        right = button.left();
        const bool hovered = look.hovered == target, focused = look.focused == target;
        const bool copied = kind == MessageTarget::kCopyCode && look.copied_block == block;
        const bool on = (kind == MessageTarget::kWrapCode && style.wrap_code) ||
                        (kind == MessageTarget::kNumberCode && style.number_code);
        if (hovered) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(theme.hover);
            painter->drawRoundedRect(button, theme.px(Theme::kRadiusSmall), theme.px(Theme::kRadiusSmall));
        }
        if (focused) {
            painter->setPen(QPen(theme.focus, 1.5));
            painter->setBrush(Qt::NoBrush);
            painter->drawRoundedRect(QRectF(button).adjusted(1, 1, -1, -1), theme.px(Theme::kRadiusSmall),
                                     theme.px(Theme::kRadiusSmall));
        }
        const QColor& colour = copied               ? theme.ok
                               : on                 ? theme.amber_text
                               : hovered || focused ? theme.text
                                                    : theme.faint;
        paintIcon(painter, button, copied ? QLatin1String("done") : iconOf(kind), colour, theme.px(kIcon));
    }
    painter->setPen(theme.faint);
    const QRect name(whole.left() + style.code_padding_x, whole.top(), right - whole.left() - 2 * style.code_padding_x,
                     style.code_header);
    painter->drawText(name, Qt::AlignLeft | Qt::AlignVCenter,
                      painter->fontMetrics().elidedText(language, Qt::ElideRight, std::max(0, name.width())));
}

void MessageLayout::drawLineNumbers(QPainter* painter, const MessageContext& context, std::size_t index) const {
    const Piece& piece = m_pieces[index];
    const TranscriptStyle& style = context.style;
    const int gutter = codeGutter(blocks()[piece.block], style);
    if (gutter == 0 || piece.layout->parts.empty()) return;
    const PieceLayout::Placed& placed = piece.layout->parts.front();
    const QRect frame = codeFrame(context, piece.block);
    painter->setFont(style.code);
    painter->setPen(style.theme.faint);
    int number = piece.line;
    for (const int top : placed.part.textLineTops()) {
        const QRect line(frame.left(), m_tops[index] + static_cast<int>(placed.origin.y()) + top,
                         style.code_padding_x + gutter - style.theme.px(12), style.code_line);
        painter->drawText(line, Qt::AlignRight | Qt::AlignVCenter, QString::number(++number));
    }
}

}  // namespace moescope
