// Tokens that stream: batches, what hidden views cost, and that nothing is lost on the way.

#include <QElapsedTimer>

#include "tests/inspector/bench.h"
#include "ui/inspector/charts/layers_chart.h"
#include "ui/inspector/charts/shared_tokens_chart.h"
#include "ui/inspector/views/tokens_view.h"

using namespace moescope;
using samples::Sample;

class TestLive : public QObject {
    Q_OBJECT

private:
    static RoutingShape largeShape() {
        RoutingShape shape = samples::smallShape();
        shape.moe_layers = 27;
        shape.experts = 64;
        shape.experts_used = 6;
        return shape;
    }

    static int refreshesOf(const InspectorView& view) {
        int sum = 0;
        for (const ChartWidget* chart : view.charts()) sum += chart->refreshes();
        return sum;
    }

private Q_SLOTS:
    /// 2,000 tokens of a large model in batches of 10, for each view that may be open.
    void streamsInBatches_data() { addViewRows(); }
    void streamsInBatches() {
        QFETCH(ViewKind, kind);
        InspectorBench bench;
        Sample s(1, 0, 0, samples::Detail::kAll, largeShape());
        bench.model().setSource(s.source);
        bench.show(kind);
        std::map<ViewKind, int> before;
        for (InspectorView* view : bench.dock.views()) before[view->kind()] = refreshesOf(*view);
        QElapsedTimer clock;
        clock.start();
        for (int batch = 0; batch < 200; ++batch) {
            s.grow(10);
            bench.model().sourceGrew();
            QCoreApplication::processEvents();
        }
        const auto elapsed = static_cast<double>(clock.elapsed());
        for (InspectorView* view : bench.dock.views()) {
            const int refreshes = refreshesOf(*view) - before[view->kind()];
            if (view->kind() != kind) {
                QCOMPARE(refreshes, 0);  // hidden views cost nothing
                continue;
            }
            // At most one each 33 ms, however many batches come.
            const auto charts = static_cast<double>(view->charts().size());
            QVERIFY2(refreshes <= charts * (elapsed / 33 + 2),
                     qPrintable(QStringLiteral("%1 in %2 ms").arg(refreshes).arg(elapsed)));
        }
        // In the end everything is there.
        QTest::qWait(40);
        bench.settle();
        QCOMPARE(s.source->size(), 2000);
        if (auto* chart = bench.chart<LayersChart>(); chart && kind == ViewKind::kLayers) {
            const std::vector<double> wanted = relativeLoad(expertCounts(*s.log, 20, allTokens(*s.log)));
            for (int e = 0; e < 64; ++e)
                QVERIFY(std::abs(chart->relativeLoadAt(20, e) - wanted[static_cast<std::size_t>(e)]) < 1e-9);
        }
        if (const auto* tokens = qobject_cast<TokensView*>(bench.dock.currentView())) {
            QVERIFY(QTest::qWaitFor([&] { return tokens->upToDate(); }, 20'000));
            QCOMPARE(tokens->tokensRead(), 2000);
        }
        if (auto* chart = bench.chart<SharedTokensChart>()) QCOMPARE(chart->csv().count(QLatin1Char('\n')), 2001);
    }

    /// A hidden view catches up when it is shown.
    void hiddenViewsCatchUp() {
        InspectorBench bench;
        Sample s(1, 10);
        bench.model().setSource(s.source);
        bench.show(ViewKind::kLayers);
        auto* chart = bench.chart<LayersChart>();
        bench.show(ViewKind::kBalance);
        s.grow(50);
        bench.model().sourceGrew();
        QTest::qWait(50);
        QVERIFY(chart->caption().contains(QStringLiteral("10")));
        bench.show(ViewKind::kLayers);
        QVERIFY(chart->caption().contains(QStringLiteral("60")));
    }

    /// The selection stays while tokens come, and goes with another source.
    void selectionStays() {
        InspectorBench bench;
        Sample s(1, 10), other(2, 10);
        bench.model().setSource(s.source);
        bench.show(ViewKind::kDetails);
        bench.selection().choose(Spot::ofToken(1, 4));
        s.grow(50);
        bench.model().sourceGrew();
        bench.settle();
        QCOMPARE(bench.selection().chosen().first, 4);
        bench.model().setSource(other.source);
        bench.settle();
        for (ChartWidget* widget : bench.dock.details()->charts()) QVERIFY(!widget->chart().emptyText().isEmpty());
        bench.model().setSource(nullptr);
        for (InspectorView* view : bench.dock.views()) {
            bench.show(view->kind());
            QVERIFY(!bench.dock.grab().isNull());
        }
    }
};

QTEST_MAIN(TestLive)
#include "test_live.moc"
