// What goes wrong around the window: histories that are damaged, newer or cannot be written, a full disk. Nothing that
// was committed changes, and what happened is said.

#include <sys/mount.h>
#include <unistd.h>

#include <QApplication>
#include <QDir>
#include <QMessageBox>
#include <QPushButton>
#include <QTimer>

#include "app/window/opening.h"
#include "engine/backend/plugin_loader.h"
#include "tests/window/desk.h"
#include "ui/chrome/status_line.h"

using namespace moescope;

namespace {

QByteArray bytesOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// A small file system of its own, which can be full. Empty without the right to mount one.
class SmallDisk {
public:
    explicit SmallDisk(const char* options) {
        m_mounted = ::mount("tmpfs", m_dir.path().toLocal8Bit().constData(), "tmpfs", 0, options) == 0;
    }
    ~SmallDisk() {
        if (m_mounted) ::umount2(m_dir.path().toLocal8Bit().constData(), MNT_DETACH);
    }
    bool mounted() const { return m_mounted; }
    QString path() const { return m_dir.path(); }

    /// Takes all room that is left.
    void fill() const {
        QFile file(m_dir.filePath(QStringLiteral("filler")));
        if (!file.open(QIODevice::WriteOnly | QIODevice::Unbuffered)) return;
        for (qsizetype size = 1 << 16; size > 0;) {
            if (file.write(QByteArray(size, 'x')) < size) size /= 2;
        }
    }
    void makeRoom() const { QFile::remove(m_dir.filePath(QStringLiteral("filler"))); }

private:
    QTemporaryDir m_dir;
    bool m_mounted = false;
};

/// Presses a button of the message box that comes, and gives what the box said.
void answerBox(const QString& button, QString* said) {
    QTimer::singleShot(50, qApp, [button, said] {
        auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
        if (!box) return answerBox(button, said);
        *said = box->text() + QLatin1Char('\n') + box->informativeText();
        for (QAbstractButton* b : box->buttons()) {
            if (b->text().remove(QLatin1Char('&')) == button) return b->click();
        }
        box->reject();
    });
}

}  // namespace

class TestTrouble : public QObject {
    Q_OBJECT

private slots:
    void aNewerHistoryIsLeftAlone();
    void aProblemAtTheStartIsSaid();
    void aDamagedHistoryIsSetAside_data();
    void aDamagedHistoryIsSetAside();
    void aFullDiskLosesNothing();
    void aDiskThatIsFullWhileAnAnswerComes();
    void withoutACardTheProcessorComputes();
    void aCardThatCannotBeUsedIsSaid();
};

void TestTrouble::withoutACardTheProcessorComputes() {
    QTemporaryDir dir, no_plugins;
    usePlugin(nullptr);  // the one that was found before
    qputenv("MOESCOPE_PLUGINS", no_plugins.path().toLocal8Bit());
    Desk desk(dir.path());
    qunsetenv("MOESCOPE_PLUGINS");
    QVERIFY(desk.notice->sentence().isEmpty());  // most machines are such
    const auto* status = desk.window->findChild<StatusLine*>();
    QVERIFY(status->text().contains(QLatin1String("CPU")));
    QVERIFY2(status->toolTip().contains(QLatin1String("plug-in is not installed")), qPrintable(status->toolTip()));
}

