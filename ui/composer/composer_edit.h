#pragma once
// The text of the composer: plain text that is as high as its lines, up to kMaxLines, and then scrolls.
//
// Long pastes become folds: one object replacement character in the document that stands for the text and is painted as
// a mark. They are part of the document's undo history like any letter. GUI thread.

#include <QHash>
#include <QPlainTextEdit>
#include <optional>

#include "ui/widgets/input_method_guard.h"

namespace moescope {

class FoldMark;
class PromptPopup;
struct Theme;

class ComposerEdit : public QPlainTextEdit {
    Q_OBJECT

public:
    static constexpr int kMaxLines = 10;
    /// A paste longer than this becomes a fold, and so does one that would make the whole longer than kMaxShown.
    static constexpr int kFoldFrom = 8 * 1024, kMaxShown = 64 * 1024;

    explicit ComposerEdit(QWidget* parent = nullptr);

    /// With folds in full.
    QString fullText() const;
    /// Whether there is anything but white space; does not build the full text.
    bool isBlank() const;
    /// Replaces everything and forgets the undo history. Emits no textChanged.
    void setFullText(const QString& text);
    /// Empties it in one step that can be undone.
    void clearUndoably();

    void setTheme(const Theme& theme);
    /// While true, Esc stops.
    void setStoppable(bool stoppable) { m_stoppable = stoppable; }
    /// While true, and nothing is to be stopped, Esc gives up what is edited.
    void setCancellable(bool cancellable) { m_cancellable = cancellable; }

    /// Is asked for keys while it is shown. Not owned.
    void setPopup(PromptPopup* popup) { m_popup = popup; }
    /// What was typed after a "/" that begins the line with the cursor; nothing if there is none.
    std::optional<QString> typedCommand() const;
    /// Puts a text in the place of that "/" and what follows, with the cursor in its first placeholder, to which Tab
    /// and Shift+Tab lead as long as there is one.
    void replaceCommand(const QString& text);

    /// The fold next to the cursor, or under it; -1 for none.
    int foldPositionAt(const QTextCursor& cursor) const;
    /// Replaces a fold by its text. False when there is none or it is too long to be shown.
    bool unfold(int position);

signals:
    void submitted();
    void stopPressed();
    void cancelPressed();
    void editLastPressed();
    void filesOffered(const QStringList& paths);
    void focusLost();

protected:
    bool event(QEvent* event) override;
    bool focusNextPrevChild(bool next) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void inputMethodEvent(QInputMethodEvent* event) override;
    void insertFromMimeData(const QMimeData* source) override;
    /// Files that are dropped are for the window, not text; those that are pasted are offered.
    bool canInsertFromMimeData(const QMimeData* source) const override;
    QMimeData* createMimeDataFromSelection() const override;
    void resizeEvent(QResizeEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    void insertText(const QString& text);
    bool popupTakes(const QKeyEvent* event);
    bool choosePlaceholder(bool next);
    void fitHeight();
    QString expand(const QTextCursor& range) const;
    QString foldText(const QTextCharFormat& format) const;

    FoldMark* m_mark;
    PromptPopup* m_popup = nullptr;
    bool m_filling = false;       // a prompt has placeholders
    QHash<int, QString> m_folds;  // by the number in the character's format; kept for undo until setFullText
    int m_next_fold = 0;
    bool m_stoppable = false, m_cancellable = false;
    InputMethodGuard m_input_method;
};

}  // namespace moescope
