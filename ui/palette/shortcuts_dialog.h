#pragma once
// Help, Keyboard shortcuts: what the keys do, by group, with a filter. Only lists; nothing is triggered here.

#include <QDialog>

#include "ui/palette/command_model.h"

class QAction;
class QLineEdit;
class QListView;

namespace moescope {

class CommandDelegate;
class ThemeStore;

class ShortcutsDialog : public QDialog {
    Q_OBJECT

public:
    /// `themes` is not owned and must outlive it.
    explicit ShortcutsDialog(ThemeStore* themes, QWidget* parent = nullptr);

    /// Those with a shortcut, under their groups (action_group.h) in the order of first appearance.
    void setActions(const QList<QAction*>& actions);
    /// A key that is not an action's: addEntry(tr("Writing"), tr("Send"), tr("Enter")). `keys` as it is to be shown;
    /// several presses are joined by "+".
    void addEntry(const QString& group, const QString& text, const QString& keys);

    /// "Chat", "New chat\tCtrl+N": the rows as shown; for tests.
    QStringList rows() const;

private:
    void applyTheme();
    void rebuild();

    ThemeStore* m_themes;
    CommandModel* m_model;
    CommandDelegate* m_delegate;
    QLineEdit* m_input;
    QListView* m_list;
    QList<Command> m_actions, m_entries;
};

}  // namespace moescope
