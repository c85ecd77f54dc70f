// The program itself, as it is started: twice, without a display, with wrong options.

#include <QFileInfo>
#include <QProcess>
#include <QProcessEnvironment>
#include <QTemporaryDir>
#include <QTest>
#include <memory>
#include <vector>

class TestProgram : public QObject {
    Q_OBJECT

private slots:
    void aSecondStartBringsUpTheFirst();
    void manyStartsAtOnce();
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
    QTRY_VERIFY_WITH_TIMEOUT(QFileInfo::exists(dir.filePath(QStringLiteral("window.pid"))), 20'000);
    QProcess second;
    second.setProcessEnvironment(offscreen());
    second.start(kProgram, arguments);
    QVERIFY(second.waitForFinished(20'000));
    QCOMPARE(second.exitCode(), 0);
    QVERIFY(second.readAllStandardOutput().contains("running already"));
    QTest::qWait(200);
    QCOMPARE(first.state(), QProcess::Running);
    // Another folder is another program.
    QTemporaryDir other;
    QProcess third;
    third.setProcessEnvironment(offscreen());
    third.start(kProgram, {QStringLiteral("--data-dir"), other.path(), QStringLiteral("--no-model")});
    QTRY_VERIFY_WITH_TIMEOUT(QFileInfo::exists(other.filePath(QStringLiteral("window.pid"))), 20'000);
    QCOMPARE(third.state(), QProcess::Running);
    for (QProcess* p : {&first, &third}) {
        p->kill();
        p->waitForFinished();
    }
    // After a kill nothing is in the way.
    QProcess again;
    again.setProcessEnvironment(offscreen());
    again.start(kProgram, arguments);
    QTest::qWait(1000);
    QCOMPARE(again.state(), QProcess::Running);
    again.kill();
    again.waitForFinished();
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
    process.start(kProgram, {QStringLiteral("--no-such-option")});
    QVERIFY(process.waitForFinished(20'000));
    QVERIFY(process.exitCode() != 0);
}

QTEST_GUILESS_MAIN(TestProgram)
#include "test_program.moc"
