// A newcomer's first minutes, and what must not be lost: ask, edit, regenerate, branches, search, delete and undo,
// restart, stop, failing models. If these fail, so does the program in people's hands.

#include <QAbstractItemModelTester>
#include <QLineEdit>
#include <QScrollBar>

#include "tests/support/timing.h"
#include "tests/window/desk.h"
#include "ui/chrome/status_line.h"
#include "ui/inspector/inspector_dock.h"
#include "ui/live_pace.h"
#include "ui/theme.h"

using namespace moescope;

class TestWindow : public QObject {
    Q_OBJECT

private slots:
    void firstQuestion();
    void editAndRegenerateMakeBranches();
    void deleteAndUndo();
    void everythingIsThereAfterARestart();
    void searchFindsAndOpens();
    void hoveringATokenShowsItsExperts();
    void stopEndsAnAnswer();
    void stopEndsAnAnswerThatTheEngineHasNotSeen();
    void withoutAModelTheHistoryCanBeRead();
    void aFileThatIsNoModelIsASentence();
    void aFullContextDropsTheOldestTurns();
    void continueGoesOn();
    void aBusyWindowShowsAnAnswerOnce();
    void aPromptThatIsReadShowsHowFar();
    void aNewAnswerIsShownSoonWhileTheEngineComputes();
    void aHeatmapWithoutACardSaysWhy();
    void modelsOfListsAreSound();
};

void TestWindow::firstQuestion() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    QCOMPARE(desk.ask(QStringLiteral("Hello!")), QStringLiteral("Hello! How can I help you?"));
    QCOMPARE(desk.transcript->count(), 2);
    const TranscriptMessage& answer = desk.transcript->at(1);
    QCOMPARE(answer.state, TranscriptState::kComplete);
    QVERIFY(answer.figures.answer_tokens > 3);
    QVERIFY(answer.figures.tokens_per_second > 0);
    QCOMPARE(static_cast<int>(answer.tokens.size()), answer.figures.answer_tokens);
    QCOMPARE(answer.tokens.back().end, answer.text.size());
    QCOMPARE(desk.window->chat().current().title, std::string("Hello!"));
    QVERIFY(desk.composer->text().isEmpty());
    QVERIFY(desk.sidebar->model()->rowOf(desk.window->chat().conversation()) >= 0);
    // A second question is answered in the same conversation, and what was there before is not laid out anew.
    QSignalSpy reset(desk.transcript, &QAbstractItemModel::modelReset);
    QCOMPARE(desk.ask(QStringLiteral("What is 7 plus 8?")), QStringLiteral("7 + 8 = 15"));
    QCOMPARE(desk.transcript->count(), 4);
    QCOMPARE(reset.count(), 0);
}

