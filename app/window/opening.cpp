#include "app/window/opening.h"

#include <QCoreApplication>
#include <QMessageBox>
#include <QPushButton>
#include <QTemporaryDir>
#include <cstdio>

#include "app/window/qt_text.h"
#include "app/window/settings_json.h"
#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

class Opening {
    Q_DECLARE_TR_FUNCTIONS(moescope::Opening)
};

/// Whether to go on without the history.
bool goOnWithout(const QString& why) {
    QMessageBox box(QMessageBox::Critical, QStringLiteral("Moescope"), Opening::tr("The history cannot be opened."),
                    QMessageBox::NoButton);
    box.setInformativeText(shownSentence(why));
    box.setObjectName(QStringLiteral("history_problem"));
    QPushButton* quit = box.addButton(Opening::tr("Quit"), QMessageBox::RejectRole);
    QPushButton* go_on = box.addButton(Opening::tr("Chat without saving"), QMessageBox::AcceptRole);
    box.setDefaultButton(quit);
    showAsPlainText(box);
    box.exec();
    return box.clickedButton() == go_on;
}

}  // namespace

OpenedHistory openForWindow(const std::string& data_dir) {
    OpenedHistory opened;
    auto history = History::open(data_dir);
    if (history.ok()) {
        opened.history = std::move(*history);
        opened.data_dir = data_dir;
        return opened;
    }
    if (!goOnWithout(qt(history.status().message()))) return opened;
    opened.temporary = std::make_unique<QTemporaryDir>();
    opened.data_dir = opened.temporary->path().toStdString();
    auto other = History::open(opened.data_dir);
    if (other.ok()) {
        opened.history = std::move(*other);
    } else {
        refuseToStart(other.status());
    }
    return opened;
}

int refuseToStart(const Status& why) {
    std::fprintf(stderr, "%s\n", why.message().c_str());
    QMessageBox box(QMessageBox::Critical, QStringLiteral("Moescope"), Opening::tr("Moescope cannot start."),
                    QMessageBox::Close);
    box.setObjectName(QStringLiteral("start_problem"));
    box.setInformativeText(shownSentence(qt(why.message())));
    showAsPlainText(box);
    box.exec();
    return 1;
}

QString describe(const OpenReport& report) {
    QStringList sentences;
    if (!report.damaged_path.empty()) {
        sentences << Opening::tr("The history was damaged. Recovered: %1 and %2. The damaged file was kept as %3.")
                         .arg(Opening::tr("%Ln chat(s)", nullptr, static_cast<int>(report.recovered_conversations)),
                              Opening::tr("%Ln message(s)", nullptr, static_cast<int>(report.recovered_messages)),
                              qt(report.damaged_path));
    } else if (report.migrated_from >= 0) {
        sentences << Opening::tr("Your history was upgraded to the current format; a copy of the old file is %1.")
                         .arg(qt(report.copy_path));
    } else if (report.interrupted_answers > 0) {
        sentences << Opening::tr("%Ln answer(s) interrupted when the program ended; the text written so far was kept.",
                                 nullptr, static_cast<int>(report.interrupted_answers));
    }
    if (!report.looked_at_again.empty()) {
        sentences << Opening::tr("An earlier recovery had missed %1; they were brought back from %2.")
                         .arg(Opening::tr("%Ln message(s)", nullptr, static_cast<int>(report.brought_back_messages)),
                              qt(report.looked_at_again));
    }
    if (!report.problem.empty()) sentences << qt(report.problem);
    return sentences.join(QLatin1Char(' '));
}

AppSettings readSettings(History& history) {
    const auto stored = history.settings().get("app", "{}");
    return appSettingsIn(stored.ok() ? *stored : "{}");
}

}  // namespace moescope