void TestTrouble::aCardThatCannotBeUsedIsSaid() {
    QTemporaryDir dir, plugins;
    QFile file(plugins.filePath(QStringLiteral("moescope-cuda.so")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("no library");
    file.close();
    usePlugin(nullptr);
    qputenv("MOESCOPE_PLUGINS", plugins.path().toLocal8Bit());
    Desk desk(dir.path());
    qunsetenv("MOESCOPE_PLUGINS");
    QVERIFY2(desk.notice->sentence().contains(QLatin1String("The CUDA plug-in cannot be loaded")),
             qPrintable(desk.notice->sentence()));
    QVERIFY(desk.window->findChild<StatusLine*>()->text().contains(QLatin1String("CPU")));
    QVERIFY(desk.ask(QStringLiteral("What is 2 plus 3?")).contains(QLatin1String("5")));
}

void TestTrouble::aNewerHistoryIsLeftAlone() {
    QTemporaryDir dir;
    const QString path = dir.filePath(QStringLiteral("history.sqlite"));
    {
        Desk desk(dir.path());
        desk.ask(QStringLiteral("Hello!"));
        desk.window->close();
    }
    // As a program of the future would have left it: another version in the file's head (bytes 60 to 63).
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadWrite));
    file.seek(60);
    file.write(QByteArray("\x00\x00\x27\x0f", 4));
    file.close();
    const QByteArray before = bytesOf(path);

    QString said;
    answerBox(QStringLiteral("Quit"), &said);
    QVERIFY(!openForWindow(dir.path().toStdString()).history);
    QVERIFY2(said.contains(QStringLiteral("newer")), qPrintable(said));
    QCOMPARE(bytesOf(path), before);

    answerBox(QStringLiteral("Chat without saving"), &said);
    OpenedHistory other = openForWindow(dir.path().toStdString());
    QVERIFY(other.history);
    QVERIFY(other.temporary);
    WindowOptions options;
    options.data_dir = other.data_dir;
    options.load_model = false;
    options.kept_nowhere = true;
    {
        MainWindow window(std::move(other.history), options);
        window.show();
        QVERIFY(window.findChild<NoticeBar*>()->sentence().contains(
            QStringLiteral("nothing from this session will be saved")));
    }
    QCOMPARE(bytesOf(path), before);
}

void TestTrouble::aProblemAtTheStartIsSaid() {
    QString said;
    answerBox(QStringLiteral("Close"), &said);
    QCOMPARE(refuseToStart(ioError("<b>/data</b>: cannot be locked.")), 1);
    QVERIFY(said.contains(QLatin1String("<b>/data</b>: cannot be locked.")));
}

void TestTrouble::aDamagedHistoryIsSetAside_data() {
    QTest::addColumn<int>("damage");
    QTest::newRow("truncated") << 0;
    QTest::newRow("zeroed") << 1;
    QTest::newRow("a page of noise") << 2;
}

void TestTrouble::aDamagedHistoryIsSetAside() {
    QFETCH(int, damage);
    QTemporaryDir dir;
    const QString path = dir.filePath(QStringLiteral("history.sqlite"));
    {
        Desk desk(dir.path());
        desk.ask(QStringLiteral("What is 7 plus 8?"));
        desk.window->close();
    }
    QByteArray bytes = bytesOf(path);
    if (damage == 0) bytes.truncate(bytes.size() / 2);
    if (damage == 1) bytes.fill('\0');
    if (damage == 2) {
        for (qsizetype i = 4096; i < 8192; ++i) bytes[i] = static_cast<char>(i * 31 % 251);
    }
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(bytes);
    file.close();

    Desk desk(dir.path());  // loads a model, which must not hide what is said
    QVERIFY2(desk.notice->sentence().contains(QStringLiteral("damaged")), qPrintable(desk.notice->sentence()));
    // The damaged file is where the sentence says, byte by byte.
    bool kept = false;
    for (const QFileInfo& info : QDir(dir.path()).entryInfoList(QDir::Files)) {
        kept = kept || (desk.notice->sentence().contains(info.fileName()) && bytesOf(info.filePath()) == bytes);
    }
    QVERIFY(kept);
    QCOMPARE(desk.ask(QStringLiteral("Hello!")), QStringLiteral("Hello! How can I help you?"));
}

