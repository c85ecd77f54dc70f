#pragma once
// A window to test: on a history of its own, with the demo model, greedy sampling.

#include <QPlainTextEdit>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "app/window/main_window.h"
#include "ui/chat/transcript_model.h"
#include "ui/chat/transcript_view.h"
#include "ui/chrome/notice_bar.h"
#include "ui/composer/composer.h"
#include "ui/sidebar/sidebar.h"

namespace moescope {

class Desk {
public:
    explicit Desk(const QString& data_dir, bool load = true) {
        auto history = History::open(data_dir.toStdString());
        if (!history.ok()) qFatal("%s", history.status().message().c_str());
        WindowOptions options;
        options.data_dir = data_dir.toStdString();
        options.demo_model = QStringLiteral(MOESCOPE_DEMO_MODEL);
        options.load_model = load;
        window = std::make_unique<MainWindow>(std::move(*history), options);
        window->resize(1440, 900);  // wide enough for all of its parts
        window->show();
        window->activateWindow();  // nobody else does where there is no window manager
        QSignalSpy loaded(&window->engine(), &EngineThread::loaded);
        if (load && !loaded.wait(20'000)) qFatal("the demo model was not loaded");
        GenerationSettings greedy;
        greedy.temperature = 0;
        greedy.max_tokens = 160;
        window->chat().setDefaults(greedy);
        transcript = window->findChild<TranscriptModel*>();
        composer = window->findChild<Composer*>();
        sidebar = window->findChild<Sidebar*>();
        notice = window->findChild<NoticeBar*>();
        edit = composer->findChild<QPlainTextEdit*>();
    }

    /// Types a question, sends it by Enter and waits for its answer, which is returned.
    QString ask(const QString& question) {
        QSignalSpy ended(&window->chat(), &ChatController::answerEnded);
        composer->setText(question);
        QTest::keyClick(edit, Qt::Key_Return);
        if (ended.isEmpty() && !ended.wait(20'000)) return QStringLiteral("(no answer)");
        return lastText();
    }

    QString lastText() const {
        return transcript->count() == 0 ? QString()
                                        : QString::fromStdString(transcript->at(transcript->count() - 1).text);
    }
    qint64 idAt(int row) const { return transcript->at(row).id; }

    std::unique_ptr<MainWindow> window;
    TranscriptModel* transcript = nullptr;
    Composer* composer = nullptr;
    Sidebar* sidebar = nullptr;
    NoticeBar* notice = nullptr;
    QWidget* edit = nullptr;
};

}  // namespace moescope
