// Pointing and clicking in each view selects everywhere, and what is selected elsewhere shows in each view.

#include <QSignalSpy>
#include <QTabBar>

#include "tests/inspector/bench.h"
#include "ui/heatmap/colour_map.h"
#include "ui/inspector/charts/layers_chart.h"
#include "ui/inspector/charts/load_bars_chart.h"
#include "ui/inspector/charts/token_chart.h"
#include "ui/inspector/charts/tokens_chart.h"
#include "ui/inspector/plot.h"

using namespace moescope;
using samples::Detail;
using samples::Sample;

namespace {

/// The heatmap has no charts, the sample uses all experts, and what experiments show comes from an engine: tests of
/// their own have them.
const std::vector<ViewKind> kOthers = {ViewKind::kTokens, ViewKind::kUnused, ViewKind::kExperiments};

/// Views of charts.
std::vector<ViewKind> viewsOfCharts() {
    std::vector<ViewKind> kinds;
    for (const ViewInfo& info : inspectorViews()) {
        if (std::ranges::find(kOthers, info.kind) == kOthers.end()) kinds.push_back(info.kind);
    }
    return kinds;
}

void move(ChartWidget* widget, const QPoint& at) {
    QTest::mouseMove(widget, at);
    QCoreApplication::processEvents();
}

}  // namespace

