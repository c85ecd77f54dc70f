#pragma once
// The transcript: paints the messages of a TranscriptModel and lets people read, select, copy and act on them.
//
// - Answers are Markdown, users' texts are shown as they are. Only what is near the viewport is parsed and laid out;
// the
//   heights of the rest are estimates, and correcting them does not move what is on the screen. Text that streams in is
//   shown at most 30 times a second, at the cost of the last paragraph.
// - It follows the end while an answer streams, until the user scrolls up; a button leads back.
// - Mouse: select across messages (double click: word, triple: paragraph), links, buttons under a message, hover and
//   click of tokens. Ctrl + wheel zooms.
// - Keyboard: arrows, PgUp, PgDn, Home, End scroll; Ctrl+Up and Ctrl+Down move a focus ring from message to message;
//   Tab and Shift+Tab walk through the links and buttons of the message with the ring, Enter or Space presses;
//   Shift+F10 opens its menu; Ctrl+A and Ctrl+C select and copy; Left and Right move the code of that message that is
//   wider than the column.
// - Copied text is what is seen; a message that is selected as a whole is copied as its source.
// GUI thread.

#include <QAbstractScrollArea>
#include <QPair>
#include <QUrl>
#include <functional>
#include <memory>

#include "ui/chat/message_actions.h"

namespace moescope {

class LivePace;
class ThemeStore;
class TranscriptModel;

class TranscriptView : public QAbstractScrollArea {
    Q_OBJECT

public:
    /// A background for a token of a message; an invalid colour for none. Called for visible tokens at each painting.
    using Tint = std::function<QColor(qint64 message, int token)>;

    /// Neither is owned; both must outlive the view.
    TranscriptView(ThemeStore* themes, TranscriptModel* model, QWidget* parent = nullptr);
    ~TranscriptView() override;

    TranscriptModel* model() const;

    /// Frames a token in amber; -1 for none.
    void setSelectedToken(qint64 message, int token);
    /// (0, -1) for none.
    QPair<qint64, int> selectedToken() const;
    /// Tints tokens; an empty function for none. Call `retint` when the function would answer differently.
    void setTint(Tint tint);
    void retint();
    /// Whether long lines of code go on below (else they are moved sideways), and whether lines have numbers.
    void setCodeLook(bool wrap, bool numbers);
    bool wrapsCode() const;
    bool numbersCode() const;
    /// Which actions are offered under messages. All at first.
    void setOfferedActions(MessageActions actions);

    QString selectedText() const;
    bool hasSelection() const;
    void selectAll();
    void clearSelection();
    /// The selection to the clipboard; without one nothing.
    void copySelection() const;

    bool isFollowing() const;
    void scrollToEnd();
    /// What is at the upper edge: a row of the model, and how far down in it, as a share of its height.
    struct Place {
        int row = 0;
        double share = 0;
    };
    Place place() const;
    /// Puts that to the upper edge; the end, where there is no such row.
    void scrollToPlace(Place place);
    /// Shows a message, its top near the upper edge.
    void scrollToMessage(qint64 message);
    /// Shows the question before (-1) or after (1) what is at the upper edge; behind the last one, the end.
    void stepQuestion(int by);
    /// Shows bytes of a message and selects them: a hit of a search.
    void revealBytes(qint64 message, std::size_t begin, std::size_t end);
    void revealToken(qint64 message, int token);

    /// The message with the focus ring, 0 for none.
    qint64 focusedMessage() const;
    void setFocusedMessage(qint64 message);

    /// Where the viewport shows a message, a token, an action's button; for tests and assistive technology. Null
    /// rectangles for what is not laid out.
    QRect messageRect(qint64 message) const;
    QRect tokenRect(qint64 message, int token) const;
    QRect actionRect(qint64 message, MessageAction action) const;
    /// What can be done with a message now, by its names; for assistive technology, which calls the other one.
    QStringList actionNames(qint64 message) const;
    void actByName(qint64 message, const QString& name);
    /// What is still waiting to be shown is shown now.
    void flush();
    /// Text that streams keeps to it. Not owned; outlives the view.
    void setPace(LivePace* pace);

signals:
    void copyRequested(qint64 message);
    void editRequested(qint64 message);
    void regenerateRequested(qint64 message);
    void continueRequested(qint64 message);
    void deleteRequested(qint64 message);
    void rulesRequested(qint64 message);
    void siblingRequested(qint64 message, int delta);  ///< -1 or 1
    void linkActivated(const QUrl& url);
    void codeLookChanged(bool wrap, bool numbers);
    void saveCodeRequested(const QString& code, const QString& language);
    void tokenHovered(qint64 message, int token);  ///< token -1 when the pointer leaves; message is then 0
    void tokenClicked(qint64 message, int token);
    void followingChanged(bool following);
    void scrolled();  ///< by somebody, not because its text grew
    void selectionChanged();
    void focusedMessageChanged(qint64 message);

protected:
    bool event(QEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    bool focusNextPrevChild(bool next) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void timerEvent(QTimerEvent* event) override;

private:
    friend class TranscriptAccessible;
    struct Private;
    std::unique_ptr<Private> d;
};

}  // namespace moescope
