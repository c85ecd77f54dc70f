// Everything without a mouse; and the dock: tabs, floating, maximised, back.

#include <QMainWindow>
#include <QSignalSpy>
#include <QTabBar>

#include "tests/inspector/bench.h"
#include "ui/inspector/charts/balance_chart.h"
#include "ui/inspector/charts/layers_chart.h"
#include "ui/inspector/charts/shared_tokens_chart.h"
#include "ui/inspector/charts/tokens_chart.h"
#include "ui/widgets/small_choice.h"

using namespace moescope;
using samples::Sample;

class TestKeys : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void arrowsWalkLayersAndExperts() {
        InspectorBench bench;
        Sample a(1, 30);
        bench.model().setSource(a.source);
        bench.show(ViewKind::kLayers);
        ChartWidget* widget = nullptr;
        QVERIFY(bench.chart<LayersChart>(&widget));
        const auto press = [&](int key, Qt::KeyboardModifiers modifiers = {}) {
            QTest::keyClick(widget, static_cast<Qt::Key>(key), modifiers);
            return bench.selection().chosen();
        };
        // What was not chosen yet begins at the end that the key leads away from.
        QCOMPARE(press(Qt::Key_Right), Spot::ofExpert(0, 0));
        QCOMPARE(press(Qt::Key_Right), Spot::ofExpert(0, 1));
        QCOMPARE(press(Qt::Key_Down), Spot::ofExpert(1, 1));
        QCOMPARE(press(Qt::Key_End), Spot::ofExpert(1, 7));
        QCOMPARE(press(Qt::Key_Right), Spot::ofExpert(1, 7));
        QCOMPARE(press(Qt::Key_Left), Spot::ofExpert(1, 6));
        QCOMPARE(press(Qt::Key_Home), Spot::ofExpert(1, 0));
        QCOMPARE(press(Qt::Key_PageDown), Spot::ofExpert(2, 0));
        QCOMPARE(press(Qt::Key_Up), Spot::ofExpert(1, 0));
        QCOMPARE(press(Qt::Key_PageUp), Spot::ofExpert(0, 0));
        QVERIFY(widget->accessibleDescription().contains(QStringLiteral("expert 0")));
        QCOMPARE(press(Qt::Key_Escape), Spot());
        QCOMPARE(press(Qt::Key_Up), Spot::ofExpert(2, -1));
    }

    void arrowsWalkTokensAndRanges() {
        InspectorBench bench;
        Sample a(1, 30);
        bench.model().setSource(a.source);
        bench.show(ViewKind::kLive);
        ChartWidget* widget = nullptr;
        QVERIFY(bench.chart<TokensChart>(&widget));
        const auto press = [&](int key, Qt::KeyboardModifiers modifiers = {}) {
            QTest::keyClick(widget, static_cast<Qt::Key>(key), modifiers);
            return std::pair(bench.selection().chosen().first, bench.selection().chosen().last);
        };
        using Range = std::pair<int, int>;
        QCOMPARE(press(Qt::Key_End), Range(29, 29));
        QCOMPARE(press(Qt::Key_Left), Range(28, 28));
        QCOMPARE(press(Qt::Key_Left, Qt::ShiftModifier), Range(27, 28));
        QCOMPARE(press(Qt::Key_Right, Qt::ShiftModifier), Range(27, 29));
        QCOMPARE(press(Qt::Key_Left), Range(26, 26));
        QCOMPARE(press(Qt::Key_Home), Range(0, 0));
        QCOMPARE(press(Qt::Key_End, Qt::ShiftModifier), Range(0, 29));
        QTest::keyClick(widget, Qt::Key_Down);
        QCOMPARE(bench.selection().chosen().expert, 0);
        QTest::keyClick(widget, Qt::Key_Escape);
        QVERIFY(bench.selection().chosen().empty());
    }

    /// Each chart that takes the focus answers each of its arrows, and Tab leads through all of them.
    void everyChartAnswersItsArrows() {
        InspectorBench bench;
        Sample a(1, 30, 5), b(2, 30);
        bench.model().setOffers({{1, QStringLiteral("One"), {}}, {2, QStringLiteral("Two"), {}}});
        bench.model().setLoader([&](qint64 id) { return id == 1 ? a.source : b.source; });
        bench.model().setSource(a.source);
        bench.model().compare(1, 2);
        for (InspectorView* view : bench.dock.views()) {
            if (view->charts().empty()) continue;
            bench.show(view->kind());
            for (ChartWidget* widget : view->charts()) {
                if (!widget->isVisible()) continue;
                for (const bool across : {true, false}) {
                    const Chart::Axis axis = across ? widget->chart().across() : widget->chart().down();
                    if (axis == Chart::Axis::kNone) continue;
                    QVERIFY(widget->focusPolicy() & Qt::TabFocus);
                    bench.selection().clear();
                    bench.selection().choose({1, 3, 3, 1, 1});
                    bench.settle();
                    QTest::keyClick(widget, across ? Qt::Key_Right : Qt::Key_Down);
                    const Spot now = bench.selection().chosen();
                    switch (axis) {
                        case Chart::Axis::kTokens:
                            QCOMPARE(now, (Spot{1, 4, 4, 1, 1}));
                            break;
                        case Chart::Axis::kLayers:
                            QCOMPARE(now, (Spot{1, 3, 3, 2, 1}));
                            break;
                        case Chart::Axis::kExperts:
                            QCOMPARE(now, (Spot{1, 3, 3, 1, 2}));
                            break;
                        case Chart::Axis::kNone:
                            break;
                    }
                }
            }
        }
    }

    void optionsAreReachedByKeys() {
        InspectorBench bench;
        Sample a(1, 30, 5);
        bench.model().setSource(a.source);
        InspectorView& view = bench.show(ViewKind::kBalance);
        const auto choices = view.findChildren<SmallChoice*>();
        QCOMPARE(choices.size(), 1);
        for (SmallChoice* choice : choices) {
            QVERIFY(choice->focusPolicy() & Qt::TabFocus);
            QVERIFY(!choice->accessibleName().isEmpty());
        }
        auto* chart = bench.chart<BalanceChart>();
        QTest::keyClick(choices[0], Qt::Key_Down);
        QCOMPARE(chart->sortColumn(), BalanceChart::kJain);
        QTest::keyClick(choices[0], Qt::Key_Down);
        QCOMPARE(chart->sortColumn(), BalanceChart::kMaxViolation);
        QVERIFY(chart->descending());
    }

    void tabsAreWalkedByKeys() {
        InspectorBench bench;
        bench.dock.activateWindow();
        QSignalSpy changes(&bench.dock, &InspectorDock::viewChanged);
        auto* tabs = bench.dock.findChild<QTabBar*>(QStringLiteral("views"));
        tabs->setFocus();
        QTest::keyClick(tabs, Qt::Key_PageDown, Qt::ControlModifier);
        QCOMPARE(bench.dock.currentView()->kind(), ViewKind::kTokens);
        QTest::keyClick(tabs, Qt::Key_PageUp, Qt::ControlModifier);
        QTest::keyClick(tabs, Qt::Key_PageUp, Qt::ControlModifier);
        const auto last = bench.dock.views().end();
        QCOMPARE(bench.dock.currentView(), *std::prev(last));  // from the first round to the last
        QTest::keyClick(tabs, Qt::Key_Left);
        QCOMPARE(bench.dock.currentView(), *std::prev(last, 2));
        QCOMPARE(changes.count(), 4);
    }

    void floatsMaximisesAndReturns() {
        ThemeStore themes;
        QMainWindow window;
        window.resize(1200, 800);
        auto* dock = new InspectorDock(&themes);
        window.setCentralWidget(new QWidget);
        window.addDockWidget(Qt::RightDockWidgetArea, dock);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        Sample a(1, 30);
        dock->model().setSource(a.source);
        dock->showView(ViewKind::kBalance);
        for (int round = 0; round < 3; ++round) {
            dock->setFloating(true);
            QCoreApplication::processEvents();
            QVERIFY(dock->isFloating() && dock->isVisible());
            dock->setMaximised(true);
            QCoreApplication::processEvents();
            QVERIFY(dock->isMaximised());
            dock->setMaximised(false);
            QCoreApplication::processEvents();
            QVERIFY(dock->isFloating() && !dock->isMaximised());
            dock->setFloating(false);
            QCoreApplication::processEvents();
            QVERIFY(!dock->isFloating() && dock->isVisible());
            QCOMPARE(window.dockWidgetArea(dock), Qt::RightDockWidgetArea);
            // Maximised from where it is docked, it goes back there.
            dock->setMaximised(true);
            QCoreApplication::processEvents();
            QVERIFY(dock->isMaximised());
            dock->setMaximised(false);
            QCoreApplication::processEvents();
            QVERIFY(!dock->isFloating());
            QCOMPARE(dock->currentView()->kind(), ViewKind::kBalance);
            QVERIFY(dock->currentView()->isVisible());
        }
    }
};

QTEST_MAIN(TestKeys)
#include "test_keys.moc"
