// While another program writes to the history the window goes on: no key waits, and nothing that is typed or sent is
// lost. What is asked for is done in its order once the other has ended.

#include <QProcess>
#include <atomic>

#include "app/window/history_writer.h"
#include "tests/support/timing.h"
#include "tests/window/desk.h"
#include "tests/window/loop_gaps.h"

using namespace moescope;
using namespace std::chrono_literals;

namespace {

/// Another program that has the writer's lock of a history for a while.
class Holder {
public:
    Holder(const QString& data_dir, double seconds) {
        m_process.start(QStringLiteral(MOESCOPE_HOLD_LOCK), {data_dir, QString::number(seconds)});
        if (!m_process.waitForReadyRead(30'000)) qFatal("nobody holds the lock");
    }
    ~Holder() {
        m_process.kill();
        m_process.waitForFinished();
    }
    bool holds() {
        m_process.waitForFinished(0);
        return m_process.state() == QProcess::Running;
    }

private:
    QProcess m_process;
};

/// Types a text as a user does, a key after another.
void type(Desk& desk, const QString& text) {
    for (const QChar c : text) {
        QTest::keyClick(desk.edit, c.toLatin1());
        QTest::qWait(15);
    }
}

std::vector<std::string> questionsOf(const QString& data_dir) {
    std::vector<std::string> texts;
    const auto history = History::open(data_dir.toStdString());
    if (!history.ok()) return texts;
    const auto chats = (*history)->conversations({}).value();
    for (const Conversation& c : chats) {
        const auto messages = (*history)->messages(c.id).value();
        for (const Message& m : messages) {
            if (m.author == Author::kUser) texts.push_back(m.text);
        }
    }
    return texts;
}

}  // namespace

class TestLocked : public QObject {
    Q_OBJECT

private slots:
    void worksInOrder();
    void theLastOfAKindIsEnough();
    void whatIsBusyIsTriedAgain();
    void whatFailsIsTold();
    void typingAndSendingGoOn();
    void anAnswerGoesOn();
    void otherChangesWaitInOrder();
    void closingWaitsForWhatWasTyped();
    void startingDoesNotWait();
    void aChatThatIsLeftWhileItIsSaved();
    void manyChatsAreMovedWithoutWaiting();
};

void TestLocked::worksInOrder() {
    QTemporaryDir dir;
    HistoryWriter writer(dir.path().toStdString());
    std::vector<int> ran, told;
    for (int i = 0; i < 20; ++i) {
        writer.write(
            [&ran, i](History&) {
                ran.push_back(i);
                return Status();
            },
            [&told, i](const Status&) { told.push_back(i); },
            i % 2 ? HistoryWriter::Wait::kBriefly : HistoryWriter::Wait::kNo);
    }
    QVERIFY(writer.finish(20s));
    QVERIFY(writer.idle());
    QCOMPARE(ran.size(), std::size_t{20});
    QVERIFY(std::is_sorted(ran.begin(), ran.end()));
    QCOMPARE(told, ran);
    // What is quick has been told when write() returns.
    bool done = false;
    writer.write([](History&) { return Status(); }, [&](const Status&) { done = true; });
    QVERIFY(done);
}

void TestLocked::theLastOfAKindIsEnough() {
    QTemporaryDir dir;
    HistoryWriter writer(dir.path().toStdString());
    std::atomic<bool> go = false;
    std::vector<int> ran;
    writer.write(
        [&](History&) {
            while (!go) std::this_thread::sleep_for(1ms);
            return Status();
        },
        {}, HistoryWriter::Wait::kNo);
    const auto add = [&](int i, const QString& key) {
        writer.write(
            [&ran, i](History&) {
                ran.push_back(i);
                return Status();
            },
            {}, HistoryWriter::Wait::kNo, key);
    };
    add(1, QStringLiteral("a"));
    add(2, QStringLiteral("a"));
    add(3, QStringLiteral("b"));
    add(4, QStringLiteral("a"));  // after b, which the second of them is before
    add(5, QStringLiteral("a"));
    go = true;
    QVERIFY(writer.finish(20s));
    QCOMPARE(ran, (std::vector<int>{2, 3, 5}));
}

void TestLocked::whatIsBusyIsTriedAgain() {
    QTemporaryDir dir;
    HistoryWriter writer(dir.path().toStdString());
    QSignalSpy held_up(&writer, &HistoryWriter::heldUp);
    int tries = 0;
    Status told = invalid("not told");
    writer.write(
        [&](History&) {
            std::this_thread::sleep_for(100ms);
            return ++tries < 20 ? busy("Somebody else writes.") : Status();
        },
        [&](const Status& status) { told = status; });
    QVERIFY(!writer.idle());  // it was not waited for
    QVERIFY(writer.finish(30s));
    QCOMPARE(tries, 20);
    QVERIFY(told.ok());
    QTRY_COMPARE(held_up.count(), 2);
    QCOMPARE(held_up.at(0).at(0).toBool(), true);
    QCOMPARE(held_up.at(1).at(0).toBool(), false);
}

void TestLocked::whatFailsIsTold() {
    QTemporaryDir dir;
    HistoryWriter writer(dir.path().toStdString());
    Status told;
    int after = 0;
    writer.write([](History&) { return ioError("The disk is full."); }, [&](const Status& status) { told = status; });
    writer.write([&](History&) {
        ++after;
        return Status();
    });
    QVERIFY(writer.finish(20s));
    QCOMPARE(told.message(), std::string("The disk is full."));
    QCOMPARE(after, 1);
}

void TestLocked::typingAndSendingGoOn() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    desk.ask(QStringLiteral("Hello!"));
    QTest::qWait(300);
    // What the machine takes for the same without anybody else.
    LoopGaps gaps;
    type(desk, QStringLiteral("What is 7 plus 8?"));
    QTest::qWait(400);
    const double alone = gaps.longest();
    desk.composer->setText({});
    desk.window->chat().setDraft({});
    QVERIFY(desk.window->writer().finish(20s));