void TestWindow::editAndRegenerateMakeBranches() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    const QAbstractItemModelTester transcript(desk.transcript, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const QAbstractItemModelTester list(desk.sidebar->model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    desk.ask(QStringLiteral("What is 7 plus 8?"));
    QSignalSpy ended(&desk.window->chat(), &ChatController::answerEnded);
    desk.window->chat().regenerate(desk.idAt(1));
    QVERIFY(ended.wait(20'000));
    QCOMPARE(desk.transcript->at(1).siblings, 2);
    QCOMPARE(desk.transcript->at(1).sibling, 1);
    desk.window->chat().showSibling(desk.idAt(1), -1);
    QCOMPARE(desk.transcript->at(1).sibling, 0);

    desk.window->chat().edit(desk.idAt(0), QStringLiteral("What is 2 plus 3?"));
    QVERIFY(ended.wait(20'000));
    QCOMPARE(desk.transcript->at(0).siblings, 2);
    QCOMPARE(desk.lastText(), QStringLiteral("2 + 3 = 5"));
    desk.window->chat().showSibling(desk.idAt(0), -1);
    QCOMPARE(desk.lastText(), QStringLiteral("7 + 8 = 15"));
}

void TestWindow::deleteAndUndo() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    desk.ask(QStringLiteral("Hello!"));
    desk.window->chat().remove(desk.idAt(1));
    QCOMPARE(desk.transcript->count(), 1);
    QVERIFY(!desk.notice->sentence().isEmpty());
    desk.window->chat().undoRemove();
    QCOMPARE(desk.transcript->count(), 2);

    const qint64 id = desk.window->chat().conversation();
    emit desk.sidebar->trashRequested({id});
    QCOMPARE(desk.window->chat().conversation(), qint64{0});
    QCOMPARE(desk.sidebar->model()->rowOf(id), -1);
    emit desk.sidebar->restoreRequested({id});
    QVERIFY(desk.sidebar->model()->rowOf(id) >= 0);
}

void TestWindow::everythingIsThereAfterARestart() {
    QTemporaryDir dir;
    qint64 id = 0;
    {
        Desk desk(dir.path());
        desk.ask(QStringLiteral("What is 7 plus 8?"));
        id = desk.window->chat().conversation();
        desk.window->chat().setSystemPrompt(QStringLiteral("Be kind."));
        QTest::keyClicks(desk.edit, QStringLiteral("and then"));
        desk.window->close();
    }
    Desk desk(dir.path());
    emit desk.sidebar->opened(id);
    QCOMPARE(desk.transcript->count(), 2);
    QCOMPARE(desk.lastText(), QStringLiteral("7 + 8 = 15"));
    QCOMPARE(desk.window->chat().current().system_prompt, std::string("Be kind."));
    QCOMPARE(desk.composer->text(), QStringLiteral("and then"));
    QVERIFY(desk.window->chat().tokenRouting(desk.idAt(1), 0, 0));
}

void TestWindow::searchFindsAndOpens() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    desk.ask(QStringLiteral("What is a router?"));
    const qint64 id = desk.window->chat().conversation();
    emit desk.sidebar->newChatRequested();
    QCOMPARE(desk.window->chat().conversation(), qint64{0});
    auto* field = desk.sidebar->findChild<QLineEdit*>();
    field->setText(QStringLiteral("softmax"));
    QTRY_COMPARE(desk.sidebar->model()->view(), ConversationListModel::View::kHits);
    QTRY_VERIFY(desk.sidebar->model()->rowOf(id) >= 0);
    QTest::keyClick(field, Qt::Key_Return);
    QCOMPARE(desk.window->chat().conversation(), id);
    QTest::keyClick(field, Qt::Key_Escape);
    QTRY_COMPARE(desk.sidebar->model()->view(), ConversationListModel::View::kConversations);
}

void TestWindow::hoveringATokenShowsItsExperts() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    desk.ask(QStringLiteral("What is a router?"));
    const qint64 answer = desk.idAt(1);
    const auto first = desk.window->chat().tokenRouting(answer, 0, 0);
    QVERIFY(first);
    QCOMPARE(first->count, 4);
    auto* view = desk.window->findChild<TranscriptView*>();
    view->flush();
    QTRY_VERIFY(!view->tokenRect(answer, 2).isNull());
    QSignalSpy hovered(view, &TranscriptView::tokenHovered);
    QTest::mouseMove(view->viewport(), view->tokenRect(answer, 2).center());
    QTRY_VERIFY(!hovered.isEmpty());
    QCOMPARE(hovered.last().at(1).toInt(), 2);
}

void TestWindow::stopEndsAnAnswer() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    QSignalSpy ended(&desk.window->chat(), &ChatController::answerEnded);
    QSignalSpy begun(&desk.window->engine(), &EngineThread::answerBegun);
    desk.window->chat().send(QStringLiteral("Write a short story about a fox."));
    QVERIFY(begun.wait(5'000) || !begun.isEmpty());
    QElapsedTimer clock;
    clock.start();
    desk.window->chat().stop();
    QVERIFY(!ended.isEmpty() || ended.wait(5'000));
    QVERIFY2(inTime(clock.elapsed(), 200), qPrintable(QString::number(clock.elapsed())));
    QVERIFY(!desk.window->chat().answering());
    // What came stays, and the next question is answered.
    QCOMPARE(desk.ask(QStringLiteral("What is 7 plus 8?")), QStringLiteral("7 + 8 = 15"));
}

void TestWindow::stopEndsAnAnswerThatTheEngineHasNotSeen() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    QSignalSpy ended(&desk.window->chat(), &ChatController::answerEnded);
    desk.window->chat().send(QStringLiteral("Write a short story about a fox."));
    desk.window->chat().stop();  // before the window has painted the question
    QVERIFY(ended.wait(5'000));
    QVERIFY(!desk.window->chat().answering());
    QVERIFY(ended.first().first().value<AnswerEnded>().finish == FinishReason::kStopped);
    QCOMPARE(desk.ask(QStringLiteral("What is 7 plus 8?")), QStringLiteral("7 + 8 = 15"));
}

void TestWindow::withoutAModelTheHistoryCanBeRead() {
    QTemporaryDir dir;
    qint64 id = 0;
    {
        Desk desk(dir.path());
        desk.ask(QStringLiteral("Hello!"));
        id = desk.window->chat().conversation();
        desk.window->close();
    }
    Desk desk(dir.path(), false);
    emit desk.sidebar->opened(id);
    QCOMPARE(desk.transcript->count(), 2);
    QVERIFY(!desk.composer->enabledReason().isEmpty());
    desk.composer->setText(QStringLiteral("still there?"));
    QVERIFY(!desk.composer->canSend());
}

void TestWindow::aFileThatIsNoModelIsASentence() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    QFile file(dir.filePath(QStringLiteral("no.gguf")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("not a model at all");
    file.close();
    desk.window->loadModel(file.fileName());
    QTRY_VERIFY(desk.notice->sentence().contains(QStringLiteral("no.gguf")));
    // The model that was there still answers.
    QCOMPARE(desk.ask(QStringLiteral("Hello!")), QStringLiteral("Hello! How can I help you?"));
}

void TestWindow::aFullContextDropsTheOldestTurns() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    GenerationSettings settings;
    settings.temperature = 0;
    settings.max_tokens = 60;
    desk.window->chat().setDefaults(settings);
    const QString long_text = QStringLiteral("A fox met a snail on a hill and they talked for a while. ").repeated(14);
    for (int i = 0; i < 6; ++i) desk.ask(long_text);
    QCOMPARE(desk.transcript->count(), 12);
    int cuts = 0;
    for (int row = 0; row < desk.transcript->count(); ++row) cuts += desk.transcript->at(row).cut_before;
    QCOMPARE(cuts, 1);

    settings.context_policy = ContextPolicy::kStop;
    desk.window->chat().setDefaults(settings);
    desk.window->chat().send(long_text);
    QTRY_VERIFY(desk.notice->sentence().contains(QStringLiteral("context")));
    QCOMPARE(desk.transcript->count(), 13);  // the question is kept
    QVERIFY(!desk.window->chat().answering());
}

void TestWindow::continueGoesOn() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    GenerationSettings settings;
    settings.temperature = 0;
    settings.max_tokens = 6;
    desk.window->chat().setDefaults(settings);
    const QString start = desk.ask(QStringLiteral("What is a router?"));
    settings.max_tokens = 100;
    desk.window->chat().setDefaults(settings);
    QSignalSpy ended(&desk.window->chat(), &ChatController::answerEnded);
    desk.window->chat().continueAnswer(desk.idAt(1));
    QVERIFY(ended.wait(20'000));
    QVERIFY(desk.lastText().startsWith(start));
    QVERIFY(desk.lastText().size() > start.size());
    QVERIFY(desk.lastText().endsWith(QStringLiteral("to the best ones.")));
    const TranscriptMessage& answer = desk.transcript->at(1);
    for (std::size_t i = 1; i < answer.tokens.size(); ++i) {
        QVERIFY(answer.tokens[i].begin >= answer.tokens[i - 1].begin);
        QVERIFY(desk.window->chat().tokenRouting(desk.idAt(1), static_cast<int>(i), 0));
    }
}

void TestWindow::aBusyWindowShowsAnAnswerOnce() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    QSignalSpy ended(&desk.window->chat(), &ChatController::answerEnded);
    desk.window->chat().send(QStringLiteral("What is a router?"));
    QTest::qSleep(500);  // the answer is whole in the history before the window hears of its begin
    QVERIFY(!ended.isEmpty() || ended.wait(20'000));
    const QString answer = desk.lastText();
    QCOMPARE(answer.count(QStringLiteral("The router")), 1);
    QCOMPARE(desk.transcript->at(1).tokens.size(),
             static_cast<std::size_t>(desk.transcript->at(1).figures.answer_tokens));

    GenerationSettings s;
    s.temperature = 0;
    s.max_tokens = 6;
    desk.window->chat().setDefaults(s);
    const QString start = desk.ask(QStringLiteral("What is a router?"));
    s.max_tokens = 100;
    desk.window->chat().setDefaults(s);
    ended.clear();
    desk.window->chat().continueAnswer(desk.idAt(3));
    QTest::qSleep(500);
    QVERIFY(!ended.isEmpty() || ended.wait(20'000));
    QCOMPARE(desk.lastText(), answer);
    const auto& tokens = desk.transcript->at(3).tokens;
    for (std::size_t i = 1; i < tokens.size(); ++i) QCOMPARE(tokens[i].begin, tokens[i - 1].end);
}

void TestWindow::aPromptThatIsReadShowsHowFar() {
    /// Never answers.
    struct SilentEngine : EngineThread {
        using EngineThread::EngineThread;
        void answer(AnswerRequest) override {}
    };
    QTemporaryDir dir;
    auto history = History::open(dir.path().toStdString());
    QVERIFY(history.ok());
    WindowOptions options;
    options.data_dir = dir.path().toStdString();
    options.load_model = false;
    options.engine = new SilentEngine(options.data_dir);
    MainWindow window(std::move(*history), options);
    window.show();
    const auto* status = window.findChild<StatusLine*>();
    QVERIFY(window.chat().send(QStringLiteral("A long question.")));
    emit window.chat().prefillProgress(512, 4000);
    emit window.chat().answerProgress({});  // records of the prompt, and no speed yet
    QTest::qWait(400);
    QVERIFY2(status->text().contains(QStringLiteral("512 of 4000")), qPrintable(status->text()));
    AnswerBatch batch;
    batch.tokens_per_second = 12.5;
    emit window.chat().answerProgress(batch);
    QTRY_VERIFY2(status->text().contains(QStringLiteral("12.5 tok/s")), qPrintable(status->text()));
}

void TestWindow::aNewAnswerIsShownSoonWhileTheEngineComputes() {
    ThemeStore themes;
    TranscriptModel model;
    LivePace pace(1e-6);  // leaves the views next to nothing
    TranscriptView view(&themes, &model);
    view.setPace(&pace);
    view.resize(600, 300);
    view.show();
    const auto message = [](qint64 id, TranscriptRole role) {
        TranscriptMessage m;
        m.id = id;
        m.role = role;
        m.text = std::string(2000, 'a');
        return m;
    };
    model.append(message(1, TranscriptRole::kUser));
    const QScrollBar* bar = view.verticalScrollBar();
    const int one = bar->maximum();
    QVERIFY(one > 0);
    pace.begin();
    model.append(message(2, TranscriptRole::kAnswer));
    QTRY_VERIFY_WITH_TIMEOUT(bar->maximum() > one + 100, 1000);
    QCOMPARE(bar->value(), bar->maximum());  // it follows
    model.append(message(3, TranscriptRole::kUser));
    model.removeFrom(3);  // before it was laid out
    QTest::qWait(150);
    QCOMPARE(bar->value(), bar->maximum());
}

void TestWindow::aHeatmapWithoutACardSaysWhy() {
    for (const char* name : {"VK_DRIVER_FILES", "VK_ICD_FILENAMES"}) qputenv(name, "/there/is/none.json");
    qunsetenv("MOESCOPE_HEATMAP");
    QTemporaryDir dir;
    Desk desk(dir.path());
    const auto* status = desk.window->findChild<StatusLine*>();
    QVERIFY(!status->text().contains(QStringLiteral("Heatmaps")));
    desk.window->findChild<InspectorDock*>()->showView(ViewKind::kTokens);
    desk.ask(QStringLiteral("What is 7 plus 8?"));
    QTRY_VERIFY2(status->toolTip().contains(QStringLiteral("Heatmaps are drawn by the CPU")),
                 qPrintable(status->toolTip()));
    QVERIFY(!status->text().contains(QStringLiteral("Heatmaps")));  // not for ever before one's eyes
}

void TestWindow::modelsOfListsAreSound() {
    ConversationListModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QList<ConversationItem> items;
    for (int i = 1; i <= 10'000; ++i) {
        items.append({i,
                      QStringLiteral("chat %1").arg(i),
                      {},
                      1'600'000'000'000 + i * 60'000LL,
                      i % 500 == 0,
                      i % 7 == 0 ? 1 : 0,
                      3});
    }
    model.setItems(items);
    model.setFolders({{1, QStringLiteral("Work")}});
    model.addItems({items[6], items[7]});
    model.updateItem({5, QStringLiteral("changed"), {}, QDateTime::currentMSecsSinceEpoch(), false, 0, 1});
    QCOMPARE(model.index(model.rowOf(5)).data().toString(), QStringLiteral("changed"));
    model.removeItem(5);
    QCOMPARE(model.rowOf(5), -1);
    model.setHits({{7, 0, QStringLiteral("chat 7"), QStringLiteral("chat 7"), {{0, 4}}}}, true);
    model.setView(ConversationListModel::View::kTrash);
    model.setTrashItems({items[0]});
    model.setView(ConversationListModel::View::kConversations);
    QCOMPARE(model.rowCount() > 9'990, true);
}

QTEST_MAIN(TestWindow)
#include "test_window.moc"
