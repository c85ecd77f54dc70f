#include "ui/chat/message_row.h"

#include <QFontMetrics>
#include <QPainter>

#include "ui/chat/transcript_model.h"
#include "ui/icons.h"

namespace moescope {

namespace {

constexpr double kIcon = 15, kIconRoom = 12;  // pixels on a side, and around it

std::vector<RowButton> buttonsOf(const TranscriptMessage& message, MessageActions offered, bool last) {
    std::vector<RowButton> buttons;
    const auto add = [&](MessageAction action, const QString& text, const QString& name, bool enabled = true,
                         bool always = false) {
        if (action == MessageAction::kNone || (offered & action))
            buttons.push_back({action, text, {}, name, {}, enabled, always});
    };
    const auto addIcon = [&](MessageAction action, const char* icon, const QString& name) {
        if (offered & action) buttons.push_back({action, {}, QLatin1String(icon), name, {}});
    };
    if (message.state == TranscriptState::kStreaming) return buttons;
    if (message.siblings > 1) {
        const QString place = MessageRow::tr("%1 / %2").arg(message.sibling + 1).arg(message.siblings);
        add(MessageAction::kPreviousSibling, QStringLiteral("‹"), MessageRow::tr("Previous version"),
            message.sibling > 0, true);
        add(MessageAction::kNone, place,
            MessageRow::tr("Version %1 of %2").arg(message.sibling + 1).arg(message.siblings), true, true);
        add(MessageAction::kNextSibling, QStringLiteral("›"), MessageRow::tr("Next version"),
            message.sibling + 1 < message.siblings, true);
    }
    const bool answer = message.role == TranscriptRole::kAnswer;
    addIcon(MessageAction::kCopy, "copy", MessageRow::tr("Copy message"));
    addIcon(MessageAction::kEdit, "edit", MessageRow::tr("Edit message"));
    if (answer) addIcon(MessageAction::kRegenerate, "regenerate", MessageRow::tr("Regenerate answer"));
    if (answer && last && message.may_continue)
        addIcon(MessageAction::kContinue, "continue", MessageRow::tr("Continue answer"));
    if (answer) addIcon(MessageAction::kRules, "rules", MessageRow::tr("Regenerate with other rules…"));
    addIcon(MessageAction::kDelete, "trash", MessageRow::tr("Delete message"));
    return buttons;
}

}  // namespace

MessageRow layOutMessageRow(const TranscriptMessage& message, MessageActions offered, bool last, int width,
                            const TranscriptStyle& style) {
    const QFontMetrics metrics(style.small);
    const int line = style.row_height;
    MessageRow row;
    row.buttons = buttonsOf(message, offered, last);
    row.always = !row.buttons.empty() && row.buttons.front().always;
    if (message.role == TranscriptRole::kAnswer) row.figures = figuresText(message.figures);
    if (message.state == TranscriptState::kStreaming) {
        row.status = message.role == TranscriptRole::kUser ? MessageRow::tr("being saved…")
                     : message.text.empty()                ? MessageRow::tr("reading the prompt, Esc stops")
                                                           : MessageRow::tr("answering, Esc stops");
        row.status_rect = QRect(0, 0, style.theme.px(16) + metrics.horizontalAdvance(row.status), line);
    }

    const int half_gap = style.action_gap / 2;
    int x = 0;
    for (RowButton& button : row.buttons) {
        const bool arrow =
            button.action == MessageAction::kPreviousSibling || button.action == MessageAction::kNextSibling;
        const int side = arrow || button.action == MessageAction::kNone ? half_gap / 2 : half_gap;
        const int text = metrics.horizontalAdvance(button.text);
        const int icon = style.theme.px(kIcon) + style.theme.px(kIconRoom);
        const int button_width =
            !button.icon.isEmpty() ? icon : std::max(text + 2 * side, arrow ? style.theme.px(20) : 0);
        button.rect = QRect(x, 0, button_width, line);
        x += button_width;
    }
    // What is drawn, not the areas around it, stands flush with the column.
    const int before = row.always ? half_gap : style.theme.px(kIconRoom) / 2, behind = style.theme.px(kIconRoom) / 2;
    const int buttons_width = std::max(0, x - before - behind);
    const bool user = message.role == TranscriptRole::kUser;
    const int shift = user ? width - buttons_width - before : -before;
    for (RowButton& button : row.buttons) button.rect.translate(shift, 0);

    const int left = std::max(buttons_width, row.status_rect.width());
    const int figures_width = metrics.horizontalAdvance(row.figures);
    const bool beside = figures_width == 0 || left + style.action_gap + figures_width <= width;
    const int shown = std::min(figures_width, width);
    row.figures_rect = beside ? QRect(width - shown, 0, shown, line) : QRect(0, 0, shown, line);
    row.height = beside ? line : 2 * line;
    if (!beside) {
        for (RowButton& button : row.buttons) button.rect.translate(0, line);
        row.status_rect.translate(0, line);
    }
    return row;
}

void drawMessageRow(QPainter* painter, const MessageRow& row, QPoint origin, const MessageRowLook& look,
                    const TranscriptStyle& style) {
    const Theme& theme = style.theme;
    painter->setFont(style.small);
    painter->setRenderHint(QPainter::Antialiasing);
    for (const RowButton& button : row.buttons) {
        if (!button.always && !look.actions) continue;
        const QRect rect = button.rect.translated(origin);
        const bool real = button.action != MessageAction::kNone && button.enabled;
        if (real && button.action == look.hovered) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(theme.hover);
            painter->drawRoundedRect(rect, Theme::kRadiusSmall, Theme::kRadiusSmall);
        }
        if (real && button.action == look.focused) {
            painter->setPen(QPen(theme.focus, 1.5));
            painter->setBrush(Qt::NoBrush);
            painter->drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), Theme::kRadiusSmall, Theme::kRadiusSmall);
        }
        QColor colour =
            real && (button.action == look.hovered || button.action == look.focused) ? theme.text : theme.faint;
        if (!button.enabled) colour.setAlphaF(0.45f);
        painter->setPen(colour);
        if (button.icon.isEmpty()) {
            painter->drawText(rect, Qt::AlignCenter, button.text);
        } else {
            paintIcon(painter, rect, button.icon, colour, theme.px(kIcon));
        }
    }
    if (!row.status.isEmpty()) {
        const QRect rect = row.status_rect.translated(origin);
        const double radius = theme.px(7) / 2.0;
        painter->setPen(Qt::NoPen);
        painter->setBrush(theme.amber);
        painter->drawEllipse(QPointF(rect.left() + radius + 1, rect.center().y() + 0.5), radius, radius);
        painter->setPen(theme.amber_text);
        painter->drawText(rect.adjusted(theme.px(14), 0, theme.px(20), 0), Qt::AlignLeft | Qt::AlignVCenter,
                          row.status);
    }
    if (!row.figures.isEmpty() && look.actions) {
        const QRect rect = row.figures_rect.translated(origin);
        painter->setPen(theme.faint);
        const QString shown = QFontMetrics(style.small).elidedText(row.figures, Qt::ElideRight, rect.width() + 1);
        painter->drawText(rect.adjusted(0, 0, 2, 0), Qt::AlignLeft | Qt::AlignVCenter, shown);
    }
}

}  // namespace moescope