    Holder holder(dir.path(), 4);
    gaps.restart();
    type(desk, QStringLiteral("What is 7 plus 8?"));
    QTest::qWait(300);
    QSignalSpy ended(&desk.window->chat(), &ChatController::answerEnded);
    QTest::keyClick(desk.edit, Qt::Key_Return);
    QVERIFY(desk.composer->text().isEmpty());
    QCOMPARE(desk.transcript->count(), 3);
    QCOMPARE(desk.transcript->at(2).id, ChatController::kUnsaved);
    QCOMPARE(desk.transcript->at(2).text, std::string("What is 7 plus 8?"));
    QCOMPARE(desk.transcript->at(2).state, TranscriptState::kStreaming);
    QVERIFY(desk.window->chat().saving());
    type(desk, QStringLiteral("And then"));
    QTest::qWait(300);
    QVERIFY2(holder.holds(), "the machine is too slow for this test");
    const double locked = gaps.longest();
    qInfo("longest gap of the event loop: %.1f ms alone, %.1f ms while another program writes", alone, locked);
    QVERIFY2(locked <= std::max(100.0, 3 * alone), qPrintable(QString::number(locked)));
    QVERIFY(ended.isEmpty());
    QTRY_VERIFY_WITH_TIMEOUT(!ended.isEmpty(), 60'000);
    QCOMPARE(desk.transcript->count(), 4);
    QVERIFY(desk.transcript->at(2).id > 0);
    QCOMPARE(desk.lastText(), QStringLiteral("7 + 8 = 15"));
    QCOMPARE(desk.composer->text(), QStringLiteral("And then"));
    QVERIFY(desk.window->writer().finish(20s));
    QCOMPARE(questionsOf(dir.path()), (std::vector<std::string>{"Hello!", "What is 7 plus 8?"}));
    const auto history = History::open(dir.path().toStdString());
    QCOMPARE((*history)->conversation(desk.window->chat().conversation())->draft, std::string("And then"));
}

void TestLocked::anAnswerGoesOn() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    desk.ask(QStringLiteral("Hello!"));
    QSignalSpy batches(&desk.window->chat(), &ChatController::answerProgress);
    QSignalSpy ended(&desk.window->chat(), &ChatController::answerEnded);
    desk.composer->setText(QStringLiteral("Tell me a story about a fox."));
    QTest::keyClick(desk.edit, Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(!batches.isEmpty() || !ended.isEmpty(), 20'000);
    {
        Holder holder(dir.path(), 3);
        QTRY_VERIFY_WITH_TIMEOUT(!ended.isEmpty(), 60'000);
    }
    QVERIFY(desk.notice->sentence().isEmpty() || desk.notice->sentence().contains(QStringLiteral("Another program")));
    const auto history = History::open(dir.path().toStdString());
    QCOMPARE((*history)->message(desk.idAt(3))->text, desk.transcript->at(3).text);
}

void TestLocked::otherChangesWaitInOrder() {
    QTemporaryDir dir;
    Desk desk(dir.path(), false);
    const auto history = History::open(dir.path().toStdString());
    std::vector<qint64> ids;
    for (int i = 0; i < 3; ++i) {
        Conversation c;
        c.title = "Chat " + std::to_string(i);
        ids.push_back((*history)->createConversation(c).value());
    }
    desk.window->chat().open(ids[0]);
    QVERIFY(desk.window->writer().finish(20s));
    {
        Holder holder(dir.path(), 1.5);
        LoopGaps gaps;
        emit desk.sidebar->renamed(ids[0], QStringLiteral("One"));
        emit desk.sidebar->renamed(ids[0], QStringLiteral("Two"));
        emit desk.sidebar->pinToggled(ids[1], true);
        emit desk.sidebar->folderCreated(QStringLiteral("Folder"), {});
        emit desk.sidebar->trashRequested({ids[2]});
        desk.window->chat().setSystemPrompt(QStringLiteral("Be brief."));
        desk.window->chat().setDraft(QStringLiteral("a draft"));
        // Another chat, and back: the draft that nobody could write yet is there.
        desk.window->chat().open(ids[1]);
        desk.window->chat().open(ids[0]);
        QCOMPARE(desk.window->chat().current().draft, std::string("a draft"));
        QTest::qWait(50);
        QVERIFY2(holder.holds(), "the machine is too slow for this test");
        QVERIFY(!desk.window->writer().idle());
        QCOMPARE((*history)->conversation(ids[0])->title, std::string("Chat 0"));
    }
    QVERIFY(desk.window->writer().finish(30s));
    QCOMPARE((*history)->conversation(ids[0])->title, std::string("Two"));
    QCOMPARE((*history)->conversation(ids[0])->system_prompt, std::string("Be brief."));
    QCOMPARE((*history)->conversation(ids[0])->draft, std::string("a draft"));
    QVERIFY((*history)->conversation(ids[1])->pinned);
    QCOMPARE((*history)->folders()->size(), std::size_t{1});
    QVERIFY((*history)->conversation(ids[2])->deleted_ms.has_value());
    QVERIFY(desk.sidebar->model()->rowOf(ids[2]) < 0);
}

/// How often a window is asked to close.
class CloseCounter : public QObject {
public:
    int count = 0;

    bool eventFilter(QObject*, QEvent* event) override {
        count += event->type() == QEvent::Close;
        return false;
    }
};

void TestLocked::closingWaitsForWhatWasTyped() {
    QTemporaryDir dir;
    Desk desk(dir.path(), false);
    CloseCounter closes;
    desk.window->installEventFilter(&closes);
    QVERIFY(desk.window->writer().finish(20s));
    {
        Holder holder(dir.path(), 3);
        type(desk, QStringLiteral("not lost"));
        QVERIFY(!desk.window->close());
        QVERIFY(desk.window->isVisible());
        QVERIFY(desk.notice->sentence().contains(QStringLiteral("will close as soon as")));
        QTRY_VERIFY_WITH_TIMEOUT(!desk.window->isVisible(), 60'000);
        // Once by the user, once when all is saved: one that queued changes at each close ended only where the disk was
        // faster than it.
        QCOMPARE(closes.count, 2);
    }
    const auto history = History::open(dir.path().toStdString());
    QCOMPARE((*history)->settings().get("window.draft", "").value(), std::string("not lost"));
}

void TestLocked::startingDoesNotWait() {
    QTemporaryDir dir;
    {
        Desk desk(dir.path(), false);
        desk.window->close();
    }
    Holder holder(dir.path(), 20);
    QElapsedTimer clock;
    clock.start();
    Desk desk(dir.path(), false);
    QTest::qWait(1);
    qInfo("a start while another program writes: %lld ms", static_cast<long long>(clock.elapsed()));
    QVERIFY2(holder.holds() && clock.elapsed() < 12'000, "it has waited for the other program");
    QVERIFY(desk.window->isVisible());
}

void TestLocked::aChatThatIsLeftWhileItIsSaved() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    desk.ask(QStringLiteral("Hello!"));
    const qint64 first = desk.window->chat().conversation();
    desk.window->chat().startNew();
    QVERIFY(desk.window->writer().finish(20s));
    QSignalSpy ended(&desk.window->chat(), &ChatController::answerEnded);
    {
        Holder holder(dir.path(), 3);
        desk.composer->setText(QStringLiteral("What is 7 plus 8?"));
        QTest::keyClick(desk.edit, Qt::Key_Return);
        QVERIFY(desk.window->chat().saving());
        desk.window->chat().open(first);
        QCOMPARE(desk.transcript->count(), 2);
        QVERIFY(desk.composer->text().isEmpty());
        // The new chat is still there, with its question.
        desk.window->chat().startNew();
        QCOMPARE(desk.transcript->count(), 1);
        desk.window->chat().open(first);
        QVERIFY2(holder.holds(), "the machine is too slow for this test");
        QTRY_VERIFY_WITH_TIMEOUT(!ended.isEmpty(), 60'000);
    }
    QCOMPARE(desk.window->chat().conversation(), first);
    QCOMPARE(desk.transcript->count(), 2);
    const auto history = History::open(dir.path().toStdString());
    const auto chats = (*history)->conversations({}).value();
    QCOMPARE(chats.size(), std::size_t{2});
    const auto messages = (*history)->messages(chats[0].id).value();
    QCOMPARE(messages.size(), std::size_t{2});
    QCOMPARE(messages[0].text, std::string("What is 7 plus 8?"));
    QCOMPARE(messages[1].text, std::string("7 + 8 = 15"));
}

void TestLocked::manyChatsAreMovedWithoutWaiting() {
    QTemporaryDir dir;
    Desk desk(dir.path(), false);
    const auto history = History::open(dir.path().toStdString());
    QList<qint64> ids;
    for (int i = 0; i < 60; ++i) ids.append((*history)->createConversation({}).value());
    QElapsedTimer clock;
    clock.start();
    emit desk.sidebar->trashRequested(ids);
    QVERIFY2(inTime(clock.elapsed(), 200), qPrintable(QString::number(clock.elapsed())));
    QVERIFY(desk.window->writer().finish(30s));
    ConversationFilter trash;
    trash.trash = true;
    QCOMPARE((*history)->conversations(trash)->size(), std::size_t{60});
}

QTEST_MAIN(TestLocked)
#include "test_locked.moc"
