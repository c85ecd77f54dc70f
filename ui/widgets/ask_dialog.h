#pragma once
// Small questions in the program's own look. GUI thread; they return when the dialog is closed.

#include <QString>
#include <optional>

class QWidget;

namespace moescope {

class ThemeStore;

/// A name on one line, without blanks around it; nothing if it was cancelled. `name` is what it is now.
std::optional<QString> askForName(ThemeStore* themes, QWidget* parent, const QString& title, const QString& name = {});

/// Any text on one line, likewise, of at most `most` letters; `what` names it in the field while that is empty.
std::optional<QString> askForText(ThemeStore* themes, QWidget* parent, const QString& title, const QString& what,
                                  const QString& text, int most);

/// Whether the user presses the button `action`. Cancel is what Enter presses where `danger` says that something is
/// lost. `sentence` may hold what others wrote.
bool askWhether(ThemeStore* themes, QWidget* parent, const QString& title, const QString& sentence,
                const QString& action, bool danger = false);

}  // namespace moescope
