// Columns beside the chat that answer its questions too. If these fail, one column waits for another or is stopped with
// it, an answer is lost or is not the one that its settings give, memory is taken that was not planned, or none of it
// can be reached by keys.

#include <QAction>
#include <QMenu>
#include <QScrollBar>
#include <QSplitter>
#include <QToolButton>
#include <atomic>
#include <cmath>

#include "app/window/routing_desk.h"
#include "app/window/side_by_side.h"
#include "engine/routing/rules_text.h"
#include "tests/window/desk.h"
#include "tests/window/modal.h"
#include "ui/chrome/column_bar.h"
#include "ui/inspector/inspector_dock.h"
#include "ui/inspector/inspector_view.h"
#include "ui/settings/chat_settings_dialog.h"
#include "ui/settings/router_rules_dialog.h"
#include "ui/settings/router_rules_editor.h"

using namespace moescope;

namespace {

constexpr const char* kStory = "Write a short story about a fox.";

RouterRules parsed(const char* text) {
    const auto rules = parseRules(text);
    if (!rules.ok()) qFatal("%s", rules.status().message().c_str());
    return *rules;
}

/// Words at random, which come to no end by themselves.
GenerationSettings endless(std::uint64_t seed) {
    GenerationSettings settings;
    settings.temperature = 5;
    settings.top_k = 0;
    settings.top_p = 1;
    settings.min_p = 0;
    settings.random_seed = false;
    settings.seed = seed;
    settings.max_tokens = 1500;
    return settings;
}

class Columns : public Desk {
public:
    using Desk::Desk;

