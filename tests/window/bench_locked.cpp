// How long the window is away while another program writes to its history: keys are typed all the time and a question
// is sent, alone, while the writer's lock is held, and while a long chat is imported by the command line. Prints the
// longest gap of the event loop for each, and whether all that was typed is there.
// Usage: bench_locked [SECONDS] [MESSAGES] (default 30 and 100000)

#include <QApplication>
#include <QFile>
#include <QPlainTextEdit>
#include <QProcess>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <cstdio>

#include "app/window/history_writer.h"
#include "app/window/main_window.h"
#include "storage/exchange/export.h"
#include "tests/window/loop_gaps.h"
#include "ui/composer/composer.h"

using namespace moescope;

namespace {

QByteArray longChat(int messages) {
    ConversationContent content;
    content.conversation.title = "A long chat";
    for (int m = 1; m <= messages; ++m) {
        MessageContent c;
        c.message.id = m;
        if (m > 1) c.message.parent = m - 1;
        c.message.author = m % 2 ? Author::kUser : Author::kAssistant;
        c.message.text =
            "The router sends each token to six of its experts, and adds what they say, time " + std::to_string(m);
        c.message.finish = m % 2 ? FinishReason::kUnfinished : FinishReason::kEndOfText;
        content.messages.push_back(std::move(c));
    }
    content.conversation.leaf = messages;
    const std::vector<ConversationContent> all{std::move(content)};
    return QByteArray::fromStdString(exportConversations(all, ExportFormat::kJson, {}));
}

class Bench {
public:
    explicit Bench(MainWindow& window)
        : m_window(window), m_edit(window.findChild<Composer*>()->findChild<QPlainTextEdit*>()) {}

    /// Types until `ended`; after a second a question is sent. Prints what came of it.
    void run(const char* what, const std::function<bool()>& ended) {
        const QString question = QStringLiteral("What is %1 plus 8?").arg(++m_round);
        QTest::qWait(500);
        QSignalSpy answered(&m_window.chat(), &ChatController::answerEnded);
        LoopGaps gaps;
        QElapsedTimer clock, since;
        clock.start();
        QTest::keyClicks(m_edit, question);
        QTest::qWait(1000);
        QTest::keyClick(m_edit, Qt::Key_Return);
        QString typed;
        while (!ended()) {
            const char c = static_cast<char>('a' + typed.size() % 26);
            QTest::keyClick(m_edit, c);
            typed += QLatin1Char(c);
            QTest::qWait(40);
        }
        const double seconds = static_cast<double>(clock.elapsed()) / 1000;
        const double longest = gaps.longest(), usual = gaps.share(0.99);
        const bool came = answered.count() > 0 || answered.wait(120'000);
        QTest::qWait(500);  // a pause in typing, after which a draft is saved
        const bool saved = m_window.writer().finish(std::chrono::seconds(120));
        const auto draft = m_window.chat().current().draft;
        std::printf("%-34s %5.1f s: longest gap %6.1f ms, p99 %5.1f ms; %d keys, draft %s, question %s\n", what,
                    seconds, longest, usual, static_cast<int>(typed.size()),
                    saved && QString::fromStdString(draft) == typed ? "whole" : "NOT WHOLE",
                    came ? "answered" : "LOST");
        std::fflush(stdout);
        m_window.findChild<Composer*>()->setText({});
        m_window.chat().setDraft({});
    }

private:
    MainWindow& m_window;
    QPlainTextEdit* m_edit;
    int m_round = 0;
};

}  // namespace

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    QApplication::setStyle(QStringLiteral("Fusion"));
    const QString seconds = QString::fromLatin1(argc > 1 ? argv[1] : "30");
    const int messages = argc > 2 ? std::atoi(argv[2]) : 100'000;
    QTemporaryDir dir;
    auto history = History::open(dir.path().toStdString());
    if (!history.ok()) return 1;
    WindowOptions options;
    options.data_dir = dir.path().toStdString();
    options.demo_model = QStringLiteral(MOESCOPE_DEMO_MODEL);
    MainWindow window(std::move(*history), options);
    window.resize(1600, 1000);
    window.show();
    if (!QTest::qWaitFor([&] { return window.findChild<Composer*>()->enabledReason().isEmpty(); }, 60'000)) return 1;
    QTest::qWait(3000);  // the backup of the start
    Bench bench(window);
    QElapsedTimer clock;
    clock.start();
    bench.run("alone", [&] { return clock.elapsed() > 8000; });
    {
        QProcess holder;
        holder.start(QStringLiteral(MOESCOPE_HOLD_LOCK), {dir.path(), seconds});
        if (!holder.waitForReadyRead(30'000)) return 1;
        bench.run("while another holds the lock", [&] { return holder.state() == QProcess::NotRunning; });
    }
    QFile file(dir.filePath(QStringLiteral("long.json")));
    if (messages > 0 && file.open(QIODevice::WriteOnly)) {
        file.write(longChat(messages));
        file.close();
        QProcess import;
        import.start(QStringLiteral(MOESCOPE_CLI), {QStringLiteral("history"), QStringLiteral("import"),
                                                    file.fileName(), QStringLiteral("--data-dir"), dir.path()});
        if (!import.waitForStarted()) return 1;
        bench.run("while the command line imports", [&] { return import.state() == QProcess::NotRunning; });
        std::printf("%s%s", import.readAllStandardOutput().constData(), import.readAllStandardError().constData());
    }
    return 0;
}
