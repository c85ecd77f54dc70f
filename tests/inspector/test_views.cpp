// What single views compute and offer: sorting, pairs and paths, hardly used experts, positions, tokens routed alike,
// figures by token and layer, two experts side by side, the router's rows, and the menus of what is seen.

#include <QMenu>
#include <QSignalSpy>

#include "tests/inspector/bench.h"
#include "ui/heatmap/colour_map.h"
#include "ui/inspector/charts/balance_chart.h"
#include "ui/inspector/charts/coactivation_chart.h"
#include "ui/inspector/charts/depth_chart.h"
#include "ui/inspector/charts/expert_pair_chart.h"
#include "ui/inspector/charts/lift_chart.h"
#include "ui/inspector/charts/load_bars_chart.h"
#include "ui/inspector/charts/position_chart.h"
#include "ui/inspector/charts/router_chart.h"
#include "ui/inspector/charts/rows_chart.h"
#include "ui/inspector/spot_menu.h"
#include "ui/widgets/small_choice.h"

using namespace moescope;
using samples::Detail;
using samples::Sample;

class TestViews : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void balanceSorts() {
        InspectorBench bench;
        RoutingShape shape = samples::smallShape();
        shape.moe_layers = 4;
        // Layer l cycles through l + 1 experts only: the deeper, the more even.
        auto log = std::make_shared<RoutingLog>(shape);
        for (int t = 0; t < 40; ++t) {
            std::vector<LayerRouting> layers(4);
            for (int l = 0; l < 4; ++l) {
                LayerRouting& r = layers[static_cast<std::size_t>(l)];
                r.count = 1;
                r.experts[0] = t % (l + 1);
                r.gates[0] = 1;
            }
            log->onToken({t, t, Phase::kDecode, layers});
        }
        bench.model().setSource(std::make_shared<RoutingSource>(1, QStringLiteral("x"), log));
        bench.show(ViewKind::kBalance);
        ChartWidget* widget = nullptr;
        auto* chart = bench.chart<BalanceChart>(&widget);
        QCOMPARE(chart->order(), (std::vector<int>{0, 1, 2, 3}));
        const auto click = [&](BalanceChart::Column column) {
            QTest::mouseClick(widget, Qt::LeftButton, {},
                              chart->headRect(InspectorBench::body(*widget), column).center().toPoint());
            bench.settle();
        };
        click(BalanceChart::kJain);
        QCOMPARE(chart->order(), (std::vector<int>{0, 1, 2, 3}));
        click(BalanceChart::kJain);
        QCOMPARE(chart->order(), (std::vector<int>{3, 2, 1, 0}));
        click(BalanceChart::kMaxViolation);
        QCOMPARE(chart->order(), (std::vector<int>{0, 1, 2, 3}));
        click(BalanceChart::kLayer);
        click(BalanceChart::kLayer);
        QCOMPARE(chart->order(), (std::vector<int>{3, 2, 1, 0}));
        QTest::mouseClick(widget, Qt::LeftButton, {},
                          chart->rowRect(InspectorBench::body(*widget), 1).center().toPoint());
        QCOMPARE(bench.selection().chosen().layer, 1);
        bench.settle();
        QVERIFY(widget->accessibleDescription().contains(QStringLiteral("Jain 0.250")));
        ChartWidget* bars = nullptr;
        QCOMPARE(bench.chart<LoadBarsChart>(&bars)->relative(), (std::vector<double>{4, 4, 0, 0, 0, 0, 0, 0}));
    }

    /// Lift is the observed share over that of independent choices; the paths are those that stand out.
    void liftIsObservedOverIndependent() {
        InspectorBench bench;
        RoutingShape shape = samples::smallShape();
        // Expert 0 is always followed by 1, and 2 by either of 3 and 4.
        auto log = std::make_shared<RoutingLog>(shape);
        for (int t = 0; t < 80; ++t) {
            std::vector<LayerRouting> layers(3);
            const int from = t % 2 == 0 ? 0 : 2, to = from == 0 ? 1 : t % 4 == 1 ? 3 : 4;
            for (int l = 0; l < 3; ++l) {
                layers[static_cast<std::size_t>(l)].count = 1;
                layers[static_cast<std::size_t>(l)].experts[0] = l == 0 ? from : to;
                layers[static_cast<std::size_t>(l)].gates[0] = 1;
            }
            log->onToken({t, t, Phase::kDecode, layers});
        }
        bench.model().setSource(std::make_shared<RoutingSource>(1, QStringLiteral("x"), log));
        bench.show(ViewKind::kTogether);
        ChartWidget* widget = nullptr;
        auto* chart = bench.chart<LiftChart>(&widget);
        QVERIFY(chart);
        QCOMPARE(chart->from(), 0);
        QCOMPARE(chart->to(), 1);
        QCOMPARE(chart->lift(0, 1), 2.0);
        QCOMPARE(chart->lift(0, 3), 0.0);
        QCOMPARE(chart->lift(2, 3), 2.0);
        QVERIFY(std::isnan(chart->lift(5, 1)));
        QCOMPARE(chart->paths().size(), std::size_t(3));
        QCOMPARE(chart->paths()[0].expert, 0);
        QCOMPARE(chart->paths()[0].tokens, 40.0);
        const QRectF body = InspectorBench::body(*widget);
        QVERIFY2(chart->tipAt(chart->cell(body, 0, 1).center(), body).contains(QStringLiteral("2.00 times as often")),
                 qPrintable(chart->tipAt(chart->cell(body, 0, 1).center(), body)));
        // To another layer, and from the last one.
        chart->setTarget(2);
        bench.settle();
        QCOMPARE(chart->to(), 2);
        bench.selection().choose(Spot::ofExpert(2, -1));
        bench.settle();
        QCOMPARE(chart->from(), 1);
        QCOMPARE(chart->to(), 2);
    }

    /// All experts that are hardly chosen, the rarest first; a click selects one everywhere.
    void unusedExpertsAreListed() {
        InspectorBench bench;
        auto log = std::make_shared<RoutingLog>(samples::smallShape());
        for (int t = 0; t < 100; ++t) {
            std::vector<LayerRouting> layers(3);
            for (int l = 0; l < 3; ++l) {
                LayerRouting& r = layers[static_cast<std::size_t>(l)];
                r.count = 1;
                // Layer 0 leaves out 7; layer 1 chooses 3 once; layer 2 is even.
                r.experts[0] = l == 0 ? t % 7 : l == 1 ? (t == 0 ? 3 : std::vector{0, 1, 2, 4, 5, 6, 7}[t % 7]) : t % 8;
                r.gates[0] = 1;
            }
            log->onToken({t, t, Phase::kDecode, layers});
        }
        bench.model().setSource(std::make_shared<RoutingSource>(1, QStringLiteral("x"), log));
        bench.show(ViewKind::kUnused);
        ChartWidget* widget = nullptr;
        auto* chart = bench.chart<UnusedChart>(&widget);
        QVERIFY(chart);
        QCOMPARE(chart->never(), 1);
        QCOMPARE(chart->rare(), 1);
        QCOMPARE(chart->rows().size(), std::size_t(2));
        QCOMPARE(chart->rows()[0].spot, Spot::ofExpert(0, 7));
        QCOMPARE(chart->rows()[1].spot, Spot::ofExpert(1, 3));
        bench.model().setExpertNames({{{1, 3}, QStringLiteral("rare words")}});  // while it is shown
        QTRY_VERIFY(chart->rows()[1].name.endsWith(QStringLiteral("rare words")));
        QTest::mouseClick(widget, Qt::LeftButton, {},
                          chart->rowRect(InspectorBench::body(*widget), 1).center().toPoint());
        QCOMPARE(bench.selection().chosen().layer, 1);
        QCOMPARE(bench.selection().chosen().expert, 3);
        QVERIFY(chart->csv().contains(QStringLiteral("\n2,3,1,0.08\n")));
    }

    /// The most alike first, by the share of experts that both chose.
    void tokensRoutedAlikeAreFound() {
        InspectorBench bench;
        Sample a(1, 30);  // token t + 8 has the same experts as t, t + 1 half of them
        bench.model().setSource(a.source);
        bench.show(ViewKind::kAlike);
        ChartWidget* widget = nullptr;
        auto* chart = bench.chart<SimilarChart>(&widget);
        QVERIFY(chart && !chart->emptyText().isEmpty());
        bench.selection().choose(Spot::ofToken(1, 9));
        bench.settle();
        QVERIFY(chart->rows().size() > 5);
        QCOMPARE(chart->rows()[0].spot.first, 1);
        QCOMPARE(chart->rows()[1].spot.first, 17);
        QCOMPARE(chart->rows()[2].spot.first, 25);
        QCOMPARE(chart->rows()[0].share, 1.0);
        QCOMPARE(chart->rows()[3].share, 1.0 / 3);  // 3 of 6 and 6 experts
        bench.model().setScope({.text = {}, .from = 10});
        bench.settle();
        QCOMPARE(a.source->log().token(0).position, 0);
        QCOMPARE(bench.model().source()->inWhole(chart->rows()[0].spot.first), 17);
    }

    void positionsAreBinned() {
        InspectorBench bench;
        Sample a(1, 30);
        bench.model().setSource(a.source);
        bench.selection().choose(Spot::ofExpert(0, 3));
        bench.show(ViewKind::kPosition);
        auto* chart = bench.chart<PositionChart>();
        QVERIFY(chart);
        QCOMPARE(chart->bins().size(), std::size_t(30));
        for (const PositionChart::Bin& bin : chart->bins()) {
            QCOMPARE(bin.tokens, 1);
            QCOMPARE(bin.top_gate, 0.5);
            QCOMPARE(bin.entropy, gateEntropy(a.log->at(static_cast<std::size_t>(bin.begin), 0)));
            QCOMPARE(bin.of_expert, bin.begin % 8 == 3 || bin.begin % 8 == 2 ? 1.0 : 0.0);
        }
        Sample longer(2, 1000);
        bench.model().setSource(longer.source);
        bench.settle();
        int tokens = 0;
        for (const PositionChart::Bin& bin : chart->bins()) tokens += bin.tokens;
        QCOMPARE(tokens, 1000);
        QVERIFY(chart->bins().size() <= 64);
    }

    /// Each value is that of the record; a click chooses token and layer.
    void figuresByTokenAndLayer() {
        InspectorBench bench;
        Sample a(1, 30, 5);
        bench.model().setSource(a.source);
        InspectorView& view = bench.show(ViewKind::kDepth);
        ChartWidget* widget = nullptr;
        auto* chart = bench.chart<DepthChart>(&widget);
        QVERIFY(chart);
        const LayerRouting r = a.log->at(7, 1);
        QCOMPARE(chart->valueOf(7, 1), gateEntropy(r));
        auto* value = view.findChild<SmallChoice*>();
        const auto choose = [&](DepthChart::Value which) {
            value->choose(QString::number(static_cast<int>(which)));
            bench.settle();
            QCOMPARE(chart->value(), which);
        };
        choose(DepthChart::Value::kTopGate);
        QCOMPARE(chart->valueOf(7, 1), 0.5);
        choose(DepthChart::Value::kMargin);
        QCOMPARE(chart->valueOf(7, 1), margin(r));
        QCOMPARE(chart->valueOf(7, 1), 0.125);
        choose(DepthChart::Value::kRepetition);
        QCOMPARE(chart->valueOf(7, 1), 0.5);  // of two experts one is the token's before
        QVERIFY(std::isnan(chart->valueOf(0, 1)));
        // Also where the scope leaves out the token before.
        bench.model().setScope({.text = {}, .from = 7});
        bench.settle();
        QCOMPARE(chart->valueOf(0, 1), 0.5);
        QVERIFY2(chart->csv().startsWith(QStringLiteral("token,text,layer,repeated\n7,w2 ,1,0.5\n")),
                 qPrintable(chart->csv().left(60)));
        bench.model().setScope({});
        bench.settle();
        const QRectF body = InspectorBench::body(*widget), grid = chart->grid(body);
        QTest::mouseClick(widget, Qt::LeftButton, {},
                          QPoint(static_cast<int>(grid.left()) + 2, static_cast<int>(grid.bottom()) - 2));
        QCOMPARE(bench.selection().chosen().first, 0);
        QCOMPARE(bench.selection().chosen().layer, 2);
        // Of very many tokens some are read, and it says so; those of a growing source are the same in the end.
        Sample many(2, 40'000), grown(3, 100);
        for (int i = 0; i < 10; ++i) {
            bench.model().setSource(grown.source);
            grown.grow(3'990);
            bench.model().sourceGrew();
            bench.settle();
            chart->refresh();
        }
        const QImage in_steps = widget->grab().toImage();
        QCOMPARE(chart->stride(), 4);
        QVERIFY(chart->caption().contains(QStringLiteral("one of 4 read")));
        QCOMPARE(grown.source->size(), 40'000);
        bench.model().setSource(many.source);
        bench.settle();
        QCOMPARE(chart->stride(), 4);
        QVERIFY(widget->grab().toImage() == in_steps);
    }

    /// Why there is no number: the first token has none before it, another was not recorded in this layer.
    void whatHasNoNumberSaysWhy() {
        InspectorBench bench;
        auto log = std::make_shared<RoutingLog>(samples::smallShape());
        for (int t = 0; t < 3; ++t) {
            std::vector<LayerRouting> layers(3);
            for (int l = 0; l < 3; ++l) {
                if (t != 1 || l != 1) layers[static_cast<std::size_t>(l)] = samples::record(log->shape(), t, l);
            }
            log->onToken({t, t, Phase::kDecode, layers});
        }
        bench.model().setSource(std::make_shared<RoutingSource>(1, QStringLiteral("x"), log));
        bench.show(ViewKind::kDepth);
        auto* chart = bench.chart<DepthChart>();
        const auto said = [&](int token, int layer) {
            bench.selection().choose({1, token, token, layer, -1});
            bench.settle();
            return chart->caption();
        };
        QVERIFY2(said(1, 1).endsWith(QStringLiteral("not recorded")), qPrintable(said(1, 1)));
        chart->setValue(DepthChart::Value::kRepetition);
        QVERIFY2(said(0, 1).endsWith(QStringLiteral("no token before")), qPrintable(said(0, 1)));
        QVERIFY2(said(1, 1).endsWith(QStringLiteral("not recorded")), qPrintable(said(1, 1)));
        QVERIFY2(!said(1, 0).contains(QStringLiteral("recorded")), qPrintable(said(1, 0)));
    }

    /// The chosen expert beside its strongest partner, or beside one that was chosen for that.
    void expertsAreComparedSideBySide() {
        InspectorBench bench;
        Sample a(1, 80);  // expert e runs with e + 1 and e - 1, each in half of its tokens
        bench.model().setSource(a.source);
        bench.show(ViewKind::kExperts);
        ChartWidget* widget = nullptr;
        auto* chart = bench.chart<ExpertPairChart>(&widget);
        // Before one is chosen, the most used of the layer, which says so.
        QVERIFY(chart && chart->emptyText().isEmpty());
        bench.model().setScope({.text = {}, .from = 3, .to = 4});  // of which both chose expert 4
        bench.settle();
        QCOMPARE(chart->first().layer, 0);
        QCOMPARE(chart->first().expert, 4);
        QCOMPARE(chart->first().tokens, 2.0);
        QVERIFY(chart->caption().contains(QStringLiteral("most used")));
        bench.model().setScope({});
        bench.selection().choose(Spot::ofExpert(1, 4));
        bench.settle();
        QVERIFY(chart->emptyText().isEmpty());
        QVERIFY(!chart->caption().contains(QStringLiteral("most used")));
        QCOMPARE(chart->first().expert, 4);
        QCOMPARE(chart->first().tokens, 20.0);
        QCOMPARE(chart->first().first, 10.0);
        QCOMPARE(chart->first().relative, 1.0);
        QCOMPARE(chart->first().gates, 10 * 0.5 + 10 * 0.25);
        QCOMPARE(chart->second().layer, 1);
        QCOMPARE(chart->second().expert, 3);
        QCOMPARE(chart->both(), 10.0);
        QCOMPARE(chart->first().partners.size(), std::size_t(2));
        double words = 0;
        for (const auto& word : chart->first().words) words += word.tokens;
        QCOMPARE(words, 20.0);
        // By the menu of another one.
        QMenu menu;
        addSpotActions(menu, bench.model(), Spot::ofExpert(2, 7));
        bench.show(ViewKind::kLayers);
        for (QAction* action : menu.actions()) {
            if (action->text() == QLatin1String("Compare with layer 2, expert 4")) action->trigger();
        }
        bench.settle();
        QCOMPARE(bench.dock.currentView()->kind(), ViewKind::kExperts);
        QCOMPARE(chart->first().expert, 4);
        QCOMPARE(chart->second().layer, 2);
        QCOMPARE(chart->second().expert, 7);
        double both = 0;
        for (std::size_t t = 0; t < 80; ++t)
            both += a.log->experts(t, 1).contains(4) && a.log->experts(t, 2).contains(7);
        QCOMPARE(chart->both(), both);
        // By the control above, of the same layer; and back.
        auto* other = bench.dock.currentView()->findChild<SmallChoice*>();
        QVERIFY(other->currentText().startsWith(QStringLiteral("layer 3, expert 7")));
        other->setCurrentIndex(other->findData(QStringLiteral("1:6")));
        emit other->activated(other->currentIndex());
        bench.settle();
        QCOMPARE(chart->second().expert, 6);
        bench.model().setOtherExpert({});
        bench.settle();
        QCOMPARE(chart->second().expert, 3);
        QVERIFY(chart->csv().contains(QStringLiteral("\n2,4,all,,20\n")));
    }

    /// Cosines that fall into two groups are shown as two, whatever the experts' numbers are.
    void routerRowsAreClustered() {
        InspectorBench bench;
        Sample a(1, 20);
        bench.model().setSource(a.source);
        bench.model().setRouter({}, {});
        bench.show(ViewKind::kRouter);
        ChartWidget* widget = nullptr;
        auto* chart = bench.chart<RouterChart>(&widget);
        QVERIFY(chart && chart->emptyText().contains(QStringLiteral("Load the model")));
        const auto cosine = [](int x, int y) { return x == y ? 1.0 : x % 2 == y % 2 ? 0.8 : -0.3; };
        bench.model().setRouter(QStringLiteral("Some model"), [&](int) {
            std::vector<double> cosines;
            for (int x = 0; x < 8; ++x) {
                for (int y = 0; y < 8; ++y) cosines.push_back(cosine(x, y));
            }
            return cosines;
        });
        bench.settle();
        QVERIFY(chart->emptyText().isEmpty());
        QVERIFY(chart->caption().contains(QStringLiteral("Some model")));
        std::vector<int> order = chart->order();
        QCOMPARE(order.size(), std::size_t(8));
        for (std::size_t i = 1; i < 8; ++i) QCOMPARE(order[i] % 2 == order[i - 1] % 2, i != 4);
        std::ranges::sort(order);
        QCOMPARE(order, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7}));
        const QRectF body = InspectorBench::body(*widget);
        QVERIFY(chart->tipAt(chart->cell(body, 2, 4).center(), body).contains(QStringLiteral("0.800")));
        QTest::mouseClick(widget, Qt::LeftButton, {}, chart->cell(body, 5, 2).center().toPoint());
        QCOMPARE(bench.selection().chosen().expert, 5);
        chart->setClustered(false);
        bench.settle();
        QCOMPARE(chart->order(), (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7}));
    }

    /// A scope without prompt or answer holds in these too, which once had choices of their own.
    void balanceAndLayersObeyTheScope() {
        InspectorBench bench;
        Sample a(1, 60, 20);
        bench.model().setSource(a.source);
        bench.show(ViewKind::kBalance);
        auto* chart = bench.chart<BalanceChart>();
        QVERIFY(chart->caption().contains(QStringLiteral("60 token")));
        bench.model().setScope({.prompt = false, .text = {}});
        bench.settle();
        QVERIFY2(chart->caption().contains(QStringLiteral("40 token")), qPrintable(chart->caption()));
        InspectorView& layers = bench.show(ViewKind::kLayers);
        SmallChoice* apart = nullptr;
        for (auto* choice : layers.findChildren<SmallChoice*>()) {
            if (choice->accessibleName() == QLatin1String("Prompt and answer")) apart = choice;
        }
        apart->choose(QStringLiteral("apart"));
        QVERIFY(!apart->isEnabled());
        const auto seen = [&] {
            return std::ranges::count_if(layers.charts(), [](const ChartWidget* c) { return c->isVisible(); });
        };
        QCOMPARE(seen(), 2);  // nothing is told apart: one picture and the bars
        bench.model().setScope({});
        bench.settle();
        QVERIFY(apart->isEnabled());
        QCOMPARE(seen(), 3);
    }

    /// What can be done with an expert where it is seen.
    void menusActOnWhatIsSeen() {
        InspectorBench bench;
        Sample a(1, 30, 5);
        bench.model().setSource(a.source);
        const auto texts = [&](const Spot& spot) {
            QMenu menu;
            addSpotActions(menu, bench.model(), spot);
            QStringList entries;
            for (const QAction* action : menu.actions()) entries << action->text();
            return entries.join(QLatin1Char('|'));
        };
        QVERIFY(texts({}).isEmpty());
        QVERIFY(texts(Spot::ofExpert(1, -1)).startsWith(QStringLiteral("Layer 2|")));
        QVERIFY(texts(Spot::ofExpert(1, 4)).startsWith(QStringLiteral("Layer 2, expert 4|Find tokens")));
        QVERIFY(!texts(Spot::ofExpert(1, 4)).contains(QStringLiteral("Mask")));  // no model is loaded
        QVERIFY(texts(Spot::ofToken(1, 9)).startsWith(QStringLiteral("“w4”, token 10|Find tokens routed like")));
        QVERIFY(texts(Spot::ofToken(2, 9)).isEmpty());
        // "&" is a token, and no key.
        Sample b(3, 4);
        b.source->place(3, "& b", std::vector<TranscriptToken>{{0, 1, 0}}, allTokens(*b.log));
        bench.model().setSource(b.source);
        QVERIFY2(texts(Spot::ofToken(3, 0)).startsWith(QStringLiteral("“&&”, token 1|")),
                 qPrintable(texts(Spot::ofToken(3, 0))));
        bench.model().setSource(a.source);
        bench.model().setRuleOf([](int, int expert) { return expert == 4 ? ExpertRule::kMasked : ExpertRule::kFree; });
        QVERIFY(texts(Spot::ofExpert(1, 4)).contains(QStringLiteral("Stop masking|Force in")));
        QVERIFY(texts(Spot::ofExpert(1, 3)).contains(QStringLiteral("Mask in the next answers|Force in")));
        QSignalSpy rules(&bench.model(), &InspectorModel::ruleWanted);
        QMenu menu;
        addSpotActions(menu, bench.model(), Spot::ofExpert(1, 3));
        for (QAction* action : menu.actions()) {
            if (action->text().startsWith(QLatin1String("Mask")) ||
                action->text() == QLatin1String("Show only its tokens"))
                action->trigger();
        }
        QCOMPARE(rules.count(), 1);
        QCOMPARE(rules[0][0].toInt(), 1);
        QCOMPARE(rules[0][1].toInt(), 3);
        QCOMPARE(bench.model().scope().layer, 1);
        QCOMPARE(bench.model().scope().expert, 3);
        // A right click finds what lies there.
        bench.model().setScope({});
        bench.show(ViewKind::kAlike);
        QMenu like;
        addSpotActions(like, bench.model(), Spot::ofToken(1, 9));
        bench.show(ViewKind::kLayers);
        like.actions()[1]->trigger();
        QCOMPARE(bench.dock.currentView()->kind(), ViewKind::kAlike);
        QCOMPARE(bench.selection().chosen().first, 9);
    }

    void coActivationCellsAreThePairs() {
        InspectorBench bench;
        Sample a(1, 80);
        bench.model().setSource(a.source);
        bench.show(ViewKind::kTogether);
        ChartWidget* widget = nullptr;
        auto* chart = bench.chart<CoActivationChart>(&widget);
        // Expert e runs with e + 1 (half of its tokens) and with e - 1 (the other half), never with e + 3.
        const QImage image = widget->grab().toImage();
        const auto at = [&](int given, int also) {
            return image.pixel(chart->cell(InspectorBench::body(*widget), given, also).center().toPoint()) |
                   0xff000000u;
        };
        QCOMPARE(at(2, 3), cividis(1.0));
        QCOMPARE(at(3, 2), cividis(1.0));
        QCOMPARE(at(2, 5), cividis(0.0));
        QVERIFY(chart->tipAt(chart->cell(InspectorBench::body(*widget), 2, 3).center(), InspectorBench::body(*widget))
                    .contains(QStringLiteral("50 %")));
    }
};

QTEST_MAIN(TestViews)
#include "test_views.moc"
