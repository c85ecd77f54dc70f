// Models found and fetched in the window. If these fail, a newcomer has the demo model only, or the program asks a hub
// that nobody told it to ask.

#include <QAction>
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QProcess>
#include <QPushButton>
#include <QScopeGuard>
#include <algorithm>

#include "app/window/model_desk.h"
#include "tests/window/desk.h"
#include "tests/window/modal.h"
#include "ui/chrome/welcome.h"
#include "ui/models/model_rows.h"
#include "ui/models/models_dialog.h"

using namespace moescope;

namespace {

const QString kModel = QStringLiteral(MOESCOPE_TEST_DATA "/tiny-moe/model.gguf");

/// A hub on this machine, with one repository.
class HubProcess {
public:
    explicit HubProcess(double pace) {
        m_process.start(QStringLiteral(MOESCOPE_PYTHON),
                        {QStringLiteral(MOESCOPE_HUB_SERVER), QString::number(pace), QStringLiteral("org/Tiny-GGUF"),
                         QStringLiteral("Tiny.Q4_K_M.gguf=") + kModel});
        if (!m_process.waitForReadyRead(20'000)) qFatal("the hub did not start");
        m_address = m_process.readLine().trimmed();
        qputenv("HF_ENDPOINT", m_address);
    }
    ~HubProcess() {
        m_process.kill();
        m_process.waitForFinished();
        qunsetenv("HF_ENDPOINT");
    }
    /// What it was asked for since the last call.
    QStringList asked() {
        QTest::qWait(100);
        return QString::fromUtf8(m_process.readAllStandardOutput()).split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    }
    QString host() const { return QString::fromUtf8(m_address).section(QLatin1String("//"), 1); }

private:
    QProcess m_process;
    QByteArray m_address;
};

}  // namespace

class TestModels : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_home;

    static ModelsDialog* opened(Desk& desk) {
        for (QAction* action : desk.window->findChildren<QAction*>()) {
            if (action->text() == QStringLiteral("Find or download a model…")) {
                action->trigger();
                break;
            }
        }
        return desk.window->findChild<ModelsDialog*>();
    }
    static QString texts(const QWidget* page) {
        QString all;
        for (const QLabel* label : page->findChildren<QLabel*>()) {
            if (label->isVisible()) all += label->text() + QLatin1Char('\n');
        }
        return all;
    }
    static QPushButton* go(const ModelsDialog* dialog) {
        return dialog->fetch()->findChild<QPushButton*>(QStringLiteral("go"));
    }
    static void shoot(QWidget* widget, const char* name) {
        const QString folder = qEnvironmentVariable("MOESCOPE_SHOTS");
        if (!folder.isEmpty()) widget->grab().save(folder + QLatin1Char('/') + QLatin1String(name));
    }

private slots:
    void initTestCase() {
        qputenv("HOME", m_home.path().toLocal8Bit());
        for (const char* name : {"HF_HOME", "HF_HUB_CACHE", "HF_TOKEN", "XDG_CACHE_HOME", "XDG_CONFIG_HOME",
                                 "OLLAMA_MODELS", "LLAMA_CACHE", "http_proxy", "all_proxy"}) {
            qunsetenv(name);
        }
    }

