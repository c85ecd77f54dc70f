#pragma once
// The command palette (Ctrl+K): every action of the window, found by typing some of its letters.
//
// It covers its parent: a click beside the list or Esc closes it, Up and Down (PgUp, PgDn) choose,
// Enter triggers; the focus goes back to where it was before the action runs. Disabled actions are shown, faintly,
// after the others, and cannot be triggered. The shortcuts of its own actions work while it is open; Ctrl+K closes it.
// Not a window of its own, since Wayland would not let it choose its place. GUI thread.

#include <QPointer>
#include <QWidget>

#include "ui/widgets/input_method_guard.h"

class QAction;
class QLineEdit;
class QListView;

namespace moescope {

class CommandDelegate;
class CommandModel;
class ThemeStore;

class CommandPalette : public QWidget {
    Q_OBJECT

public:
    /// Hidden at first. `parent` is what it covers. `themes` is not owned and must outlive it.
    CommandPalette(ThemeStore* themes, QWidget* parent);

    /// In the order in which they are listed while nothing is typed. Not owned; those that are deleted or invisible are
    /// left out. Texts, shortcuts and states are read when it opens.
    void setActions(const QList<QAction*>& actions);

    /// Shows it with an empty filter and takes the focus.
    void openPalette();
    void closePalette();

    /// What the filter lets through, best first; for tests.
    QList<QAction*> shownActions() const;

signals:
    void triggered(QAction* action);  ///< after it ran
    void closed();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void changeEvent(QEvent* event) override;
    bool focusNextPrevChild(bool next) override;

private:
    bool handleKey(QKeyEvent* event);
    void filter(const QString& text);
    void activate(QAction* action);
    void activateCurrent();
    void move(int rows);
    void choose(int row);
    void applyTheme();
    void updateTexts();
    void placePanel();

    ThemeStore* m_themes;
    CommandModel* m_model;
    CommandDelegate* m_delegate;
    QLineEdit* m_input;
    QListView* m_list;
    QRect m_panel;
    QList<QPointer<QAction>> m_actions;
    QPointer<QWidget> m_focus_before;
    InputMethodGuard m_input_method;
};

}  // namespace moescope
