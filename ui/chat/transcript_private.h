#pragma once
// What a TranscriptView keeps; shared by the files that implement it.

#include <QBasicTimer>
#include <QElapsedTimer>
#include <set>

#include "ui/chat/transcript_layout.h"
#include "ui/chat/transcript_view.h"

class QAbstractButton;

namespace moescope {

/// A place in the text of a message.
struct TextPlace {
    qint64 message = 0;
    std::uint32_t byte = 0;
    bool operator==(const TextPlace&) const = default;
};

struct TranscriptView::Private {
    Private(TranscriptView* view, ThemeStore* store, TranscriptModel* source);

    // Layout and scrolling.
    int columnLeft() const;
    void fitWidth();
    /// Lays out what is seen at the scroll position, or at the end while it follows, and moves the scroll bar there.
    void settle();
    void setFollowing(bool on);
    void scrollTo(int y);
    /// Changes are shown with the next frame, or as the pace says.
    void scheduleRefresh();
    void flushChanges();
    void onReset();
    void placeButton();

    // Where things are.
    struct Hit {
        int row = -1;
        QPoint local;  ///< relative to the message
        TextHit text;
        MessageTarget target;
        int token = -1;
    };
    Hit hitAt(QPoint point);
    QPoint origin(int row) const;
    MessageLook look(int row) const;
    QRect toViewport(int row, const QRect& rect) const;

    // Selection.
    std::pair<TextPlace, TextPlace> ordered() const;
    ByteRange selectedRange(int row) const;
    TextPlace placeAt(QPoint point);
    void select(TextPlace from, TextPlace to);

    // Acting.
    void hover(QPoint point);
    void leave();
    QString tipAt(QPoint point);
    bool scrollSideways(const QWheelEvent* event);
    void press(int row, const MessageTarget& target);
    void act(qint64 message, MessageAction action);
    void focusMessage(int row);
    bool focusTarget(bool next);
    void reveal(int row, ByteRange range);

    TranscriptView* q;
    ThemeStore* themes;
    TranscriptModel* model;
    TranscriptLayout layout;
    std::vector<qint64> ids_before_reset;
    std::set<int> changed_rows;
    QBasicTimer refresh, copied_timer;
    LivePace* pace = nullptr;
    double layout_ms = 0, paint_ms = 0;  ///< what showing the last change took
    bool following = true, settling = false;
    QAbstractButton* to_newest = nullptr;

    Tint tint;
    qint64 selected_message = 0;
    int selected_token = -1;

    TextPlace anchor, cursor;
    bool selecting = false, moved = false;
    QPoint pressed_at;
    QElapsedTimer since_double_click;
    qint64 pressed_message = 0;
    MessageTarget pressed;

    qint64 hovered_message = 0;
    MessageTarget hovered;
    std::pair<qint64, int> hovered_token{0, -1};
    qint64 ring = 0;
    MessageTarget focused;
    qint64 copied_message = 0;
    std::size_t copied_block = 0;
};

}  // namespace moescope
