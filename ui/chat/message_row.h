#pragma once
// The row under a message: which of its siblings it is, what can be done with it, and its figures; while it streams,
// that it does. Only geometry and words: the same for painting, clicks, keys and assistive technology.

#include <QCoreApplication>
#include <QRect>
#include <QString>
#include <vector>

#include "ui/chat/message_actions.h"
#include "ui/chat/transcript_message.h"
#include "ui/chat/transcript_style.h"

namespace moescope {

struct RowButton {
    MessageAction action = MessageAction::kNone;  ///< kNone: a label, "2 / 3"
    QString text;                                 ///< or, empty:
    QString icon;                                 ///< of ui/icons.h
    QString name;                                 ///< for tool tips, menus and assistive technology
    QRect rect;                                   ///< relative to the row; larger than the text, for the pointer
    bool enabled = true;
    bool always = false;  ///< seen without the pointer over the message
};

struct MessageRow {
    Q_DECLARE_TR_FUNCTIONS(moescope::MessageRow)

public:
    std::vector<RowButton> buttons;  ///< left to right
    QString status;                  ///< while streaming, with a dot before it
    QString figures;
    QRect status_rect, figures_rect;
    int height = 0;
    bool always = false;  ///< something of it is seen without the pointer over the message
};

/// The row of a message in a column of `width` pixels. The height does not depend on what is hovered.
MessageRow layOutMessageRow(const TranscriptMessage& message, MessageActions offered, bool last, int width,
                            const TranscriptStyle& style);

struct MessageRowLook {
    bool actions = false;                          ///< all buttons and the figures are seen
    MessageAction hovered = MessageAction::kNone;  ///< under the pointer
    MessageAction focused = MessageAction::kNone;  ///< has the ring of the keyboard
};

void drawMessageRow(QPainter* painter, const MessageRow& row, QPoint origin, const MessageRowLook& look,
                    const TranscriptStyle& style);

}  // namespace moescope
