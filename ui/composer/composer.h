#pragma once
// The box in which a question is written: a text that grows from one line to ten, a row of pills, the number of tokens
// of the draft, and the button that sends or stops.
//
// - Enter (or Ctrl+Enter) sends, Shift+Enter begins a line. An Enter that belongs to an input method never sends.
// - Esc stops an answer. While an answer is written, Enter sends nothing and says so; the draft stays.
// - While a question is edited, an amber strip above the text says which; Esc or its button gives up.
// - Ctrl+Up asks to edit the last question. Ctrl+Z brings a text back that was just sent.
// - A "/" at the start of a line opens the list of kept prompts: typing narrows it, Up and Down choose, Enter or Tab
//   takes one, Esc closes it. Tab then leads from placeholder to placeholder.
// - Files that go with the question stand above the text as cards, each with its tokens.
// - A pasted text of more than some thousand letters is shown as one mark ("Pasted text · 1.0 MB"), so that the window
//   never waits for its layout; `text()`, copying and sending have it in full. Its context menu unfolds it.
// The widget is the box itself; whoever places it gives the margins. GUI thread.

#include <QTimer>
#include <QWidget>
#include <vector>

#include "ui/prompt_entry.h"

class QHBoxLayout;
class QLabel;
class QPushButton;
class QVBoxLayout;

namespace moescope {

namespace markdown {
struct Attachment;
}
class AttachmentRow;
class ComposerEdit;
class ChipRow;
class PillButton;
class PromptPopup;
class SendButton;
class ThemeStore;

class Composer : public QWidget {
    Q_OBJECT

public:
    /// `themes` is not owned and must outlive the composer.
    explicit Composer(ThemeStore* themes, QWidget* parent = nullptr);

    /// With the files that go with it, as engine/markdown/attachment.h writes them; setText() takes them apart again.
    QString text() const;
    /// Without them.
    QString question() const;
    const std::vector<markdown::Attachment>& attachments() const;
    void attach(markdown::Attachment attachment);
    /// Of one of them; -1: not known.
    void setAttachmentTokens(int index, int tokens);
    /// Whether the tokens of one are not known yet.
    bool hasUncounted() const;
    /// Replaces the text, forgets what could be undone and puts the cursor at the end. Does not emit draftChanged, and
    /// drops one that was pending: call flushDraft() before switching to another conversation.
    void setText(const QString& text);
    /// Emits a pending draftChanged now.
    void flushDraft();

    /// Adds a pill at the end of the row. `id` is what chipClicked tells; an id that exists is only renamed.
    void addChip(const QString& id, const QString& text);
    void setChipText(const QString& id, const QString& text);
    /// A pill that there is no use for now is not seen. All are at first.
    void setChipWanted(const QString& id, bool wanted);
    /// The button, to place a menu at it (the one that stands for it where there is no room for it); null for an
    /// unknown id.
    QWidget* chip(const QString& id) const;

    /// What a "/" offers.
    void setPrompts(const QList<PromptEntry>& prompts);

    /// `tokens` of the draft (-1: unknown, shows nothing) and how many still fit into the context (-1: unknown). Amber
    /// when they do not fit.
    void setTokenCount(int tokens, int room);

    /// What the strip above the text says ("Editing question 1"); empty: nothing is edited, there is no strip.
    void setEditing(const QString& what);
    bool isEditing() const { return !m_editing.isEmpty(); }

    void setAnswering(bool answering);

    /// Why nothing can be sent now ("Load a model to ask"), shown in place of the placeholder; empty: it can be.
    void setEnabledReason(const QString& reason);
    QString enabledReason() const { return m_reason; }
    /// Something is written, there is no reason against it, and no answer is being written.
    bool canSend() const;
    /// As Enter does.
    void submit() { send(); }

    QSize minimumSizeHint() const override;

signals:
    /// The text as written, in full; the box is empty by then. To refuse it, call setText(text).
    void sent(const QString& text);
    void stopRequested();
    void editLastRequested();
    /// By Esc or the strip's button. Whoever hears it calls setEditing({}) and setText().
    void editCancelled();
    void chipClicked(const QString& id);
    /// 150 ms after the last change by the user; and with an empty text after one was sent.
    void draftChanged(const QString& text);
    /// A prompt was chosen that is to be the chat's system prompt.
    void systemPromptChosen(const moescope::PromptEntry& prompt);
    /// Files were pasted.
    void filesOffered(const QStringList& paths);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void send();
    void pressButton();
    void applyTheme();
    void updateTexts();
    void updateState();
    void updateCount();
    void offerPrompts();
    void usePrompt(const PromptEntry& prompt);
    PillButton* findChip(const QString& id) const;

    ThemeStore* m_themes;
    bool isBlank() const;

    ComposerEdit* m_edit;
    AttachmentRow* m_files;
    PromptPopup* m_popup;
    QVBoxLayout* m_column;
    QHBoxLayout* m_row;
    QWidget* m_strip;
    QLabel* m_strip_text;
    QPushButton* m_cancel;
    ChipRow* m_chip_row;
    QLabel* m_count;
    SendButton* m_button;
    QTimer m_draft_timer;
    QString m_reason, m_editing;
    int m_tokens = -1, m_room = -1;
    bool m_answering = false;
};

}  // namespace moescope