    void thoseOfOtherProgramsOpenInPlace() {
        const QString path = m_home.path() + QStringLiteral("/.lmstudio/models/org/Tiny-GGUF/Tiny.Q4_K_M.gguf");
        QDir().mkpath(QFileInfo(path).path());
        QVERIFY(QFile::copy(kModel, path));
        QFile(m_home.path() + QStringLiteral("/.lmstudio/models/org/bad.gguf")).open(QIODevice::WriteOnly);
        QTemporaryDir dir;
        Desk desk(dir.path(), false);
        for (auto* button : desk.window->findChild<Welcome*>()->findChildren<QPushButton*>()) {
            if (button->text() == QStringLiteral("Find or download a model…")) button->click();
        }
        auto* dialog = desk.window->findChild<ModelsDialog*>();
        QVERIFY(dialog && dialog->isVisible());
        auto* rows = dialog->found()->findChild<ModelRows*>();
        QTRY_COMPARE(rows->count(), 2);
        shoot(dialog, "found.png");
        QCOMPARE(rows->key(), path);
        QVERIFY(rows->item(0)->data(Qt::AccessibleTextRole).toString().contains(QLatin1String("LM Studio")));
        // One that cannot run says why and does not open.
        QSignalSpy wanted(desk.window->findChild<ModelDesk*>(), &ModelDesk::openWanted);
        rows->setCurrentRow(1);
        QVERIFY(rows->item(1)->data(Qt::AccessibleTextRole).toString().contains(QLatin1String("cannot run")));
        QTest::keyClick(rows, Qt::Key_Return);
        QCOMPARE(wanted.count(), 0);
        rows->setCurrentRow(0);
        QSignalSpy loaded(&desk.window->engine(), &EngineThread::loaded);
        QTest::keyClick(rows, Qt::Key_Return);
        QVERIFY(loaded.wait(20'000));
        QCOMPARE(loaded.front().front().value<LoadedModel>().path, path);
        QTRY_VERIFY(!desk.window->findChild<ModelsDialog*>());
        QVERIFY(QFile::remove(path));
    }

    void foldersThatWereAddedAreLookedThroughAgain() {
        QTemporaryDir dir, models, home;  // other cases download into the home that they share
        qputenv("HOME", home.path().toLocal8Bit());
        const auto restored = qScopeGuard([this] { qputenv("HOME", m_home.path().toLocal8Bit()); });
        const QString path = models.filePath(QStringLiteral("Own.Q4_K_M.gguf"));
        QVERIFY(QFile::copy(kModel, path));
        {
            Desk desk(dir.path(), false);
            emit desk.window->findChild<ModelDesk*>()->foldersChanged({models.path()});  // as after choosing one
        }
        Desk desk(dir.path(), false);  // another start
        for (QAction* action : desk.window->findChildren<QAction*>()) {
            if (action->text() == QStringLiteral("Find or download a model…")) {
                action->trigger();
                break;
            }
        }
        auto* dialog = desk.window->findChild<ModelsDialog*>();
        QVERIFY(dialog);
        auto* rows = dialog->found()->findChild<ModelRows*>();
        QTRY_COMPARE(rows->count(), 1);
        QCOMPARE(rows->key(), path);
        auto* forget = dialog->found()->findChild<QPushButton*>(QStringLiteral("forget_folders"));
        QVERIFY(forget && forget->isVisible());
        forget->click();
        QTRY_COMPARE(rows->count(), 0);
        QVERIFY(!forget->isVisible());
        QVERIFY(QFile::exists(path));
        dialog->close();
    }

    void nothingIsAskedBeforeTheButton() {
        HubProcess hub(0);
        QTemporaryDir dir;
        Desk desk(dir.path(), false);
        ModelsDialog* dialog = opened(desk);
        QVERIFY(dialog);
        dialog->showPage(ModelsDialog::Page::kFetch);
        auto* rows = dialog->fetch()->findChild<ModelRows*>();
        QCOMPARE(rows->count(), 6);
        for (int i = 0; i < rows->count(); ++i) {
            rows->setCurrentRow(i);
            QVERIFY(texts(dialog->fetch()).contains(rows->key()));  // says what would be asked for
        }
        shoot(dialog, "catalog.png");
        dialog->fetch()->findChild<QLineEdit*>()->setText(QStringLiteral("org/Tiny-GGUF"));
        QVERIFY(texts(dialog->fetch()).contains(QStringLiteral("The button asks ") + hub.host()));
        QTest::qWait(300);
        QCOMPARE(hub.asked(), QStringList());
        go(dialog)->click();
        QTRY_VERIFY_WITH_TIMEOUT(go(dialog)->text() == QLatin1String("Download"), 20'000);
        const QStringList asked = hub.asked();
        QCOMPARE(asked.size(), 2);
        QVERIFY(asked[0].startsWith(QLatin1String("hub /api/models/org/Tiny-GGUF/revision/main")));
        QVERIFY(texts(dialog->fetch()).contains(QLatin1String("Q4_K_M is recommended")));
        shoot(dialog, "types.png");
        QCOMPARE(hub.asked(), QStringList());
    }

    void fetchedPausedAndGoneOnWith() {
        HubProcess hub(0.02);  // 75 pieces
        QTemporaryDir dir;
        const QString path = dir.path() + QStringLiteral("/models/org/Tiny-GGUF/Tiny.Q4_K_M.gguf");
        {
            Desk desk(dir.path(), false);
            ModelsDialog* dialog = opened(desk);
            dialog->showPage(ModelsDialog::Page::kFetch);
            dialog->fetch()->findChild<QLineEdit*>()->setText(QStringLiteral("org/Tiny-GGUF"));
            go(dialog)->click();
            QTRY_VERIFY_WITH_TIMEOUT(go(dialog)->text() == QLatin1String("Download"), 20'000);
            go(dialog)->click();
            QTRY_VERIFY_WITH_TIMEOUT(QFileInfo(path + QStringLiteral(".part")).size() > 500'000, 20'000);
            QTRY_VERIFY(texts(dialog->fetch()).contains(QLatin1String(" of 4.9 MB")));
            shoot(dialog, "fetching.png");
            QCOMPARE(go(dialog)->text(), QStringLiteral("Pause"));
            go(dialog)->click();
            QTRY_VERIFY_WITH_TIMEOUT(go(dialog)->text() == QLatin1String("Resume"), 20'000);
            QVERIFY(texts(dialog->fetch()).contains(QLatin1String("Paused.")));
            shoot(dialog, "paused.png");
        }
        QVERIFY(!QFile::exists(path));
        hub.asked();
        // The next start of the program goes on, here with the dialog closed.
        Desk desk(dir.path(), false);
        ModelsDialog* dialog = opened(desk);
        dialog->showPage(ModelsDialog::Page::kFetch);
        auto* rows = dialog->fetch()->findChild<ModelRows*>();
        QCOMPARE(rows->count(), 7);
        QCOMPARE(go(dialog)->text(), QStringLiteral("Resume"));
        QCOMPARE(hub.asked(), QStringList());
        go(dialog)->click();
        QTRY_COMPARE(go(dialog)->text(), QStringLiteral("Pause"));
        dialog->close();
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(path), 20'000);
        QTRY_VERIFY(desk.notice->sentence().contains(QLatin1String("Tiny.Q4_K_M.gguf was downloaded.")));
        shoot(desk.window.get(), "fetched.png");
        QCOMPARE(QFileInfo(path).size(), QFileInfo(kModel).size());
        QCOMPARE(QDir(QFileInfo(path).path()).entryList(QDir::Files).size(), 1);
    }

    void discarded() {
        HubProcess hub(0.02);
        QTemporaryDir dir;
        Desk desk(dir.path(), false);
        ModelsDialog* dialog = opened(desk);
        dialog->showPage(ModelsDialog::Page::kFetch);
        dialog->fetch()->findChild<QLineEdit*>()->setText(QStringLiteral("org/Tiny-GGUF"));
        go(dialog)->click();
        QTRY_VERIFY_WITH_TIMEOUT(go(dialog)->text() == QLatin1String("Download"), 20'000);
        go(dialog)->click();
        const QString folder = dir.path() + QStringLiteral("/models/org/Tiny-GGUF");
        QTRY_VERIFY_WITH_TIMEOUT(QFileInfo(folder + QStringLiteral("/Tiny.Q4_K_M.gguf.part")).size() > 100'000, 20'000);
        go(dialog)->click();
        QTRY_VERIFY_WITH_TIMEOUT(go(dialog)->text() == QLatin1String("Resume"), 20'000);
        const auto discard = [dialog](const char* answer) {
            whenShown<QDialog>([answer](QDialog& question) {
                for (auto* button : question.findChildren<QPushButton*>()) {
                    if (button->text() == QLatin1String(answer)) return button->click();
                }
            });
            for (auto* button : dialog->fetch()->findChildren<QPushButton*>()) {
                if (button->text() == QLatin1String("Discard")) button->click();
            }
        };
        discard("Cancel");
        QCOMPARE(QDir(folder).entryList(QDir::Files).size(), 2);
        discard("Discard");
        QCOMPARE(QDir(folder).entryList(QDir::Files), QStringList());
        QCOMPARE(dialog->fetch()->findChild<ModelRows*>()->count(), 6);
    }

    void aHubThatIsNotThereIsSaidAtOnce() {
        qputenv("HF_ENDPOINT", "http://127.0.0.1:9");  // nobody listens there
        QTemporaryDir dir;
        Desk desk(dir.path(), false);
        ModelsDialog* dialog = opened(desk);
        dialog->showPage(ModelsDialog::Page::kFetch);
        dialog->fetch()->findChild<QLineEdit*>()->setText(QStringLiteral("org/Tiny-GGUF"));
        go(dialog)->click();
        QTRY_VERIFY(texts(dialog->fetch()).contains(QLatin1String("Trying again in ")));
        QCOMPARE(go(dialog)->text(), QStringLiteral("Stop"));
        go(dialog)->click();
        QTRY_COMPARE(go(dialog)->text(), QStringLiteral("Show types and sizes"));
        qunsetenv("HF_ENDPOINT");
    }

    void whatGoesWrongIsSaid() {
        HubProcess hub(0);
        QTemporaryDir dir;
        Desk desk(dir.path(), false);
        ModelsDialog* dialog = opened(desk);
        dialog->showPage(ModelsDialog::Page::kFetch);
        for (const char* name : {"org/nothing", "<b>bold</b>", "../../x"}) {
            dialog->fetch()->findChild<QLineEdit*>()->setText(QLatin1String(name));
            go(dialog)->click();
            QTRY_VERIFY_WITH_TIMEOUT(texts(dialog->fetch()).contains(QString::fromLatin1(name) + QLatin1Char('"')),
                                     20'000);
            QCOMPARE(go(dialog)->text(), QStringLiteral("Show types and sizes"));
        }
        shoot(dialog, "failed.png");
    }
};

QTEST_MAIN(TestModels)
#include "test_models.moc"
