// The window, typing one text as a user does: it waits until the draft is on the disk, makes the file ARMED, and sends.
// Ends by itself when the question has been stored and its answer has begun. Usage: send_window DATA_DIR MODEL TEXT
// ARMED [edit] (edit: the last question gets the text)

#include <QApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QPlainTextEdit>
#include <QSignalSpy>
#include <QTest>
#include <cstdio>
#include <cstring>

#include "app/window/history_writer.h"
#include "app/window/main_window.h"
#include "app/window/settings_json.h"
#include "ui/composer/composer.h"

using namespace moescope;

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    if (argc < 5) return 2;
    auto history = History::open(argv[1]);
    if (!history.ok()) {
        std::fprintf(stderr, "%s\n", history.status().message().c_str());
        return 1;
    }
    AppSettings settings;
    settings.context_size = 2048;
    settings.threads = 1;
    settings.generation.max_tokens = 4;
    (void)(*history)->settings().set("app", jsonOf(settings));
    WindowOptions options;
    options.data_dir = argv[1];
    options.model = QString::fromLocal8Bit(argv[2]);
    MainWindow window(std::move(*history), options);
    window.show();
    auto* composer = window.findChild<Composer*>();
    auto* edit = composer->findChild<QPlainTextEdit*>();
    if (!QTest::qWaitFor([&] { return composer->enabledReason().isEmpty(); }, 60'000)) return 3;
    composer->setText({});
    QTest::qWait(50);
    if (argc > 5) {
        QTest::keyClick(edit, Qt::Key_Up, Qt::ControlModifier);
        edit->selectAll();
    }
    QTest::keyClicks(edit, QString::fromUtf8(argv[3]));
    QTest::qWait(400);
    if (!window.writer().finish(std::chrono::seconds(60))) return 4;
    QSignalSpy ended(&window.chat(), &ChatController::answerEnded);
    QFile armed(QString::fromLocal8Bit(argv[4]));
    if (!armed.open(QIODevice::WriteOnly)) return 5;
    armed.close();
    QTest::keyClick(edit, Qt::Key_Return);
    if (ended.isEmpty() && !ended.wait(60'000)) return 6;
    std::puts("answered");
    return 0;
}