    SideBySide& beside() { return window->sideBySide(); }
    /// One more; false if it was refused.
    bool add() {
        beside().add();
        return waitForModel(static_cast<int>(window->findChildren<ColumnBar*>().size()) - 1);
    }
    bool waitForModel(int column) {
        return QTest::qWaitFor([&] { return beside().isOpen() && beside().modelOf(column).context > 0; }, 20'000);
    }
    /// Asks, and waits until all columns have answered.
    void askAll(const QString& question) {
        composer->setText(question);
        QTest::keyClick(edit, Qt::Key_Return);
        (void)QTest::qWaitFor([&] { return window->chat().answering(); }, 20'000);
        (void)QTest::qWaitFor([&] { return !window->chat().answering(); }, 30'000);
    }
    /// From left to right; 0 is the chat's.
    template <class Part>
    Part* inColumn(int column) {
        return window->findChild<QSplitter*>(QStringLiteral("columns"))->widget(column)->findChild<Part*>();
    }
    TranscriptView* view(int column) { return inColumn<TranscriptView>(column); }
    ColumnBar* bar(int column) { return inColumn<ColumnBar>(column); }
    const TranscriptMessage& last(int column) {
        const TranscriptModel* model = view(column)->model();
        return model->at(model->count() - 1);
    }
    QString text(int column) { return QString::fromStdString(last(column).text); }
    QToolButton* button(int column, const char* name) {
        return bar(column)->findChild<QToolButton*>(QString::fromLatin1(name));
    }
};

void press(Columns& desk, int key, Qt::KeyboardModifiers modifiers = {}) {
    QTest::keyClick(QApplication::focusWidget() ? QApplication::focusWidget() : desk.window.get(),
                    static_cast<Qt::Key>(key), modifiers);
}

/// Chooses a line of the menu that is opened next, by the arrows.
void chooseByKeys(const QString& text) {
    whenShown<QMenu>([text](QMenu& menu) {
        for (int i = 0; i < 20 && (!menu.activeAction() || menu.activeAction()->text() != text); ++i)
            QTest::keyClick(&menu, Qt::Key_Down);
        QTest::keyClick(&menu, Qt::Key_Return);
    });
}

/// Of which there is no more memory once the model is loaded.
class FullEngine : public EngineThread {
public:
    using EngineThread::EngineThread;
    std::atomic<bool> full = false;

protected:
    FreeMemory measureFree(const LoadChoices& choices) const override {
        return full ? FreeMemory{1000, 0} : EngineThread::measureFree(choices);
    }
};

}  // namespace

class TestSideBySide : public QObject {
    Q_OBJECT

private slots:
    void bothStreamAndStopApart();
    void eachAnswersByItsOwnRules();
    void byKeysAlone();
    void threeColumnsAndOneLess();
    void anotherModelInAColumn();
    void aColumnThatDoesNotFitIsRefused();
    void otherChatsAreLeftAlone();
    void scrollingIsLinked();
};

void TestSideBySide::bothStreamAndStopApart() {
    QTemporaryDir dir;
    std::vector<qint64> chats;
    {
        Columns desk(dir.path());
        desk.window->chat().setDefaults(endless(6));
        QVERIFY(desk.add());
        // One more context, as planned, and the weights once.
        const ColumnModel& model = desk.beside().modelOf(1);
        QVERIFY(model.model == desk.window->routing().sources().model().model);
        QCOMPARE(model.context, desk.window->routing().sources().model().context);
        const SessionBytes planned = model.model->backend().sessionBytes({model.context, KvType::kF16, 128});
        QCOMPARE(model.memory_bytes, planned.all());
        desk.beside().setSettings(1, endless(2));

        QSignalSpy all_ended(&desk.window->engine(), &EngineThread::besideEnded);
        desk.composer->setText(QString::fromLatin1(kStory));
        QTest::keyClick(desk.edit, Qt::Key_Return);
        QTRY_COMPARE(desk.view(1)->model()->count(), 2);
        QTRY_VERIFY_WITH_TIMEOUT(desk.text(0).size() > 40 && desk.text(1).size() > 40, 20'000);
        QVERIFY(desk.text(0) != desk.text(1));
        QCOMPARE(desk.last(0).state, TranscriptState::kStreaming);
        QCOMPARE(desk.last(1).state, TranscriptState::kStreaming);
        QVERIFY(!desk.window->chat().send(QStringLiteral("Hello!")));

        // One is stopped, and the other goes on.
        QTest::mouseClick(desk.button(1, "column_stop"), Qt::LeftButton);
        QTRY_COMPARE(desk.last(1).state, TranscriptState::kStopped);
        const qsizetype stopped_at = desk.text(1).size(), other_at = desk.text(0).size();
        QTRY_VERIFY(desk.text(0).size() > other_at + 20);
        QCOMPARE(desk.last(0).state, TranscriptState::kStreaming);
        QCOMPARE(desk.text(1).size(), stopped_at);
        QVERIFY(desk.window->chat().answering());
        QVERIFY(all_ended.isEmpty());
        QVERIFY(desk.button(1, "column_stop")->isHidden());
        QTest::mouseClick(desk.button(0, "column_stop"), Qt::LeftButton);
        QTRY_COMPARE(desk.last(0).state, TranscriptState::kStopped);
        QTRY_COMPARE(all_ended.size(), 1);
        QTRY_VERIFY(!desk.window->chat().answering());

        // Two answers to one question, of which the chat shows its own.
        QCOMPARE(desk.transcript->count(), 2);
        QCOMPARE(desk.last(0).siblings, 2);
        QVERIFY(desk.last(0).id != desk.last(1).id);
        chats.push_back(desk.window->chat().conversation());

        // Esc ends all; in a new chat, where these answers are endless as well.
        desk.window->chat().startNew();
        all_ended.clear();
        desk.composer->setText(QString::fromLatin1(kStory));
        QTest::keyClick(desk.edit, Qt::Key_Return);
        QTRY_COMPARE(desk.transcript->count(), 2);
        QTRY_COMPARE(desk.view(1)->model()->count(), 2);
        QTRY_VERIFY(desk.window->chat().conversation() != chats[0]);
        QTRY_VERIFY_WITH_TIMEOUT(desk.text(0).size() > 40 && desk.text(1).size() > 40, 20'000);
        QTest::keyClick(desk.edit, Qt::Key_Escape);
        QTRY_COMPARE(all_ended.size(), 1);
        QCOMPARE(desk.last(0).state, TranscriptState::kStopped);
        QCOMPARE(desk.last(1).state, TranscriptState::kStopped);
        chats.push_back(desk.window->chat().conversation());
        desk.window->close();
    }
    // All of it is in the history, with its routing.
    const auto history = History::open(dir.path().toStdString());
    QVERIFY(history.ok());
    for (const qint64 chat : chats) {
        const auto messages = (*history)->messages(chat);
        QVERIFY(messages.ok());
        QCOMPARE(messages->size(), std::size_t{3});
        for (const Message& m : *messages) {
            if (m.author == Author::kUser) continue;
            QCOMPARE(m.finish, FinishReason::kStopped);
            QVERIFY(m.text.size() > 20);
            const auto routing = (*history)->routing(m.id);
            QVERIFY(routing.ok() && *routing && (*routing)->size() > 20);
        }
    }
}

void TestSideBySide::eachAnswersByItsOwnRules() {
    QTemporaryDir dir;
    Columns desk(dir.path());
    desk.ask(QStringLiteral("Hello!"));
    QVERIFY(desk.add());
    desk.beside().setRules(1, parsed("k 1; shared off"));
    QVERIFY(desk.bar(1)->title().contains(QStringLiteral("top 1")));
    desk.askAll(QString::fromLatin1(kStory));
    const qint64 of_chat = desk.last(0).id, of_column = desk.last(1).id;
    const QString by_few = desk.text(1);
    QVERIFY(desk.text(0) != by_few);
    QVERIFY(desk.last(1).figures.finish.contains(QStringLiteral("top 1")));
    QCOMPARE(desk.view(1)->model()->count(), 4);  // with what was said before
    QCOMPARE(desk.transcript->at(3).siblings, 2);

    // Compare has both.
    chooseByKeys(QStringLiteral("Compare routing with the chat's"));
    desk.bar(1)->openMenu();
    QVERIFY(desk.window->inspector().isVisible());
    QCOMPARE(desk.window->inspector().currentView()->kind(), ViewKind::kCompare);
    QCOMPARE(desk.window->inspector().model().comparedA(), of_chat);
    QCOMPARE(desk.window->inspector().model().comparedB(), of_column);

    // The same answer as the chat gives by these rules, alone.
    QSignalSpy ended(&desk.window->chat(), &ChatController::answerEnded);
    desk.window->chat().regenerate(of_chat, parsed("k 1; shared off"));
    QVERIFY(ended.wait(20'000));
    QCOMPARE(desk.text(0), by_few);
    QCOMPARE(desk.last(1).id, of_column);  // the column was not asked

    // The chat goes on from the column's answer.
    QVERIFY(!desk.button(1, "column_keep")->isHidden());
    QTest::mouseClick(desk.button(1, "column_keep"), Qt::LeftButton);
    QCOMPARE(desk.last(0).id, of_column);
    QVERIFY(desk.button(1, "column_keep")->isHidden());
    desk.askAll(QStringLiteral("Hello!"));
    const auto history = History::open(dir.path().toStdString());
    const auto question = (*history)->message(desk.transcript->at(4).id);
    QVERIFY(question.ok());
    QVERIFY(question->parent == of_column);
}

void TestSideBySide::byKeysAlone() {
    QTemporaryDir dir;
    Columns desk(dir.path());
    QVERIFY(QTest::qWaitForWindowActive(desk.window.get()));
    QTRY_COMPARE(QApplication::focusWidget(), desk.edit);
    press(desk, Qt::Key_S, Qt::ControlModifier | Qt::ShiftModifier);
    QVERIFY(desk.beside().isOpen());
    QVERIFY(desk.waitForModel(1));
    QVERIFY(desk.bar(0)->isVisible());
    QVERIFY(desk.bar(1)->isAncestorOf(QApplication::focusWidget()));

    // What the column answers by.
    whenShown<QMenu>([](QMenu& menu) {
        for (int i = 0;
             i < 10 && (!menu.activeAction() || menu.activeAction()->text() != QStringLiteral("Router rules…")); ++i)
            QTest::keyClick(&menu, Qt::Key_Down);
        whenShown<RouterRulesDialog>([](RouterRulesDialog& dialog) {
            dialog.editor().setRules(parsed("k 1; shared off"));
            emit dialog.editor().edited();
            QTest::keyClick(&dialog, Qt::Key_Return);
        });
        QTest::keyClick(&menu, Qt::Key_Return);
    });
    press(desk, Qt::Key_Space);
    QTRY_VERIFY(desk.bar(1)->title().contains(QStringLiteral("top 1")));

    // One question, two answers.
    desk.window->activateWindow();  // after the menu and the dialog
    QVERIFY(QTest::qWaitForWindowActive(desk.window.get()));
    press(desk, Qt::Key_L, Qt::ControlModifier);
    QTRY_COMPARE(QApplication::focusWidget(), desk.edit);
    QTest::keyClicks(desk.edit, QString::fromLatin1(kStory));
    press(desk, Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(!desk.button(1, "column_keep")->isHidden(), 20'000);

    // From column to column, to what is to be done there, and the answer is used.
    press(desk, Qt::Key_F6);
    QVERIFY(desk.bar(0)->isAncestorOf(QApplication::focusWidget()));
    press(desk, Qt::Key_F6);
    QVERIFY(desk.bar(1)->isAncestorOf(QApplication::focusWidget()));
    press(desk, Qt::Key_Tab);
    QCOMPARE(QApplication::focusWidget(), desk.button(1, "column_keep"));
    press(desk, Qt::Key_Space);
    QCOMPARE(desk.last(0).id, desk.last(1).id);
    QVERIFY(QApplication::focusWidget());  // nobody falls out of the window
    press(desk, Qt::Key_F6);
    QVERIFY(desk.bar(0)->isAncestorOf(QApplication::focusWidget()));

    press(desk, Qt::Key_S, Qt::ControlModifier | Qt::ShiftModifier);
    QVERIFY(!desk.beside().isOpen());
    QVERIFY(!desk.bar(0)->isVisible());
}

void TestSideBySide::threeColumnsAndOneLess() {
    QTemporaryDir dir;
    Columns desk(dir.path());
    QVERIFY(desk.add());
    desk.beside().setRules(1, parsed("k 1; shared off"));
    QVERIFY(desk.add());
    desk.beside().setRules(2, parsed("k 2; shared off"));
    desk.beside().add();  // no fourth
    QCOMPARE(desk.window->findChildren<ColumnBar*>().size(), 3);
    desk.askAll(QString::fromLatin1(kStory));
    QCOMPARE(desk.transcript->at(1).siblings, 3);
    const QString by_one = desk.text(1), by_two = desk.text(2);
    QVERIFY(by_one != by_two);

    // The last takes the place of the one that is closed, and answers as it did.
    chooseByKeys(QStringLiteral("Close this column"));
    desk.bar(1)->openMenu();
    QTRY_COMPARE(desk.window->findChildren<ColumnBar*>().size(), 2);
    QVERIFY(desk.bar(1)->title().contains(QStringLiteral("top 2")));
    desk.window->chat().regenerate(desk.transcript->at(1).id);
    QTRY_COMPARE_WITH_TIMEOUT(desk.transcript->at(1).siblings, 5, 20'000);
    QTRY_VERIFY_WITH_TIMEOUT(!desk.window->chat().answering(), 20'000);
    QCOMPARE(desk.text(1), by_two);
}

void TestSideBySide::anotherModelInAColumn() {
    QTemporaryDir dir;
    Columns desk(dir.path());
    QVERIFY(desk.add());
    const std::shared_ptr<Model> of_chat = desk.window->routing().sources().model().model;
    desk.beside().setModelPath(1, QStringLiteral(MOESCOPE_TEST_DATA "/tiny-moe/model.gguf"));
    QTRY_VERIFY_WITH_TIMEOUT(desk.beside().modelOf(1).model != of_chat, 20'000);
    const ColumnModel model = desk.beside().modelOf(1);
    QVERIFY(model.memory_bytes > model.model->backend().memoryBytes());
    GenerationSettings few;
    few.temperature = 0;
    few.max_tokens = 20;
    desk.beside().setSettings(1, few);
    desk.askAll(QStringLiteral("What is 7 plus 8?"));
    QCOMPARE(desk.text(0), QStringLiteral("7 + 8 = 15"));
    const auto history = History::open(dir.path().toStdString());
    const auto answer = (*history)->message(desk.last(1).id);
    QVERIFY(answer.ok());
    QCOMPARE(answer->model_name, model.name.toStdString());
    QVERIFY(answer->model_name != "Moescope Demo");

    // A file that is none brings the chat's model back.
    QSignalSpy failed(&desk.beside(), &SideBySide::failed);
    desk.beside().setModelPath(1, QStringLiteral(MOESCOPE_TEST_DATA "/traces"));
    QTRY_VERIFY_WITH_TIMEOUT(desk.beside().modelOf(1).model == of_chat, 20'000);
    QCOMPARE(failed.size(), 1);
}

void TestSideBySide::aColumnThatDoesNotFitIsRefused() {
    QTemporaryDir dir;
    auto history = History::open(dir.path().toStdString());
    QVERIFY(history.ok());
    WindowOptions options;
    options.data_dir = dir.path().toStdString();
    options.demo_model = QStringLiteral(MOESCOPE_DEMO_MODEL);
    auto* engine = new FullEngine(options.data_dir);
    options.engine = engine;
    MainWindow window(std::move(*history), options);
    window.show();
    QSignalSpy loaded(engine, &EngineThread::loaded);
    QVERIFY(loaded.wait(20'000));
    engine->full = true;
    QSignalSpy failed(&window.sideBySide(), &SideBySide::failed);
    window.sideBySide().add();
    QVERIFY(failed.wait(20'000));
    QVERIFY(failed[0][0].toString().contains(QStringLiteral("needs a context of its own")));
    QVERIFY(!window.sideBySide().isOpen());
    QVERIFY(window.findChild<NoticeBar*>()->sentence().contains(QStringLiteral("smaller context in the settings")));
    QTRY_COMPARE(window.findChildren<TranscriptView*>().size(), 1);
    // With room again, it is there.
    engine->full = false;
    window.sideBySide().add();
    QTRY_VERIFY_WITH_TIMEOUT(window.sideBySide().modelOf(1).context > 0, 20'000);
}

void TestSideBySide::otherChatsAreLeftAlone() {
    QTemporaryDir dir;
    Columns desk(dir.path());
    desk.ask(QStringLiteral("Hello!"));
    const qint64 first = desk.window->chat().conversation();
    desk.window->chat().startNew();
    desk.window->chat().setDefaults(endless(3));
    QVERIFY(desk.add());
    desk.composer->setText(QString::fromLatin1(kStory));
    QTest::keyClick(desk.edit, Qt::Key_Return);
    QTRY_COMPARE(desk.view(1)->model()->count(), 2);
    const qint64 second = desk.window->chat().conversation();
    QVERIFY(desk.view(1)->isVisible());
    desk.window->chat().open(first);
    QVERIFY(!desk.view(1)->isVisible());
    QCOMPARE(desk.transcript->count(), 2);
    const qsizetype so_far = desk.text(1).size();
    QTRY_VERIFY(desk.text(1).size() > so_far);
    desk.window->chat().open(second);
    QVERIFY(desk.view(1)->isVisible());
    QVERIFY(desk.window->chat().answering());
    desk.window->chat().stop();
    QTRY_VERIFY(!desk.window->chat().answering());
    QCOMPARE(desk.transcript->at(1).siblings, 2);
    QCOMPARE(desk.transcript->at(1).state, TranscriptState::kStopped);
}

void TestSideBySide::scrollingIsLinked() {
    QTemporaryDir dir;
    Columns desk(dir.path());
    for (int i = 0; i < 6; ++i) desk.ask(QString::fromLatin1(kStory));
    QVERIFY(desk.add());
    desk.beside().setRules(1, parsed("k 1; shared off"));
    desk.askAll(QString::fromLatin1(kStory));
    for (int column : {0, 1}) {
        desk.view(column)->flush();
        QVERIFY(desk.view(column)->isFollowing());
        QVERIFY(desk.view(column)->verticalScrollBar()->maximum() > 200);
    }
    QTest::keyClick(desk.view(0), Qt::Key_Home);
    QCOMPARE(desk.view(1)->verticalScrollBar()->value(), 0);
    for (int i = 0; i < 4; ++i) QTest::keyClick(desk.view(1), Qt::Key_Down);
    QVERIFY(desk.view(1)->verticalScrollBar()->value() > 0);
    QCOMPARE(desk.view(0)->place().row, desk.view(1)->place().row);
    QVERIFY(std::abs(desk.view(0)->place().share - desk.view(1)->place().share) < 0.1);
    QTest::keyClick(desk.view(1), Qt::Key_End);
    QVERIFY(desk.view(0)->isFollowing());
    QCOMPARE(desk.view(0)->verticalScrollBar()->value(), desk.view(0)->verticalScrollBar()->maximum());
}

QTEST_MAIN(TestSideBySide)
#include "test_side_by_side.moc"