class TestLinking : public QObject {
    Q_OBJECT

private:
    /// Everything that can be shown, in a bench.
    static void fill(InspectorBench& bench, Sample& a, Sample& b) {
        bench.model().setOffers({{1, QStringLiteral("One"), QStringLiteral("Stories")},
                                 {2, QStringLiteral("Two"), QStringLiteral("Sums")}});
        bench.model().setLoader([&](qint64 id) { return id == 1 ? a.source : id == 2 ? b.source : nullptr; });
        bench.model().setSource(a.source);
        bench.model().compare(1, 2);
        bench.selection().choose({1, 5, 5, 0, -1});
    }

private Q_SLOTS:
    void everyWidgetHasAName() {
        InspectorBench bench;
        Sample a(1, 30, 5), b(2, 20);
        fill(bench, a, b);
        for (InspectorView* view : bench.dock.views()) bench.show(view->kind());
        QStringList nameless;
        for (QWidget* widget : bench.dock.findChildren<QWidget*>()) {
            const QString made_by_qt = QStringLiteral("qt_");
            if (widget->objectName().startsWith(made_by_qt) || widget->inherits("QScrollBar") ||
                widget->inherits("QLabel"))
                continue;
            if (widget->parentWidget() &&
                (widget->parentWidget()->inherits("QComboBox") || widget->parentWidget()->inherits("QTabBar") ||
                 widget->parentWidget()->inherits("QComboBoxPrivateContainer") ||
                 widget->inherits("QComboBoxPrivateContainer"))) {
                continue;  // lists and arrows that Qt makes inside its own controls
            }
            QString accessible = widget->accessibleName();
            if (accessible.isEmpty())
                nameless << QStringLiteral("%1 %2").arg(QString::fromLatin1(widget->metaObject()->className()),
                                                        widget->objectName());
        }
        QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join(QStringLiteral("; "))));
    }

    /// The table, the tabs and the views are of one mind, whatever is added to it.
    void viewsAreThoseOfTheTable() {
        InspectorBench bench;
        QSet<QString> names, titles;
        QCOMPARE(bench.dock.views().size(), inspectorViews().size());
        auto* tabs = bench.dock.findChild<QTabBar*>(QStringLiteral("views"));
        for (const ViewInfo& info : inspectorViews()) {
            InspectorView* view = bench.dock.view(info.kind);
            QCOMPARE(view->kind(), info.kind);
            QCOMPARE(view->name(), QString::fromLatin1(info.name));
            QCOMPARE(&bench.show(info.kind), view);
            QCOMPARE(tabs->tabText(tabs->currentIndex()), view->title());
            names << view->name();
            titles << view->title();
        }
        QCOMPARE(names.size(), static_cast<qsizetype>(inspectorViews().size()));
        QCOMPARE(titles.size(), names.size());
    }

    void emptyViewsSayWhatToDo() {
        InspectorBench bench;
        for (const ViewKind kind : viewsOfCharts()) {
            InspectorView& view = bench.show(kind);
            for (ChartWidget* widget : view.charts()) {
                if (!widget->isVisible()) continue;
                const QString said = widget->chart().emptyText();
                QVERIFY2(!said.isEmpty(), qPrintable(view.name() + QLatin1Char(' ') + widget->chart().title()));
                QVERIFY(!widget->grab().isNull());
                QTest::mouseClick(widget, Qt::LeftButton, {}, widget->rect().center());
                QTest::keyClick(widget, Qt::Key_Right);
            }
            QVERIFY(view.csv().size() < 2000);
            // A chat's routing may grow while it is still being read.
            bench.model().sourceGrew();
            bench.settle();
        }
        QVERIFY(bench.selection().chosen().empty());
    }

    void viewsOfOneTokenAndOfIdsOnly_data() {
        QTest::addColumn<int>("tokens");
        QTest::addColumn<bool>("ids_only");
        QTest::newRow("one token") << 1 << false;
        QTest::newRow("ids only") << 40 << true;
        QTest::newRow("one token, ids only") << 1 << true;
    }
    void viewsOfOneTokenAndOfIdsOnly() {
        QFETCH(int, tokens);
        QFETCH(bool, ids_only);
        InspectorBench bench;
        const Detail detail = ids_only ? Detail::kIdsOnly : Detail::kAll;
        Sample a(1, tokens, 0, detail), b(2, tokens, 0, detail);
        fill(bench, a, b);
        bench.selection().choose({1, 0, 0, 0, 0});
        for (InspectorView* view : bench.dock.views()) {
            if (view->kind() == ViewKind::kExperiments) continue;  // needs an engine; tests/window has it
            bench.show(view->kind());
            QImage image(500, 700, QImage::Format_RGB32);
            QPainter p(&image);
            view->paintView(p, image.size());
            p.end();
            bool several = false;
            for (int y = 60; y < image.height() && !several; y += 3) {
                for (int x = 10; x < 490; x += 3) several |= image.pixel(x, y) != image.pixel(0, 0);
            }
            QVERIFY2(several, qPrintable(view->name()));
            QVERIFY(!view->csv().isEmpty() || view->kind() == ViewKind::kShared);
            for (ChartWidget* widget : view->charts()) {
                if (!widget->isVisible()) continue;
                for (const QPoint& at : InspectorBench::places(*widget))
                    (void)widget->chart().tipAt(at, InspectorBench::body(*widget));
            }
        }
        if (!ids_only) return;
        // Norms and gates are not there: charts of them say so, and no view shows a 0 as if it had been measured.
        InspectorView& shared = bench.show(ViewKind::kShared);
        for (ChartWidget* widget : shared.charts()) QVERIFY(!widget->chart().emptyText().isEmpty());
        auto* missing = shared.findChild<QWidget*>(QStringLiteral("missing"));
        QVERIFY(missing && missing->isVisible());
        bench.show(ViewKind::kTokens);
        QVERIFY(!bench.dock.currentView()->csv().contains(QStringLiteral(",0\n")));
    }

    /// In every chart: hovering and clicking do what spotAt says.
    void hoverAndClickSelect_data() { addViewRows(kOthers); }
    void whatIsPointedAtHasRoom() {
        for (const ViewKind kind : viewsOfCharts()) {
            InspectorBench bench;
            Sample a(1, 30, 5), b(2, 24, 5);
            fill(bench, a, b);
            bench.selection().clear();
            InspectorView& view = bench.show(kind);
            bench.selection().hover(Spot::ofToken(1, 5));
            QTest::qWait(20);
            for (const ChartWidget* widget : view.charts()) {
                if (!widget->isVisible()) continue;
                const double needed = widget->chart().wholeHeight(widget->width());
                QVERIFY2(widget->height() >= std::floor(needed),
                         qPrintable(QStringLiteral("%1: %2 of %3").arg(view.name()).arg(widget->height()).arg(needed)));
            }
        }
    }

    void hoverAndClickSelect() {
        QFETCH(ViewKind, kind);
        InspectorBench bench;
        Sample a(1, 30, 5), b(2, 24, 5);
        fill(bench, a, b);
        // All of it is to be seen, for the pointer to reach it.
        bench.dock.details()->setCompact(true);
        bench.dock.resize(560, 2000);
        const int expert = kind == ViewKind::kExperts ? 3 : -1;  // it shows nothing without one
        bench.selection().choose({1, 5, 5, 0, expert});
        InspectorView& view = bench.show(kind);
        int tried = 0;
        for (ChartWidget* widget : view.charts()) {
            if (!widget->isVisible()) continue;
            const std::vector<QPoint> places = InspectorBench::places(*widget);
            if (widget->focusPolicy() != Qt::NoFocus) QVERIFY2(!places.empty(), qPrintable(widget->chart().title()));
            if (places.empty()) continue;
            for (const std::size_t part : {std::size_t(0), places.size() / 3, places.size() - 1}) {
                bench.selection().clear();
                bench.selection().choose({1, 5, 5, 0, expert});
                bench.settle();
                const QPoint at = places[part];
                const Spot spot = widget->chart().spotAt(at, InspectorBench::body(*widget));
                if (spot.empty()) continue;  // what a chart shows may depend on the selection
                move(widget, QPoint(0, 0));
                move(widget, at);
                QCOMPARE(bench.selection().hovered().layer, spot.layer);
                QCOMPARE(bench.selection().hovered().expert, spot.expert);
                QCOMPARE(bench.selection().hovered().first, spot.first);
                QTest::mouseClick(widget, Qt::LeftButton, {}, at);
                const Spot& chosen = bench.selection().chosen();
                if (spot.layer > 0) QCOMPARE(chosen.layer, spot.layer);
                if (spot.expert >= 0) QCOMPARE(chosen.expert, spot.expert);
                if (spot.hasTokens() && spot.first != 5) QVERIFY(chosen.hasToken(spot.source, spot.first));
                ++tried;
            }
            QEvent leave(QEvent::Leave);
            QCoreApplication::sendEvent(widget, &leave);
            QVERIFY(bench.selection().hovered().empty());
        }
        QVERIFY(tried > 0);
    }

    /// In every chart that can be selected in: what is chosen elsewhere changes its picture.
    void choicesElsewhereShow_data() { hoverAndClickSelect_data(); }
    void choicesElsewhereShow() {
        QFETCH(ViewKind, kind);
        InspectorBench bench;
        Sample a(1, 30, 5), b(2, 24, 5);
        fill(bench, a, b);
        InspectorView& view = bench.show(kind);
        for (ChartWidget* widget : view.charts()) {
            if (!widget->isVisible() || widget->focusPolicy() == Qt::NoFocus) continue;
            bench.selection().choose({1, 5, 5, 0, 2});
            bench.settle();
            const QImage before = widget->grab().toImage();
            bench.selection().choose({1, 17, 17, 1, 4});
            bench.settle();
            QVERIFY2(widget->grab().toImage() != before, qPrintable(widget->chart().title()));
        }
    }

    void clickingAgainLetsGo() {
        InspectorBench bench;
        Sample a(1, 30), b(2, 24);
        fill(bench, a, b);
        bench.show(ViewKind::kLayers);
        ChartWidget* widget = nullptr;
        auto* chart = bench.chart<LayersChart>(&widget);
        const QPoint at = chart->cellRect(InspectorBench::body(*widget), 2, 3).center().toPoint();
        QTest::mouseClick(widget, Qt::LeftButton, {}, at);
        QCOMPARE(bench.selection().chosen().layer, 2);
        QCOMPARE(bench.selection().chosen().expert, 3);
        QTest::mouseClick(widget, Qt::LeftButton, {}, at);
        QCOMPARE(bench.selection().chosen().expert, -1);
        QCOMPARE(bench.selection().chosen().layer, 2);
    }

    void draggingChoosesARange() {
        InspectorBench bench;
        Sample a(1, 30), b(2, 24);
        fill(bench, a, b);
        bench.show(ViewKind::kLive);
        ChartWidget* widget = nullptr;
        QVERIFY(bench.chart<TokensChart>(&widget));
        const std::vector<QPoint> places = InspectorBench::places(*widget);
        const auto find = [&](int token) {
            for (const QPoint& at : places) {
                if (widget->chart().spotAt(at, InspectorBench::body(*widget)).first == token) return at;
            }
            return QPoint();
        };
        QTest::mousePress(widget, Qt::LeftButton, {}, find(20));
        QMouseEvent drag(QEvent::MouseMove, find(11), widget->mapToGlobal(find(11)), Qt::LeftButton, Qt::LeftButton,
                         Qt::NoModifier);
        QCoreApplication::sendEvent(widget, &drag);
        QTest::mouseRelease(widget, Qt::LeftButton, {}, find(11));
        QCOMPARE(bench.selection().chosen().first, 11);
        QCOMPARE(bench.selection().chosen().last, 20);
        QTest::mouseClick(widget, Qt::LeftButton, Qt::ShiftModifier, find(25));
        QCOMPARE(bench.selection().chosen().last, 25);
    }

    /// The transcript's token and the views' are the same one, both ways.
    void transcriptTokensAreFound() {
        InspectorBench bench;
        Sample a(1, 30, 5), b(2, 24);
        fill(bench, a, b);
        const int token = a.source->find(1, 7);
        QCOMPARE(token, 12);
        bench.selection().choose(Spot::ofToken(1, token));
        bench.show(ViewKind::kDetails);
        ChartWidget* widget = nullptr;
        auto* chart = bench.chart<TokenChart>(&widget);
        QCOMPARE(chart->title(), QStringLiteral("“w7”"));
        QVERIFY(widget->accessibleDescription().contains(QStringLiteral("“w7”, token 13")));
        QCOMPARE(a.source->placeOf(bench.selection().chosen().first).index, 7);
        // A token of another source is none of this view's.
        bench.selection().choose(Spot::ofToken(2, 3));
        bench.settle();
        QVERIFY(!chart->emptyText().isEmpty());
    }

    /// Where a card computed, each expert says where it ran; hollow are the gates of those in memory.
    void placesOfExperts() {
        InspectorBench bench;
        Sample plain(1, 6);
        auto log = std::make_shared<RoutingLog>(samples::smallShape());
        for (int t = 0; t < 3; ++t) {
            std::vector<LayerRouting> layers;
            for (int l = 0; l < 3; ++l) {
                layers.push_back(samples::record(log->shape(), t, l));
                // Token 0: all on the GPU; token 1: the second of layer 1 in memory; token 2: all in memory.
                layers.back().on_card = t == 0 ? 0b11 : t == 1 ? (l == 1 ? 0b01 : 0b11) : 0;
            }
            log->onToken({100 + t, t, Phase::kDecode, layers});
        }
        const auto placed = std::make_shared<RoutingSource>(2, QStringLiteral("Answer 2"), log);
        bench.show(ViewKind::kDetails);
        ChartWidget* widget = nullptr;
        TokenChart* chart = nullptr;
        const auto show = [&](const SharedSource& source, int token) {
            bench.model().setSource(source);
            bench.selection().choose(Spot::ofToken(source->id(), token));
            bench.settle();
            chart = bench.chart<TokenChart>(&widget);
        };
        const auto tip = [&](int layer, int slot) {
            const QRectF body = InspectorBench::body(*widget);
            return chart->tipAt(chart->chipRect(body, layer, slot).center(), body);
        };
        // Pixels of the gates' blue within a chip's bar, which is thicker than its outline.
        const auto blue = [&](int layer, int slot) {
            const QImage image = widget->grab().toImage();
            const QRect chip = chart->chipRect(InspectorBench::body(*widget), layer, slot).toRect() & image.rect();
            int count = 0;
            for (int y = chip.top(); y <= chip.bottom(); ++y) {
                for (int x = chip.left(); x <= chip.right(); ++x) {
                    count += (image.pixel(x, y) | 0xff000000u) == bench.themes.theme().blue.rgb();
                }
            }
            return count;
        };

        show(plain.source, 1);
        QVERIFY(!tip(0, 0).contains(QStringLiteral("card")));
        QVERIFY(!chart->words().contains(QStringLiteral("card")));
        QVERIFY(!chart->csv().contains(QStringLiteral("on_card")));
        const int filled = blue(1, 1);
        QVERIFY(filled > 0);

        show(placed, 1);
        QVERIFY2(tip(1, 0).endsWith(QStringLiteral(", on the GPU")), qPrintable(tip(1, 0)));
        QVERIFY2(tip(1, 1).endsWith(QStringLiteral(", in memory")), qPrintable(tip(1, 1)));
        QVERIFY2(widget->accessibleDescription().contains(QStringLiteral("experts 2 (on the GPU), 3 (in memory)")),
                 qPrintable(widget->accessibleDescription()));
        QVERIFY(blue(1, 1) < filled);
        QVERIFY(blue(1, 1) > 0);
        const QStringList lines = chart->csv().split(QLatin1Char('\n'));
        QVERIFY(lines[0].endsWith(QStringLiteral(",routed_norm,on_card")));
        QVERIFY(lines[1].endsWith(QStringLiteral(",1")));
        QVERIFY(lines[3].endsWith(QStringLiteral(",")));  // came next
        QVERIFY(lines[6].endsWith(QStringLiteral(",0")));
        show(placed, 0);
        QCOMPARE(blue(1, 1), filled);
        show(placed, 2);
        QVERIFY(blue(0, 0) < filled * 3);
        QVERIFY(tip(2, 1).endsWith(QStringLiteral(", in memory")));
    }

    void coloursAreTheAmounts() {
        InspectorBench bench;
        // One token: each layer chose two experts, with gates 0.5 and 0.25.
        Sample a(1, 1), b(2, 24);
        fill(bench, a, b);
        bench.selection().clear();
        bench.show(ViewKind::kLayers);
        ChartWidget* widget = nullptr;
        auto* chart = bench.chart<LayersChart>(&widget);
        QCOMPARE(chart->relativeLoadAt(0, 0), 4.0);
        QCOMPARE(chart->relativeLoadAt(0, 5), 0.0);
        const QImage image = widget->grab().toImage();
        const auto at = [&](int layer, int expert) {
            return image.pixel(chart->cellRect(InspectorBench::body(*widget), layer, expert).center().toPoint()) |
                   0xff000000u;
        };
        QCOMPARE(at(0, 0), cividis(1.0));
        QCOMPARE(at(1, 1), cividis(1.0));
        QCOMPARE(at(0, 5), cividis(0.0));
        QCOMPARE(at(2, 0), cividis(0.0));
        // Framed is what the newest token chose; the selected expert has the blue of the routed ones.
        bench.selection().choose(Spot::ofExpert(2, 6));
        bench.settle();
        const QRectF cell = chart->cellRect(InspectorBench::body(*widget), 2, 6);
        const QImage framed = widget->grab().toImage();
        QCOMPARE(framed.pixel(static_cast<int>(cell.center().x()), static_cast<int>(cell.top()) - 1) | 0xff000000u,
                 bench.themes.theme().blue.rgb());
    }

    /// Frames around the experts of a token that nobody chose would be taken for something that counts.
    void noTokenNoFrames() {
        InspectorBench bench;
        Sample a(1, 60, 10);
        bench.model().setSource(a.source);
        bench.show(ViewKind::kLive);
        ChartWidget* widget = nullptr;
        const auto* chart = bench.chart<LayersChart>(&widget);
        QVERIFY(chart && widget);
        const auto corner = [&](int layer, int expert) {
            bench.settle();
            const QRectF cell = chart->cellRect(InspectorBench::body(*widget), layer, expert);
            return widget->grab().toImage().pixel(static_cast<int>(cell.left()) + 1, static_cast<int>(cell.top()) + 1);
        };
        const LayerRouting newest = a.log->at(59, 1);
        const QRgb before = corner(1, newest.experts[0]);
        bench.selection().choose(Spot::ofToken(1, 59));
        const QRgb framed = corner(1, newest.experts[0]);
        QVERIFY2(qGray(framed) > qGray(before), "the chosen token's experts are framed");
        bench.selection().clear();
        QCOMPARE(corner(1, newest.experts[0]), before);
    }

    /// Pointing at a layer beside a chart of another one must not show numbers of both.
    void barsFollowTheLayerThatIsPointedAt() {
        InspectorBench bench;
        Sample a(1, 60, 10);
        bench.model().setSource(a.source);
        bench.show(ViewKind::kLayers);
        ChartWidget* widget = nullptr;
        const auto* bars = bench.chart<LoadBarsChart>(&widget);
        QVERIFY(bars && widget);
        bench.selection().choose(Spot::ofExpert(0, 1));
        bench.settle();
        const std::vector<double> first = bars->relative();
        QVERIFY(bars->title().contains(QStringLiteral("layer 1")));
        bench.selection().hover(Spot::ofExpert(2, 5));
        bench.settle();
        QVERIFY2(bars->title().contains(QStringLiteral("layer 3")), qPrintable(bars->title()));
        QVERIFY2(bars->caption().contains(QStringLiteral("layer 3, expert 5")), qPrintable(bars->caption()));
        QVERIFY(bars->relative() == relativeLoad(expertCounts(*a.log, 2, allTokens(*a.log))));
        bench.selection().hover({});
        bench.settle();
        QVERIFY(bars->relative() == first);

        // A chart of the chosen layer's tokens keeps to its own experts.
        bench.show(ViewKind::kLive);
        const auto* tokens = bench.chart<TokensChart>();
        QVERIFY(tokens);
        bench.selection().choose(Spot::ofToken(1, 20));
        bench.selection().hover(Spot::ofExpert(2, 5));
        QVERIFY2(!tokens->caption().contains(QStringLiteral("expert 5")), qPrintable(tokens->caption()));
    }

    /// Charts of a comparison that the choices above no longer show would be read as those of what they show.
    void comparisonsOfWhatIsGoneGo() {
        InspectorBench bench;
        Sample a(1, 30), b(2, 30);
        bench.model().setLoader([&](qint64 id) { return id == 1 ? a.source : b.source; });
        bench.model().setOffers({{1, QStringLiteral("One"), {}}, {2, QStringLiteral("Two"), {}}});
        bench.model().setSource(a.source);
        bench.model().compare(1, 2);
        InspectorView& view = bench.show(ViewKind::kCompare);
        QTRY_VERIFY(!view.csv().isEmpty());
        bench.model().setOffers({{1, QStringLiteral("One"), {}}});
        bench.settle();
        QCOMPARE(bench.model().comparedB(), 0);
        QVERIFY2(view.csv().isEmpty(), qPrintable(view.csv()));
    }
};

QTEST_MAIN(TestLinking)
#include "test_linking.moc"
