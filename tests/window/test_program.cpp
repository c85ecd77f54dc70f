// The program itself, as it is started: twice, with locks that cannot be had, without a display, with wrong options.

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QProcessEnvironment>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>
#include <memory>
#include <vector>

#include "app/window/crash_note.h"
#include "app/window/window_lock.h"
#include "engine/base/version.h"
#include "storage/history.h"

using namespace moescope;

class TestProgram : public QObject {
    Q_OBJECT

private slots:
    void aSecondStartBringsUpTheFirst();
    void aFileOpensInTheWindowThatIsThere();
    void aQuestionIsAskedHereOrThere();
    void manyStartsAtOnce();
    void aLockOfSomebodyElse();
    void aLockThatCannotBeTaken_data();
    void aLockThatCannotBeTaken();
    void socketsHaveShortNames();
    void aCrashIsToldAtTheNextStart_data();
    void aCrashIsToldAtTheNextStart();
    void withoutADisplay();
    void options();
};

namespace {

QProcessEnvironment offscreen() {
    QProcessEnvironment env = QProcessEnvironment::systemEnvironment();
    env.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
    return env;
}

const QString kProgram = QStringLiteral(MOESCOPE_PROGRAM);

}  // namespace

void TestProgram::aSecondStartBringsUpTheFirst() {
    QTemporaryDir dir;
    const QStringList arguments{QStringLiteral("--data-dir"), dir.path(), QStringLiteral("--no-model")};
    QProcess first;
    first.setProcessEnvironment(offscreen());
    first.start(kProgram, arguments);
    QTRY_VERIFY_WITH_TIMEOUT(QFileInfo::exists(dir.filePath(QStringLiteral("window.socket"))), 20'000);
    QProcess second;
    second.setProcessEnvironment(offscreen());
    second.start(kProgram, arguments);
    QVERIFY(second.waitForFinished(20'000));
    QCOMPARE(second.exitCode(), 0);
    QVERIFY(second.readAllStandardOutput().contains("already running"));
    QTest::qWait(200);
    QCOMPARE(first.state(), QProcess::Running);
    // Another folder is another program.
    QTemporaryDir other;
    QProcess third;
    third.setProcessEnvironment(offscreen());
    third.start(kProgram, {QStringLiteral("--data-dir"), other.path(), QStringLiteral("--no-model")});
    QTRY_VERIFY_WITH_TIMEOUT(QFileInfo::exists(other.filePath(QStringLiteral("window.socket"))), 20'000);
    QCOMPARE(third.state(), QProcess::Running);
    for (QProcess* p : {&first, &third}) {
        p->kill();
        p->waitForFinished();
    }
    // After a kill nothing is in the way, nor is what older programs left.
    QFile number(dir.filePath(QStringLiteral("window.pid")));
    QVERIFY(number.open(QIODevice::WriteOnly));
    number.close();
    QProcess again;
    again.setProcessEnvironment(offscreen());
    again.start(kProgram, arguments);
    QTest::qWait(1000);
    QCOMPARE(again.state(), QProcess::Running);
    QVERIFY(!number.exists());
    again.kill();
    again.waitForFinished();
}

void TestProgram::aFileOpensInTheWindowThatIsThere() {
    QTemporaryDir dir;
    WindowLock first(dir.path().toStdString());
    QCOMPARE(first.state(), WindowLock::State::kFirst);
    QSignalSpy forward(&first, &WindowLock::comeForward), wanted(&first, &WindowLock::fileWanted);
    const QStringList folder{QStringLiteral("--data-dir"), dir.path()};
    // As a file manager does it, and as one types it.
    QProcess second;
    second.setProcessEnvironment(offscreen());
    second.setWorkingDirectory(dir.path());
    second.start(kProgram, folder + QStringList{QStringLiteral("a model.gguf")});
    QTRY_COMPARE_WITH_TIMEOUT(second.state(), QProcess::NotRunning, 20'000);
    QCOMPARE(second.exitCode(), 0);
    QCOMPARE(forward.count(), 1);
    QCOMPARE(wanted.count(), 1);
    QCOMPARE(wanted.first().first().toString(),
             QFileInfo(dir.path()).absoluteFilePath() + QStringLiteral("/a model.gguf"));
    second.start(kProgram, folder);
    QTRY_COMPARE_WITH_TIMEOUT(second.state(), QProcess::NotRunning, 20'000);
    QCOMPARE(forward.count(), 2);
    QCOMPARE(wanted.count(), 1);
}

void TestProgram::aQuestionIsAskedHereOrThere() {
    QTemporaryDir dir;
    const auto start = [&](QProcess& program, const char* question) {
        program.setProcessEnvironment(offscreen());
        program.start(kProgram,
                      {QStringLiteral("--data-dir"), dir.path(), QStringLiteral("--model"),
                       QStringLiteral(MOESCOPE_DEMO_MODEL), QStringLiteral("--ask"), QString::fromLatin1(question)});
    };
    // Texts of all chats, the newest first.
    const auto texts = [&] {
        QStringList all;
        auto history = History::open(dir.path().toStdString());
        if (!history.ok()) return all;
        const auto chats = (*history)->conversations({});
        for (const Conversation& chat : chats.ok() ? *chats : std::vector<Conversation>()) {
            const auto messages = (*history)->messages(chat.id);
            for (const Message& m : messages.ok() ? *messages : std::vector<Message>()) {
                if (m.finish != FinishReason::kUnfinished || m.author == Author::kUser)
                    all << QString::fromStdString(m.text);
            }
        }
        return all;
    };
    QProcess first, second;
    start(first, "What is 7 plus 8?");
    const QStringList one{QStringLiteral("What is 7 plus 8?"), QStringLiteral("7 + 8 = 15")};
    QTRY_COMPARE_WITH_TIMEOUT(texts(), one, 30'000);
    start(second, "What is the capital of France?");
    QVERIFY(second.waitForFinished(20'000));
    QCOMPARE(second.exitCode(), 0);
    QTRY_VERIFY_WITH_TIMEOUT(texts().size() == 4 && texts()[1].contains(QLatin1String("Paris")), 30'000);
    QCOMPARE(texts().mid(2), one);  // in a chat of its own
    first.kill();
    first.waitForFinished();
}

void TestProgram::manyStartsAtOnce() {
    QTemporaryDir dir;
    std::vector<std::unique_ptr<QProcess>> all;
    for (int i = 0; i < 4; ++i) {
        all.push_back(std::make_unique<QProcess>());
        all.back()->setProcessEnvironment(offscreen());
        all.back()->start(kProgram, {QStringLiteral("--data-dir"), dir.path(), QStringLiteral("--no-model")});
    }
    const auto running = [&] {
        int count = 0;
        for (const auto& p : all) count += p->state() != QProcess::NotRunning;
        return count;
    };
    QTRY_COMPARE_WITH_TIMEOUT(running(), 1, 30'000);
    QTest::qWait(300);
    QCOMPARE(running(), 1);
    for (const auto& p : all) {
        if (p->state() == QProcess::NotRunning) QCOMPARE(p->exitCode(), 0);
        p->kill();
        p->waitForFinished();
    }
}

void TestProgram::aLockOfSomebodyElse() {
    QTemporaryDir dir;
    // The lock is another program's, and a number from an earlier run has gone to a process that has no part in this.
    const auto held = FileLock::tryLock(dir.filePath(QStringLiteral("window.lock")).toStdString());
    QVERIFY(held.ok() && *held);
    QProcess stranger;
    stranger.start(QStringLiteral("sleep"), {QStringLiteral("300")});
    QVERIFY(stranger.waitForStarted());
    QFile number(dir.filePath(QStringLiteral("window.pid")));
    QVERIFY(number.open(QIODevice::WriteOnly));
    number.write(QByteArray::number(stranger.processId()) + '\n');
    number.close();
    QProcess program;
    program.setProcessEnvironment(offscreen());
    program.start(kProgram, {QStringLiteral("--data-dir"), dir.path(), QStringLiteral("--no-model")});
    QByteArray said;
    QTRY_VERIFY_WITH_TIMEOUT((said += program.readAllStandardError()).contains("does not respond"), 30'000);
    QVERIFY(said.contains(dir.path().toUtf8()));
    QVERIFY(program.readAllStandardOutput().isEmpty());
    QCOMPARE(stranger.state(), QProcess::Running);
    QVERIFY(!QFileInfo::exists(dir.filePath(QStringLiteral("history.sqlite"))));
    program.kill();  // it shows its box
    program.waitForFinished();
    stranger.kill();
    stranger.waitForFinished();
}

void TestProgram::aLockThatCannotBeTaken_data() {
    QTest::addColumn<bool>("folder_in_the_way");
    QTest::newRow("a folder has its name") << true;
    QTest::newRow("no locks, as on some network drives") << false;
}

void TestProgram::aLockThatCannotBeTaken() {
    QFETCH(bool, folder_in_the_way);
    QTemporaryDir dir;
    QProcess stranger;
    stranger.start(QStringLiteral("sleep"), {QStringLiteral("300")});
    QVERIFY(stranger.waitForStarted());
    QFile number(dir.filePath(QStringLiteral("window.pid")));
    QVERIFY(number.open(QIODevice::WriteOnly));
    number.write(QByteArray::number(stranger.processId()) + '\n');
    number.close();
    QProcessEnvironment env = offscreen();
    if (folder_in_the_way) {
        QVERIFY(QDir(dir.path()).mkdir(QStringLiteral("window.lock")));
    } else {
        env.insert(QStringLiteral("LD_PRELOAD"), QStringLiteral(MOESCOPE_NO_LOCKS));
        env.insert(QStringLiteral("ASAN_OPTIONS"), QStringLiteral("verify_asan_link_order=0"));
    }
    QProcess program;
    program.setProcessEnvironment(env);
    program.start(kProgram, {QStringLiteral("--data-dir"), dir.path(), QStringLiteral("--no-model")});
    QByteArray said;
    QTRY_VERIFY_WITH_TIMEOUT((said += program.readAllStandardError()).contains("window.lock"), 20'000);
    QVERIFY(said.contains(folder_in_the_way ? "cannot be opened" : "cannot be locked"));
    QVERIFY(said.contains("--data-dir"));
    QVERIFY(program.readAllStandardOutput().isEmpty());
    QCOMPARE(stranger.state(), QProcess::Running);
    program.kill();
    program.waitForFinished();
    stranger.kill();
    stranger.waitForFinished();
}

void TestProgram::socketsHaveShortNames() {
    QTemporaryDir dir;
    QVERIFY(WindowLock::socketPaths(dir.path().toStdString()).first().startsWith(dir.path()));
    const QString deep = dir.filePath(QString(120, QLatin1Char('d')));
    QVERIFY(QDir().mkpath(deep));
    const QStringList paths = WindowLock::socketPaths(deep.toStdString());
    for (const QString& path : paths) QVERIFY(path.toUtf8().size() <= 96);
    // The same folder by another name is the same folder.
    QVERIFY(QFile::link(dir.path(), dir.path() + QStringLiteral("-link")));
    QCOMPARE(WindowLock::socketPaths((dir.path() + QStringLiteral("-link")).toStdString()),
             WindowLock::socketPaths(dir.path().toStdString()));
    QFile::remove(dir.path() + QStringLiteral("-link"));
}

void TestProgram::aCrashIsToldAtTheNextStart_data() {
    QTest::addColumn<int>("number");
    QTest::addColumn<QByteArray>("name");
    QTest::newRow("a fault") << SIGSEGV << QByteArray("SIGSEGV");
    QTest::newRow("an abort") << SIGABRT << QByteArray("SIGABRT");
}

void TestProgram::aCrashIsToldAtTheNextStart() {
    QFETCH(int, number);
    QFETCH(QByteArray, name);
    QTemporaryDir dir;
    const QString note = dir.filePath(QStringLiteral("crash-note"));
    const QStringList arguments{QStringLiteral("--data-dir"), dir.path(), QStringLiteral("--no-model")};
    QProcess program;
    program.setProcessEnvironment(offscreen());
    program.start(kProgram, arguments);
    QTRY_VERIFY_WITH_TIMEOUT(QFileInfo::exists(dir.filePath(QStringLiteral("window.socket"))), 20'000);
    QProcess second;  // ends when the first has its window and answers
    second.setProcessEnvironment(offscreen());
    second.start(kProgram, arguments);
    QVERIFY(second.waitForFinished(60'000));
    QCOMPARE(second.exitCode(), 0);
    QVERIFY(!QFileInfo::exists(note));
    ::kill(static_cast<pid_t>(program.processId()), number);
    QVERIFY(program.waitForFinished(20'000));
    QCOMPARE(program.exitStatus(), QProcess::CrashExit);  // as it would have ended without a note
    const auto left = takeCrashNote(dir.path().toStdString());
    QVERIFY(left);
    QCOMPARE(QByteArray::fromStdString(left->signal), name);
    QCOMPARE(left->version, std::string(programVersion()));
    QCOMPARE(left->action, std::string("waiting"));
    QVERIFY(!QFileInfo::exists(note));
    QVERIFY(!takeCrashNote(dir.path().toStdString()));
    // A start that ends in order leaves nothing, and what stands in a note is not trusted.
    QFile hostile(note);
    QVERIFY(hostile.open(QIODevice::WriteOnly));
    hostile.write("\x1b]52;c;AAAA\x07" + QByteArray(5000, 'n'));
    hostile.close();
    const auto read = takeCrashNote(dir.path().toStdString());
    QVERIFY(read);
    QVERIFY(crashWords(*read).size() < 700);
    QVERIFY(crashWords(*read).find('\x1b') == std::string::npos);
}

void TestProgram::withoutADisplay() {
    QProcessEnvironment env = QProcessEnvironment::systemEnvironment();
    for (const char* name : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}) env.remove(QString::fromLatin1(name));
    QProcess process;
    process.setProcessEnvironment(env);
    process.start(kProgram, {});
    QVERIFY(process.waitForFinished(20'000));
    QCOMPARE(process.exitCode(), 3);
    QVERIFY(process.readAllStandardError().contains("moescope-cli chat"));
}

void TestProgram::options() {
    QProcess process;
    process.setProcessEnvironment(offscreen());
    process.start(kProgram, {QStringLiteral("--help")});
    QVERIFY(process.waitForFinished(20'000));
    QCOMPARE(process.exitCode(), 0);
    QVERIFY(process.readAllStandardOutput().contains("--data-dir"));
    process.start(kProgram, {QStringLiteral("--version")});
    QVERIFY(process.waitForFinished(20'000));
    QVERIFY(process.readAllStandardOutput().startsWith("moescope "));
    process.start(kProgram, {QStringLiteral("--no-such-option")});
    QVERIFY(process.waitForFinished(20'000));
    QVERIFY(process.exitCode() != 0);
}

QTEST_GUILESS_MAIN(TestProgram)
#include "test_program.moc"
