// The window, asking and answering by itself until it is killed; tells what it shows as killed_program.h says.
// Usage: kill_window DATA_DIR MODEL

#include <QApplication>
#include <QPlainTextEdit>
#include <QRandomGenerator>
#include <QTest>
#include <QTimer>
#include <cstdio>

#include "app/window/main_window.h"
#include "app/window/settings_json.h"
#include "ui/chat/transcript_model.h"
#include "ui/composer/composer.h"

using namespace moescope;

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    if (argc != 3) return 2;
    auto history = History::open(argv[1]);
    if (!history.ok()) {
        std::fprintf(stderr, "%s\n", history.status().message().c_str());
        return 1;
    }
    AppSettings settings;
    settings.context_size = 100'000;
    settings.threads = 1;
    settings.generation.temperature = 1;
    settings.generation.max_tokens = 90'000;
    (void)(*history)->settings().set("app", jsonOf(settings));
    WindowOptions options;
    options.data_dir = argv[1];
    options.model = QString::fromLocal8Bit(argv[2]);
    MainWindow window(std::move(*history), options);
    window.show();
    auto* composer = window.findChild<Composer*>();
    auto* edit = composer->findChild<QPlainTextEdit*>();
    auto* transcript = window.findChild<TranscriptModel*>();

    QTimer stop;  // some answers end, so that others begin
    stop.setSingleShot(true);
    QObject::connect(&stop, &QTimer::timeout, [&] { window.engine().stop(); });
    // A question is told of once it is stored; until then the transcript shows that it is being saved.
    QTimer tellQuestion;
    tellQuestion.setInterval(0);
    QObject::connect(&tellQuestion, &QTimer::timeout, [&] {
        if (window.chat().saving()) return;
        tellQuestion.stop();
        for (int row = transcript->count() - 1; row >= 0; --row) {
            const TranscriptMessage& m = transcript->at(row);
            if (m.role != TranscriptRole::kUser) continue;
            std::printf("Q %lld %lld %s\n", static_cast<long long>(window.chat().conversation()),
                        static_cast<long long>(m.id), m.text.c_str());
            std::fflush(stdout);
            break;
        }
    });
    int turn = 0;
    const auto ask = [&] {
        const QString text = QStringLiteral("question %1").arg(++turn);
        composer->setText(text);
        QTest::keyClick(edit, Qt::Key_Return);
        tellQuestion.start();
        stop.start(static_cast<int>(QRandomGenerator::global()->bounded(300, 4000)));
    };
    QObject::connect(
        &window.engine(), &EngineThread::loaded, &app,
        [&] {
            window.chat().startNew();
            ask();
        },
        Qt::QueuedConnection);
    QObject::connect(&window.chat(), &ChatController::answerEnded, &app, ask, Qt::QueuedConnection);
    QObject::connect(&window.chat(), &ChatController::answerProgress, [&](const AnswerBatch& batch) {
        const TranscriptMessage* shown = transcript->find(batch.message);
        if (!shown) return;
        std::printf("T %lld %zu\n", static_cast<long long>(batch.message), shown->text.size());
        std::fflush(stdout);
    });
    return QApplication::exec();
}
