#pragma once
// Conversations out of and into the window's history. Asking is for the GUI thread; the work may take seconds and is
// for another one, with a connection of its own.

#include <QList>
#include <QString>
#include <QStringList>
#include <functional>
#include <optional>
#include <stop_token>

#include "storage/history.h"
#include "ui/settings/export_choice_dialog.h"

class QWidget;

namespace moescope {

struct ExportJob {
    ExportChoice choice;
    QString path;
    QList<qint64> conversations;
};

/// Asks what is wanted and for a file, whose ending becomes that of the format. `choice` is what was wanted last, and
/// is updated; `title` names the file. Nothing if the user gave up.
std::optional<ExportJob> askForExport(QWidget* parent, ThemeStore* themes, const QList<qint64>& conversations,
                                      const QString& title, ExportChoice& choice);
/// Writes the file; it appears whole or not at all. Any thread.
Status runExport(const std::string& data_dir, const ExportJob& job, const std::stop_token& stop = {});
/// A PDF of conversations as the window shows them, on white. Any thread, after the application exists.
Status writePdf(const QString& path, const std::vector<ConversationContent>& conversations, const ExportChoice& choice,
                const std::stop_token& stop = {});

struct Imported {
    int conversations = 0;  ///< that are new
    int extended = 0;       ///< that were here and got messages
    int present = 0;        ///< that were here with all of theirs
    QString remark;         ///< what was left out, if anything was
    Status status;          ///< why it ended early; what was imported until then stays
};
QStringList askForImport(QWidget* parent);
/// Reads all files before the first conversation is stored: a file that cannot be read leaves the history as it was.
/// Others can write meanwhile. `progress` is told per cents, on this thread. A stop keeps the conversations that were
/// brought in until then. Any thread.
Imported runImport(const std::string& data_dir, const QStringList& paths, const std::function<void(int)>& progress = {},
                   const std::stop_token& stop = {});
/// What came of it, for the user.
QString importSentence(const Imported& done);

}  // namespace moescope
