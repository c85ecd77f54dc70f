#pragma once
// The kept prompts that fit what was typed after a "/", in a list over the composer. The text keeps the keyboard and
// says what its keys do here; a click chooses too. It is a part of the window and no window of its own, since Wayland
// would not let it choose its place. GUI thread.

#include <QListWidget>

#include "ui/prompt_entry.h"

namespace moescope {

struct Theme;

class PromptPopup : public QListWidget {
    Q_OBJECT

public:
    /// Hidden at first. `parent` is what it may cover.
    explicit PromptPopup(QWidget* parent);

    void setPrompts(const QList<PromptEntry>& prompts) { m_prompts = prompts; }
    /// Those with a word that begins like `typed`, in their order, over `anchor` (a point of the parent). Hidden where
    /// there is none.
    void open(const QString& typed, const QPoint& anchor);
    /// The chosen row is another one.
    void move(int by);
    /// Hides it and tells of the chosen one.
    void take();
    void setTheme(const Theme& theme);

signals:
    void taken(const moescope::PromptEntry& prompt);

private:
    QList<PromptEntry> m_prompts;
    QList<qsizetype> m_shown;  // of m_prompts, by row
};

}  // namespace moescope
