// If these fail, the engine takes all cores before a question is seen, is asked twice, or is not stopped.

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QWidget>

#include "app/window/active_answer.h"
#include "app/window/after_painting.h"

using namespace moescope;

namespace {

/// Notes what it is asked.
class QuietEngine : public EngineThread {
public:
    using EngineThread::EngineThread;
    void answer(AnswerRequest request) override { asked.push_back(std::move(request)); }
    void answerBeside(AnswerRequest request, std::vector<AnswerRequest> others) override {
        asked.push_back(std::move(request));
        asked.insert(asked.end(), others.begin(), others.end());
    }
    void stop() override { ++stops; }
    void stopColumn(int column) override { stopped = column; }
    std::vector<AnswerRequest> asked;
    int stops = 0, stopped = -1;
};

class Painted : public QWidget {
public:
    int paints = 0;

protected:
    void paintEvent(QPaintEvent*) override { ++paints; }
};

AnswerRequest request(qint64 conversation) {
    AnswerRequest r;
    r.conversation = conversation;
    r.turns.emplace_back().text = "Hello!";
    return r;
}

}  // namespace

class TestActiveAnswer : public QObject {
    Q_OBJECT

private slots:
    void theEngineIsAskedAfterPainting();
    void aStopAsksAndStops();
    void anAnswerGrowsByItsBatches();
    void aRefusedAnswerIsAskedAgain();
    void othersAreAskedAtOnce();
    void paintingIsWaitedFor();
    void aHiddenWindowIsNotWaitedFor();
};

void TestActiveAnswer::theEngineIsAskedAfterPainting() {
    QTemporaryDir dir;
    QuietEngine engine(dir.path().toStdString());
    ActiveAnswer answer(&engine, nullptr);
    std::vector<std::function<void()>> painted;
    answer.setAfterPainting([&](std::function<void()> then) { painted.push_back(std::move(then)); });
    QVERIFY(!answer.runs());
    answer.ask(request(3));
    QVERIFY(answer.runs());
    QCOMPARE(answer.conversation(), 3);
    QVERIFY(engine.asked.empty());
    painted[0]();
    QCOMPARE(engine.asked.size(), std::size_t{1});
    painted[0]();  // nobody is asked twice
    QCOMPARE(engine.asked.size(), std::size_t{1});
    answer.end();
    QCOMPARE(answer.conversation(), 0);
    answer.ask(request(4));
    painted[0]();  // late, and of the answer before
    QCOMPARE(engine.asked.size(), std::size_t{1});
    painted[1]();
    QCOMPARE(engine.asked.size(), std::size_t{2});
    QCOMPARE(engine.asked[1].conversation, std::int64_t{4});
}

void TestActiveAnswer::aStopAsksAndStops() {
    QTemporaryDir dir;
    QuietEngine engine(dir.path().toStdString());
    ActiveAnswer answer(&engine, nullptr);
    answer.setAfterPainting([](const std::function<void()>&) {});
    answer.ask(request(3));
    answer.stop();
    // It ends by itself then, as every answer that was begun: with what there is.
    QCOMPARE(engine.asked.size(), std::size_t{1});
    QCOMPARE(engine.stops, 1);
    answer.stop();
    QCOMPARE(engine.asked.size(), std::size_t{1});
}

void TestActiveAnswer::anAnswerGrowsByItsBatches() {
    QTemporaryDir dir;
    QuietEngine engine(dir.path().toStdString());
    ActiveAnswer answer(&engine, nullptr);
    AnswerRequest goes_on = request(3);
    goes_on.continued = 7;
    goes_on.turns.back().text = "one";
    answer.ask(goes_on, 5);
    // The history is ahead of what has come.
    answer.begin(7, {{1, 0, 3, 9}, {2, 3, 7, 10}});
    QCOMPARE(answer.message(), 7);
    QCOMPARE(answer.tokens().size(), std::size_t{1});
    AnswerBatch batch;
    batch.message = 7;
    batch.text = " two";
    batch.tokens = {{2, 3, 7, 10}};
    QVERIFY(answer.add(batch));
    QCOMPARE(answer.text(), std::string("one two"));
    QCOMPARE(answer.tokens().size(), std::size_t{2});
    batch.message = 8;
    QVERIFY(!answer.add(batch));
    QCOMPARE(answer.end(), 5);
    QVERIFY(!answer.runs());
    QCOMPARE(answer.message(), 0);
}

void TestActiveAnswer::aRefusedAnswerIsAskedAgain() {
    QTemporaryDir dir;
    QuietEngine engine(dir.path().toStdString());
    ActiveAnswer answer(&engine, nullptr);
    QVERIFY(!answer.askAgain(ContextPolicy::kDropOldest));
    AnswerRequest asks = request(3);
    asks.settings.context_policy = ContextPolicy::kAsk;
    answer.ask(asks, 5);
    QVERIFY(!answer.askAgain(ContextPolicy::kDropOldest));
    answer.end();
    QVERIFY(answer.askAgain(ContextPolicy::kDropOldest));
    QCOMPARE(engine.asked.size(), std::size_t{2});
    QVERIFY(engine.asked[1].settings.context_policy == ContextPolicy::kDropOldest);
    QCOMPARE(engine.asked[1].turns.back().text, std::string("Hello!"));
    QCOMPARE(answer.end(), 5);
}

void TestActiveAnswer::othersAreAskedAtOnce() {
    QTemporaryDir dir;
    QuietEngine engine(dir.path().toStdString());
    ActiveAnswer answer(&engine, nullptr);
    answer.setAfterPainting([](const std::function<void()>&) {});
    answer.ask(request(3), 0, {request(3)});
    QVERIFY(engine.asked.empty());
    answer.stopColumn(1);  // which exists then
    QCOMPARE(engine.asked.size(), std::size_t{2});
    QCOMPARE(engine.stopped, 1);
    // The chat's has ended, and another one not.
    answer.end();
    QVERIFY(!answer.runs());
    QVERIFY(answer.othersRun());
    QCOMPARE(answer.conversation(), 3);
    QVERIFY(!answer.askAgain(ContextPolicy::kDropOldest));
    answer.endOthers();
    QCOMPARE(answer.conversation(), 0);
    // All were refused, and all are asked again.
    answer.setAfterPainting({});
    QVERIFY(answer.askAgain(ContextPolicy::kDropOldest));
    QCOMPARE(engine.asked.size(), std::size_t{4});
    QVERIFY(engine.asked[3].settings.context_policy == ContextPolicy::kDropOldest);
    QVERIFY(answer.othersRun());
}

void TestActiveAnswer::paintingIsWaitedFor() {
    QWidget window;
    Painted part;
    part.setParent(&window);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    QTRY_VERIFY(part.paints > 0);
    QTest::qWait(50);
    for (int i = 0; i < 5; ++i) {
        part.paints = 0;
        part.update();
        int painted_before = -1;
        afterPainting(&part, [&] { painted_before = part.paints; });
        QCOMPARE(painted_before, -1);
        QTRY_VERIFY(painted_before >= 0);
        QCOMPARE(painted_before, 1);
    }
}

void TestActiveAnswer::aHiddenWindowIsNotWaitedFor() {
    Painted window;
    bool called = false;
    afterPainting(&window, [&] { called = true; });
    QVERIFY(!called);
    QTRY_VERIFY(called);
    QCOMPARE(window.paints, 0);
    // And one that goes takes its calls with it.
    {
        Painted other;
        afterPainting(&other, [&] { called = false; });
    }
    QTest::qWait(150);
    QVERIFY(called);
}

QTEST_MAIN(TestActiveAnswer)
#include "test_active_answer.moc"
