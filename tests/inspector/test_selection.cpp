// The selection that the views and the transcript share.

#include <QSignalSpy>
#include <QTest>

#include "ui/selection.h"

using namespace moescope;

class TestSelection : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void saysEachChangeOnce() {
        RoutingSelection selection;
        QSignalSpy changes(&selection, &RoutingSelection::changed);
        selection.choose(Spot::ofToken(7, 12));
        QCOMPARE(changes.count(), 1);
        QCOMPARE(changes.takeFirst().at(0).value<RoutingSelection::Parts>(), RoutingSelection::kTokens);
        selection.choose(Spot::ofExpert(3, 40));
        QCOMPARE(changes.count(), 1);
        QCOMPARE(changes.takeFirst().at(0).value<RoutingSelection::Parts>(),
                 RoutingSelection::kLayer | RoutingSelection::kExpert);
        QCOMPARE(selection.chosen(), (Spot{7, 12, 12, 3, 40}));
        selection.choose({7, 12, 12, 3, 40});
        selection.choose({});
        QCOMPARE(changes.count(), 0);
    }

    void turnsRangesTheRightWay() {
        RoutingSelection selection;
        selection.choose({1, 9, 4, -1, -1});
        QCOMPARE(selection.chosen().first, 4);
        QCOMPARE(selection.chosen().last, 9);
        QVERIFY(selection.chosen().hasToken(1, 4));
        QVERIFY(selection.chosen().hasToken(1, 9));
        QVERIFY(!selection.chosen().hasToken(1, 10));
        QVERIFY(!selection.chosen().hasToken(2, 5));
    }

    void hoveringShowsAndFallsBack() {
        RoutingSelection selection;
        selection.choose({1, 3, 3, 2, 5});
        QSignalSpy changes(&selection, &RoutingSelection::changed);
        selection.hover(Spot::ofToken(1, 8));
        QCOMPARE(changes.count(), 1);
        QCOMPARE(changes.takeFirst().at(0).value<RoutingSelection::Parts>(), RoutingSelection::kHover);
        QCOMPARE(selection.shown(), (Spot{1, 8, 8, 2, 5}));
        QCOMPARE(selection.chosen(), (Spot{1, 3, 3, 2, 5}));
        selection.hover(Spot::ofToken(1, 8));
        QCOMPARE(changes.count(), 0);
        selection.hover({});
        QCOMPARE(changes.count(), 1);
        QCOMPARE(selection.shown(), selection.chosen());
    }

    void clearsInParts() {
        RoutingSelection selection;
        selection.choose({1, 3, 4, 2, 5});
        selection.clearExpert();
        QCOMPARE(selection.chosen(), (Spot{1, 3, 4, 2, -1}));
        selection.clearTokens();
        QCOMPARE(selection.chosen(), (Spot{0, -1, -1, 2, -1}));
        QSignalSpy changes(&selection, &RoutingSelection::changed);
        selection.clear();
        QCOMPARE(changes.count(), 1);
        selection.clear();
        QCOMPARE(changes.count(), 1);
        QVERIFY(selection.chosen().empty());
    }

    /// Two that answer each other's changes come to rest.
    void listenersThatAnswerEachOtherEnd() {
        RoutingSelection a, b;
        int turns = 0;
        connect(&a, &RoutingSelection::changed, &b, [&] {
            ++turns;
            b.choose(a.chosen());
        });
        connect(&b, &RoutingSelection::changed, &a, [&] {
            ++turns;
            a.choose(b.chosen());
        });
        a.choose({1, 2, 3, 4, 5});
        QCOMPARE(b.chosen(), a.chosen());
        QCOMPARE(turns, 2);
    }
};

QTEST_MAIN(TestSelection)
#include "test_selection.moc"
