// Chats with servers in the window. If these fail, people with a large model on a server see no answer or no experts,
// or their text goes somewhere without their knowing.

#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QPushButton>

#include "app/window/model_loader.h"
#include "app/window/model_menu.h"
#include "tests/remote/recorded_server.h"
#include "tests/window/desk.h"
#include "tests/window/modal.h"
#include "ui/chrome/header_bar.h"
#include "ui/chrome/status_line.h"
#include "ui/inspector/inspector_dock.h"
#include "ui/settings/servers_page.h"
#include "ui/settings/settings_dialog.h"

using namespace moescope;

namespace {

constexpr int kPrompt = 26, kAnswer = 6;

void shoot(QWidget* widget, const char* name) {
    const QString folder = qEnvironmentVariable("MOESCOPE_SHOTS");
    if (!folder.isEmpty()) widget->grab().save(folder + QLatin1Char('/') + QLatin1String(name));
}

QAction* actionOf(QWidget* root, const QString& text) {
    for (QAction* action : root->findChildren<QAction*>()) {
        if (action->text() == text) return action;
    }
    return nullptr;
}

/// Enters a server in the settings, as a user does.
void addServer(Desk& desk, const QString& url, const QString& key = {}) {
    whenShown<SettingsDialog>([&](SettingsDialog& dialog) {
        dialog.showPage(SettingsDialog::Page::kServers);
        dialog.findChild<QPushButton*>(QStringLiteral("add_server"))->click();
        QTest::keyClicks(dialog.findChild<QLineEdit*>(QStringLiteral("server_url")), url);
        if (!key.isEmpty()) QTest::keyClicks(dialog.findChild<QLineEdit*>(QStringLiteral("server_key")), key);
        dialog.accept();
    });
    actionOf(desk.window.get(), QStringLiteral("Settings…"))->trigger();
}

/// Chooses the server's model in the menu under the model's name.
void choose(Desk& desk, const QString& host) {
    QSignalSpy loaded(&desk.window->engine(), &EngineThread::loaded);
    auto* menu = desk.window->findChild<ModelMenu*>();
    for (QAction* action : menu->actions()) {
        if (action->text().contains(host)) action->trigger();
    }
    QVERIFY(!loaded.isEmpty() || loaded.wait(20'000));
    QTRY_VERIFY(desk.window->findChild<StatusLine*>()->text().contains(QStringLiteral("chats are sent to ") + host));
}

QString hostOf(const RecordedVllm& server) {
    return QString::fromStdString(server.url()).section(QStringLiteral("//"), 1);
}

int shownTokens(Desk& desk) {
    const SharedSource& source = desk.window->inspector().model().source();
    return source ? source->size() : 0;
}

}  // namespace

class TestServers : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() {
        for (const char* name : {"http_proxy", "all_proxy", "https_proxy"}) qunsetenv(name);
    }

    void aServerIsAddedCheckedAndChosen() {
        RecordedVllm server;
        QTemporaryDir dir;
        Desk desk(dir.path(), false);
        QString checked;
        whenShown<SettingsDialog>([&](SettingsDialog& dialog) {
            dialog.showPage(SettingsDialog::Page::kServers);
            dialog.findChild<QPushButton*>(QStringLiteral("add_server"))->click();
            QTest::keyClicks(dialog.findChild<QLineEdit*>(QStringLiteral("server_url")),
                             QString::fromStdString(server.url()) + QStringLiteral("/v1"));
            QVERIFY(server.takeRequests().empty());
            dialog.findChild<QPushButton*>(QStringLiteral("check_server"))->click();
            const auto* status = dialog.findChild<QLabel*>(QStringLiteral("server_status"));
            QTRY_VERIFY(status->text().contains(QStringLiteral("3 MoE layers of 8 experts, top 3")));
            checked = status->text();
            QCOMPARE(dialog.findChild<QLineEdit*>(QStringLiteral("server_model"))->text(), QStringLiteral("tiny"));
            shoot(&dialog, "servers.png");
            dialog.accept();
        });
        actionOf(desk.window.get(), QStringLiteral("Settings…"))->trigger();
        QVERIFY(checked.startsWith(QStringLiteral("Answered by ") + hostOf(server) + QStringLiteral(" (vLLM).")));
        choose(desk, hostOf(server));
        shoot(desk.window.get(), "chosen.png");
        // Who gets the chats stands in the header and in the status line.
        QVERIFY(desk.window->findChild<StatusLine*>()->text().contains(QStringLiteral("chats are sent to ") +
                                                                       hostOf(server)));
        QCOMPARE(desk.composer->enabledReason(), QString());
        QVERIFY(!desk.composer->chip(QStringLiteral("rules"))->isEnabled());
    }

    void nothingIsSentBeforeItIsChosen() {
        RecordedVllm server;
        QTemporaryDir dir;
        {
            Desk desk(dir.path(), false);
            addServer(desk, QString::fromStdString(server.url()), QStringLiteral("secret"));
            desk.window->close();
        }
        // The key is where only its owner may read it, and not in the settings.
        const QFileInfo keys(dir.path() + QStringLiteral("/server-keys.json"));
        QVERIFY(keys.exists());
        QCOMPARE(keys.permissions() & (QFile::ReadGroup | QFile::ReadOther | QFile::WriteGroup | QFile::WriteOther),
                 QFile::Permissions());
        Desk desk(dir.path(), true);  // the demo model answers
        desk.ask(QStringLiteral("Hello!"));
        QVERIFY(server.takeRequests().empty());
        choose(desk, hostOf(server));
        const auto requests = server.takeRequests();
        QVERIFY(!requests.empty());
        for (const ReplayRequest& request : requests) {
            QVERIFY(request.head.find("Authorization: Bearer secret") != std::string::npos);
            QVERIFY(request.body.find("Hello!") == std::string::npos);
        }
    }

    void anAnswerShowsItsExpertsWhileItComes() {
        RecordedVllm server;
        server.event_pause_ms = 150;
        QTemporaryDir dir;
        Desk desk(dir.path(), false);
        addServer(desk, QString::fromStdString(server.url()));
        choose(desk, hostOf(server));
        int live = 0;  // tokens with experts when some were shown first
        connect(&desk.window->chat(), &ChatController::answerProgress, this, [&] {
            if (live == 0) live = shownTokens(desk);
        });
        const QString text = desk.ask(QStringLiteral("the red hat"));
        QVERIFY(text.contains(QStringLiteral("Ҡ")));
        QVERIFY2(live >= kPrompt && live < kPrompt + kAnswer, qPrintable(QString::number(live)));
        QTRY_COMPARE(shownTokens(desk), kPrompt + kAnswer);
        const TranscriptMessage& answer = desk.transcript->at(desk.transcript->count() - 1);
        QCOMPARE(answer.tokens.size(), std::size_t{kAnswer});
        shoot(desk.window.get(), "answered.png");
        // And so they are kept: read again by another window.
        const qint64 chat = desk.window->chat().conversation();
        desk.window->close();
        desk.window.reset();
        Desk again(dir.path(), false);
        again.window->chat().open(chat);
        QTRY_COMPARE(shownTokens(again), kPrompt + kAnswer);
    }

    void everyViewOfTheInspectorOpens() {
        RecordedVllm server;
        QTemporaryDir dir;
        Desk desk(dir.path(), false);
        addServer(desk, QString::fromStdString(server.url()));
        choose(desk, hostOf(server));
        desk.ask(QStringLiteral("the red hat"));
        QTRY_COMPARE(shownTokens(desk), kPrompt + kAnswer);
        for (int view = 0; view <= static_cast<int>(ViewKind::kExperiments); ++view) {
            desk.window->inspector().showView(static_cast<ViewKind>(view));
            QTest::qWait(50);
            shoot(desk.window.get(), qPrintable(QStringLiteral("view-%1.png").arg(view)));
        }
    }

    void stopKeepsWhatCame() {
        RecordedVllm server;
        server.event_pause_ms = 300;
        QTemporaryDir dir;
        Desk desk(dir.path(), false);
        addServer(desk, QString::fromStdString(server.url()));
        choose(desk, hostOf(server));
        QSignalSpy progress(&desk.window->chat(), &ChatController::answerProgress);
        QSignalSpy ended(&desk.window->chat(), &ChatController::answerEnded);
        desk.composer->setText(QStringLiteral("the red hat"));
        QTest::keyClick(desk.edit, Qt::Key_Return);
        QVERIFY(progress.wait(10'000));
        QTest::keyClick(desk.edit, Qt::Key_Escape);
        QVERIFY(!ended.isEmpty() || ended.wait(2'000));
        const auto end = ended.front().front().value<AnswerEnded>();
        QCOMPARE(end.finish, FinishReason::kStopped);
        QVERIFY(end.answer_tokens > 0 && end.answer_tokens < kAnswer);
    }

    void aLostConnectionKeepsTheAnswerWhichGoesOn() {
        RecordedVllm server;
        const std::string stream = recorded("vllm/chat-stream-ids.sse");
        server.cut = static_cast<int>(stream.find("Ҡ")) + 120;  // within the event after it
        QTemporaryDir dir;
        Desk desk(dir.path(), false);
        addServer(desk, QString::fromStdString(server.url()));
        choose(desk, hostOf(server));
        const QString half = desk.ask(QStringLiteral("the red hat"));
        QVERIFY(half.contains(QStringLiteral("Ҡ")));
        const qint64 answer = desk.idAt(desk.transcript->count() - 1);
        QVERIFY(desk.window->chat().mayContinue(answer));
        QVERIFY(desk.transcript->at(desk.transcript->count() - 1)
                    .figures.finish.contains(QStringLiteral("connection lost")));
        QVERIFY(desk.notice->isVisible());
        shoot(desk.window.get(), "lost.png");
        server.cut = -1;
        QSignalSpy ended(&desk.window->chat(), &ChatController::answerEnded);
        desk.window->chat().continueAnswer(answer);
        QVERIFY(ended.wait(10'000));
        QCOMPARE(ended.front().front().value<AnswerEnded>().finish, FinishReason::kLength);
        QCOMPARE(desk.lastText(), half + QLatin1Char('+'));
        const auto kept = (*History::open(dir.path().toStdString()))->routing(answer);
        QVERIFY(kept.ok() && *kept);
        QCOMPARE((*kept)->size(), std::size_t{kPrompt + kAnswer});
        QTRY_COMPARE(shownTokens(desk), kPrompt + kAnswer);
    }

    void whatIsWrongIsSaid() {
        ReplayServer server([](const ReplayRequest&, ReplayConnection& to) {
            to.reply(401, "application/json", R"({"error":"Unauthorized"})");
        });
        QTemporaryDir dir;
        Desk desk(dir.path(), false);
        addServer(desk, QString::fromStdString(server.url()));
        QSignalSpy failed(&desk.window->engine(), &EngineThread::loadFailed);
        desk.window->loadModel(QString::fromStdString(server.url()) + QLatin1Char('#'));
        QVERIFY(!failed.isEmpty() || failed.wait(10'000));
        QVERIFY(failed.front().at(1).toString().contains(QStringLiteral("asks for an API key (401: Unauthorized).")));
        QTRY_VERIFY(desk.notice->isVisible());  // the spy hears it on the engine's thread, the window later
        QTRY_VERIFY(!desk.composer->enabledReason().isEmpty());
    }
};

QTEST_MAIN(TestServers)
#include "test_servers.moc"
