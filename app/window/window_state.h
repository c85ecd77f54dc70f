#pragma once
// What the window is doing, as one small value, and what follows from it: what can be asked, what can be stopped, what
// empty places say. MainWindow::updateUi() is the one place that shows it.

#include <QString>

#include "ui/chrome/status_line.h"
#include "ui/chrome/welcome.h"
#include "ui/inspector/empty_state.h"

namespace moescope {

struct WindowState {
    bool loading = false;     ///< a model
    bool has_model = false;   ///< one is loaded (another may be loading)
    bool demo = false;        ///< it is the demo model
    bool answering = false;   ///< a question is being saved or answered, in whatever chat
    bool elsewhere = false;   ///< in another chat than the one that is shown
    bool saving = false;      ///< the question
    bool experiment = false;  ///< one runs
    bool rereading = false;   ///< the chat, for its routing
    bool stored = false;      ///< the chat that is shown is in the history
    bool trashed = false;     ///< it is in the trash
    bool messages = false;    ///< it has some

    bool operator==(const WindowState&) const = default;
};

/// Whether Stop has something to end.
bool canStop(const WindowState& state);
/// Why nothing can be asked now, for the composer; "" if something can.
QString reasonNotToAsk(const WindowState& state);
/// "saved", for the status line.
QString savedWords(const WindowState& state);
StatusLine::Light lightOf(const WindowState& state);
Welcome::Model welcomeOf(const WindowState& state);
/// Why the inspector shows no routing, if it shows none.
EmptyState::Reason emptyReasonOf(const WindowState& state);

}  // namespace moescope
