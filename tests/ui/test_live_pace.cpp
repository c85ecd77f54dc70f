// If this fails, views take the cores from the engine while an answer streams, or stand still.

#include <QSignalSpy>
#include <QTest>

#include "ui/live_pace.h"

using namespace moescope;

class TestLivePace : public QObject {
    Q_OBJECT

private slots:
    void nothingWaitsWithoutAnAnswer() {
        LivePace pace(0.001);
        QCOMPARE(pace.wait(1000, 5000), 0);
        pace.spend(1000);
        QCOMPARE(pace.wait(1000, 5000), 0);
    }

    void aPictureWaitsUntilItIsSavedUp() {
        LivePace pace(0.001);  // a millisecond a second
        pace.begin();
        const int wait = pace.wait(2, 100000);
        QVERIFY2(wait > 1000 && wait <= 2000, qPrintable(QString::number(wait)));
        QCOMPARE(pace.wait(2, 100), 100);  // but no longer than the view can bear
        QTest::qWait(20);
        QVERIFY(pace.wait(2, 100000) < wait);
    }

    void whatOneViewPaintsTheOthersWaitFor() {
        LivePace pace(0.001);
        pace.begin();
        const int before = pace.wait(1, 100000);
        pace.spend(3);
        const int after = pace.wait(1, 100000);
        QVERIFY2(after > before + 2000, qPrintable(QString::number(after)));
    }

    void aSlowModelLeavesTimeForEveryToken() {
        LivePace pace(0.5);
        pace.begin();
        QTest::qWait(30);  // the prompt is read
        QCOMPARE(pace.wait(2, 1000), 0);
    }

    void aLongPauseDoesNotSaveUpForever() {
        LivePace pace(0.5);
        pace.begin();
        QTest::qWait(200);
        QCOMPARE(pace.wait(1000, 100000), 0);  // what costs more than can be saved does not wait forever
        pace.spend(1000);
        QVERIFY(pace.wait(20, 100000) > 1000);  // and 100 ms would be there if all had been saved
    }

    void theEndIsSaidOnce() {
        LivePace pace(0.001);
        QSignalSpy ended(&pace, &LivePace::ended);
        pace.end();
        QCOMPARE(ended.count(), 0);
        pace.begin();
        pace.spend(100);
        pace.end();
        pace.end();
        QCOMPARE(ended.count(), 1);
        QCOMPARE(pace.wait(10, 1000), 0);
    }
};

QTEST_GUILESS_MAIN(TestLivePace)
#include "test_live_pace.moc"
