#pragma once
// How the window comes by its history, and what it says of it.

#include <QString>
#include <memory>

#include "storage/history.h"
#include "ui/settings/app_settings.h"

class QTemporaryDir;

namespace moescope {

struct OpenedHistory {
    std::unique_ptr<History> history;          ///< null: the user chose to quit
    std::string data_dir;                      ///< where it is
    std::unique_ptr<QTemporaryDir> temporary;  ///< set if it is kept nowhere; removes it at the end
};

/// Opens the history of a folder. One that cannot be opened (made by a newer program, no right to write, a full disk)
/// is left as it is: a dialog says why, and offers a session that is kept nowhere.
OpenedHistory openForWindow(const std::string& data_dir);

/// Says why the program cannot start, on stderr and, as a launcher shows no stderr, in a box. Gives the exit code: 1.
int refuseToStart(const Status& why);

/// One sentence for the user of what opening has found and done; "" if there is nothing to say.
QString describe(const OpenReport& report);

AppSettings readSettings(History& history);

}  // namespace moescope