void TestTrouble::aFullDiskLosesNothing() {
    const SmallDisk disk("size=3m");
    if (!disk.mounted()) QSKIP("needs the right to mount a small file system");
    Desk desk(disk.path());
    QCOMPARE(desk.ask(QStringLiteral("What is 7 plus 8?")), QStringLiteral("7 + 8 = 15"));
    const qint64 id = desk.window->chat().conversation();
    disk.fill();
    const QString question = QStringLiteral("Hello!");
    desk.composer->setText(question);
    // The log may still have room for a question or two.
    for (int i = 0; i < 200 && desk.notice->sentence().isEmpty(); ++i) {
        QTest::keyClick(desk.edit, Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(!desk.window->chat().answering(), 20'000);
        if (desk.notice->sentence().isEmpty()) desk.composer->setText(question);
    }
    QVERIFY2(desk.notice->sentence().contains(QStringLiteral("full")), qPrintable(desk.notice->sentence()));
    const int shown = desk.transcript->count();
    // Nothing can be stored now: what is written stays written.
    disk.fill();
    desk.composer->setText(question);
    for (int i = 0; i < 50 && desk.composer->text().isEmpty() == (i > 0); ++i) {
        QTest::keyClick(desk.edit, Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(!desk.window->chat().answering(), 20'000);
    }
    QCOMPARE(desk.composer->text(), question);
    QVERIFY(desk.transcript->count() >= shown);
    QCOMPARE(QString::fromStdString(desk.transcript->at(1).text), QStringLiteral("7 + 8 = 15"));

    disk.makeRoom();
    QCOMPARE(desk.ask(question), QStringLiteral("Hello! How can I help you?"));
    desk.window->close();
    desk.window.reset();
    const auto history = History::open(disk.path().toStdString());
    QVERIFY(history.ok());
    QVERIFY((*history)->checkIntegrity().ok());
    const auto messages = (*history)->messages(id);
    QCOMPARE(messages->at(0).text, std::string("What is 7 plus 8?"));
    QCOMPARE(messages->at(1).text, std::string("7 + 8 = 15"));
    QCOMPARE(messages->back().text, std::string("Hello! How can I help you?"));
}

void TestTrouble::aDiskThatIsFullWhileAnAnswerComes() {
    const SmallDisk disk("size=3m");
    if (!disk.mounted()) QSKIP("needs the right to mount a small file system");
    Desk desk(disk.path());
    desk.ask(QStringLiteral("Hello!"));
    GenerationSettings s;
    s.temperature = 5;  // long noise
    s.top_k = 0;
    s.top_p = 1;
    s.min_p = 0;
    s.max_tokens = 700;
    s.random_seed = false;  // not one that ends at once
    s.seed = 3;
    desk.window->chat().setDefaults(s);
    QSignalSpy ended(&desk.window->chat(), &ChatController::answerEnded);
    QSignalSpy failed(&desk.window->engine(), &EngineThread::saveFailed);
    // On the engine's thread, as soon as the answer exists.
    connect(
        &desk.window->engine(), &EngineThread::answerBegun, &desk.window->engine(), [&disk] { disk.fill(); },
        Qt::ConnectionType(Qt::DirectConnection | Qt::SingleShotConnection));
    desk.window->chat().send(QStringLiteral("Tell me something."));
    QVERIFY(!ended.isEmpty() || ended.wait(30'000));
    QVERIFY(!failed.isEmpty());
    QVERIFY2(desk.notice->sentence().contains(QStringLiteral("full")), qPrintable(desk.notice->sentence()));
    // All of it is in the window, to be read and copied.
    const TranscriptMessage& answer = desk.transcript->at(desk.transcript->count() - 1);
    QVERIFY2(answer.text.size() > 20, answer.text.c_str());
    QCOMPARE(desk.window->chat().textOf(answer.id), QString::fromStdString(answer.text));
    disk.makeRoom();
    desk.window->chat().setDefaults({});
    QVERIFY(!desk.ask(QStringLiteral("Hello!")).isEmpty());
}

QTEST_MAIN(TestTrouble)
#include "test_trouble.moc"
