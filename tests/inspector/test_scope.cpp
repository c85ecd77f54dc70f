// The scope bar decides which tokens every chart is of, says how many these are, and loses no selection.

#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QToolButton>
#include <random>

#include "engine/base/sizes.h"
#include "tests/inspector/bench.h"
#include "ui/inspector/charts/layers_chart.h"
#include "ui/inspector/charts/tokens_chart.h"
#include "ui/inspector/scope_bar.h"
#include "ui/widgets/small_choice.h"

using namespace moescope;
using samples::Detail;
using samples::Sample;

namespace {

/// A chat of one answer: a prompt, a thought, words, numbers and marks.
struct Talk {
    std::shared_ptr<RoutingLog> log = std::make_shared<RoutingLog>(samples::smallShape());
    std::shared_ptr<RoutingRuns> runs = std::make_shared<RoutingRuns>(log);
    SharedSource source = std::make_shared<RoutingSource>(5, QStringLiteral("Sums"), runs);
    std::string text;
    std::vector<TranscriptToken> tokens;

    Talk() {
        samples::append(*log, 4, 4);
        runs->append(log, {0, 4});
        write({"<think>", "So ", "7 ", "+", " 8", "</think>", "It ", "is ", "15", ", ", "or ", "fif", "teen", "."});
    }
    void write(std::initializer_list<const char*> words) {
        for (const char* word : words) {
            const auto begin = static_cast<std::uint32_t>(text.size());
            text += word;
            tokens.push_back({begin, static_cast<std::uint32_t>(text.size()), static_cast<int>(log->size())});
            samples::append(*log, 1);
        }
        runs->append(log, {runs->size(), log->size()});
        source->place(9, text, tokens, {0, runs->size()});
    }
    /// Numbers of the whole source's tokens that a scope leaves.
    std::vector<int> of(const Scope& scope) const {
        const SharedSource part = RoutingSource::part(source, scope);
        std::vector<int> result;
        for (int i = 0; i < part->size(); ++i) result.push_back(part->inWhole(i));
        return result;
    }
};

template <class T>
T* part(InspectorBench& bench, const char* name) {
    return bench.dock.findChild<T*>(QString::fromLatin1(name));
}

void choose(SmallChoice* choice, const char* id) {
    choice->choose(QString::fromLatin1(id));
    emit choice->activated(choice->currentIndex());
}

}  // namespace

class TestScope : public QObject {
    Q_OBJECT

private:
    /// The bar, the details, the charts and the model are of one mind.
    static void agree(InspectorBench& bench, const QLabel& count, const SmallChoice& layer) {
        const InspectorModel& model = bench.model();
        const SharedSource whole = model.whole(), source = model.source();
        // The scope, counted anew token by token.
        const ScopeTest test(model.scope());
        int tokens = 0, last = -1;
        for (int t = 0; t < whole->size(); ++t) {
            const bool its = test.has(whole->partOf(t), whole->log().token(asSize(t)).position, whole->text(t)) &&
                             (model.scope().expert < 0 ||
                              whole->log().experts(asSize(t), model.scope().layer).contains(model.scope().expert));
            if (!its) continue;
            QVERIFY(tokens < source->size());
            QCOMPARE(source->inWhole(tokens), t);
            QVERIFY(t > last);
            last = t;
            ++tokens;
        }
        QCOMPARE(source->size(), tokens);
        const QString words = source == whole ? QStringLiteral("%1 token(s)").arg(tokens)
                                              : QStringLiteral("%1 of %2 token(s)").arg(tokens).arg(whole->size());
        QCOMPARE(count.text(), words);
        QVERIFY(model.scopeText().endsWith(words));
        QCOMPARE(layer.currentIndex(), model.layer());
        // The token in hand is the details'; where it is in the scope charts mark it, else they mark none.
        const Spot shown = bench.dock.model().selection().shown();
        const bool token = shown.hasTokens() && shown.source == whole->id();
        const Chart& details = bench.dock.details()->charts().front()->chart();
        QCOMPARE(details.title(), token ? whole->quoted(shown.last) : QStringLiteral("A token"));
        for (const ChartWidget* widget : bench.dock.currentView()->charts()) {
            const Spot in_chart = widget->chart().toShown(shown);
            const SharedSource of = widget->chart().shownSource(shown.source);
            QCOMPARE(in_chart.layer, shown.layer);
            QCOMPARE(in_chart.expert, shown.expert);
            if (!token || of != source) continue;
            bool in_scope = false;
            for (int t = 0; t < source->size(); ++t)
                in_scope |= source->inWhole(t) >= shown.first && source->inWhole(t) <= shown.last;
            QCOMPARE(in_chart.hasTokens(), in_scope);
            if (in_scope) QVERIFY(source->inWhole(in_chart.last) <= shown.last);
        }
    }

private Q_SLOTS:
    void partsAndFilters() {
        const Talk talk;
        Scope scope;
        QVERIFY(RoutingSource::part(talk.source, scope) == talk.source);
        QCOMPARE(talk.of({.thinking = false, .answer = false, .text = {}}), (std::vector<int>{0, 1, 2, 3}));
        QCOMPARE(talk.of({.prompt = false, .answer = false, .text = {}}), (std::vector<int>{4, 5, 6, 7, 8, 9}));
        QCOMPARE(talk.of({.prompt = false, .thinking = false, .text = {}}),
                 (std::vector<int>{10, 11, 12, 13, 14, 15, 16, 17}));
        QCOMPARE(talk.of({.prompt = false, .thinking = false, .answer = false, .text = {}}), std::vector<int>());
        QCOMPARE(talk.of({.only = Scope::Only::kDigits, .text = {}}), (std::vector<int>{6, 8, 12}));
        QCOMPARE(talk.of({.only = Scope::Only::kPunctuation, .text = {}}), (std::vector<int>{7, 13, 17}));
        QCOMPARE(talk.of({.only = Scope::Only::kText, .text = QStringLiteral("I")}),
                 (std::vector<int>{4, 9, 10, 11, 15}));
        QCOMPARE(talk.of({.only = Scope::Only::kPattern, .text = QStringLiteral("^(fif|teen)$")}),
                 (std::vector<int>{15, 16}));
        QCOMPARE(talk.of({.text = {}, .from = 3, .to = 5}), (std::vector<int>{3, 4, 5}));
        QCOMPARE(talk.of({.text = {}, .from = 16}), (std::vector<int>{16, 17}));
        // Token t chose in layer 1 the experts t + 1 and t + 2 of 8.
        QCOMPARE(talk.of({.prompt = false, .text = {}, .layer = 1, .expert = 3}), (std::vector<int>{9, 10, 17}));
        QVERIFY(!ScopeTest({.only = Scope::Only::kPattern, .text = QStringLiteral("(")}).error().isEmpty());
        QVERIFY(ScopeTest({.only = Scope::Only::kPattern, .text = QStringLiteral("a|b")}).error().isEmpty());
    }

    void positionsAreRead() {
        using Range = std::pair<int, int>;
        QCOMPARE(positionsFromText(QStringLiteral("20-40")), std::optional(Range(20, 40)));
        QCOMPARE(positionsFromText(QStringLiteral(" 20 – 40 ")), std::optional(Range(20, 40)));
        QCOMPARE(positionsFromText(QStringLiteral("20-")), std::optional(Range(20, -1)));
        QCOMPARE(positionsFromText(QStringLiteral("-40")), std::optional(Range(0, 40)));
        QCOMPARE(positionsFromText(QStringLiteral("20")), std::optional(Range(20, 20)));
        for (const char* wrong : {"", "-", "x", "4-2", "1-2-3", "20 40", "99999999999"})
            QVERIFY2(!positionsFromText(QString::fromLatin1(wrong)), wrong);
    }

    /// Records are not copied, and each token is there once, named as in the whole.
    void partsReadTheSameLogs() {
        const Talk talk;
        const SharedSource digits = RoutingSource::part(talk.source, {.only = Scope::Only::kDigits, .text = {}});
        QCOMPARE(digits->id(), talk.source->id());
        QCOMPARE(digits->text(2), QStringLiteral("15"));
        QCOMPARE(digits->find(9, 8), 2);
        QCOMPARE(digits->find(9, 7), -1);
        QCOMPARE(digits->placeOf(1).index, 4);
        QVERIFY(digits->log().pieces(allTokens(digits->log())).front().log == talk.log.get());
        const Spot spot{5, 7, 12, 1, 3};
        QCOMPARE(digits->ofWhole(spot).first, 1);
        QCOMPARE(digits->ofWhole(spot).last, 2);
        QCOMPARE(digits->ofWhole(spot).expert, 3);
        QVERIFY(!digits->ofWhole(Spot::ofToken(5, 7)).hasTokens());
        QCOMPARE(digits->inWhole(Spot{5, 1, 2, -1, -1}).last, 12);
        // What another source has is none of its own.
        QCOMPARE(digits->ofWhole(Spot::ofToken(6, 7)).first, 7);
    }

    void partsGrow() {
        Talk talk;
        const SharedSource digits = RoutingSource::part(talk.source, {.only = Scope::Only::kDigits, .text = {}});
        const std::uint64_t records = digits->recordsId();
        talk.write({" And ", "16", "?"});
        digits->follow();
        QCOMPARE(digits->size(), 4);
        QCOMPARE(digits->text(3), QStringLiteral("16"));
        QCOMPARE(digits->recordsId(), records);
        digits->follow();
        QCOMPARE(digits->size(), 4);
    }

    /// The bar's controls make the scope, the charts and the count are of it, files say it.
    void barChoosesWhatChartsShow() {
        InspectorBench bench;
        Talk talk;
        bench.model().setSource(talk.source);
        bench.show(ViewKind::kLayers);
        auto* count = part<QLabel>(bench, "scope_count");
        QCOMPARE(count->text(), QStringLiteral("18 token(s)"));
        QTest::mouseClick(part<QToolButton>(bench, "scope_prompt"), Qt::LeftButton);
        QTest::mouseClick(part<QToolButton>(bench, "scope_thinking"), Qt::LeftButton);
        bench.settle();
        QCOMPARE(count->text(), QStringLiteral("8 of 18 token(s)"));
        QCOMPARE(bench.model().source()->size(), 8);
        auto* chart = bench.chart<LayersChart>();
        const std::vector<double> counts = expertCounts(*talk.log, 1, {10, 18});
        const std::vector<double> relative = relativeLoad(counts);
        for (int e = 0; e < 8; ++e) QCOMPARE(chart->relativeLoadAt(1, e), relative[asSize(e)]);

        choose(part<SmallChoice>(bench, "scope_only"), "digits");
        bench.settle();
        QCOMPARE(count->text(), QStringLiteral("1 of 18 token(s)"));
        const QString csv = bench.dock.currentView()->csv();
        QVERIFY2(csv.startsWith(QStringLiteral("# Layers × experts · Sums · answer · digits · 1 of 18 token(s)\n")),
                 qPrintable(csv.left(90)));
        // Nothing left: charts say why instead of showing nothing.
        QTest::mouseClick(part<QToolButton>(bench, "scope_answer"), Qt::LeftButton);
        bench.settle();
        QCOMPARE(count->text(), QStringLiteral("0 of 18 token(s)"));
        QVERIFY(bench.chart<LayersChart>()->emptyText().contains(QStringLiteral("scope")));
        for (const ViewInfo& info : inspectorViews()) bench.show(info.kind);
        for (const char* name : {"scope_prompt", "scope_thinking", "scope_answer"})
            QTest::mouseClick(part<QToolButton>(bench, name), Qt::LeftButton);
        choose(part<SmallChoice>(bench, "scope_only"), "all");
        QVERIFY(bench.model().source() == talk.source);
        QCOMPARE(count->text(), QStringLiteral("18 token(s)"));
    }

    void fieldFilters() {
        InspectorBench bench;
        Talk talk;
        bench.model().setSource(talk.source);
        auto* field = part<QLineEdit>(bench, "scope_field");
        QVERIFY(!field->isVisible());
        choose(part<SmallChoice>(bench, "scope_only"), "pattern");
        QVERIFY(field->isVisible() && field->width() > 60);
        QTest::keyClicks(field, QStringLiteral("[0-9]"));  // "[" is a key of the dock's, too
        QCOMPARE(bench.model().source()->size(), 3);
        QTest::keyClicks(field, QStringLiteral("("));
        QVERIFY(!field->toolTip().isEmpty());
        QVERIFY(!field->accessibleDescription().isEmpty());
        field->clear();
        choose(part<SmallChoice>(bench, "scope_only"), "positions");
        QTest::keyClicks(field, QStringLiteral("2-5"));
        QCOMPARE(bench.model().scope().from, 2);
        QCOMPARE(bench.model().scope().to, 5);
        QCOMPARE(bench.model().source()->size(), 4);
    }

    /// What is selected stays selected when it is out of the scope, and is marked again in it.
    void selectionSurvivesTheScope() {
        InspectorBench bench;
        Talk talk;
        bench.model().setSource(talk.source);
        bench.show(ViewKind::kLive);
        bench.selection().choose({5, 12, 12, 1, 3});
        bench.model().setScope({.only = Scope::Only::kDigits, .text = {}});
        bench.settle();
        ChartWidget* widget = nullptr;
        QVERIFY(bench.chart<TokensChart>(&widget));
        QVERIFY2(widget->accessibleDescription().contains(QStringLiteral("token 13")),
                 qPrintable(widget->accessibleDescription()));
        bench.model().setScope({.only = Scope::Only::kPunctuation, .text = {}});
        bench.settle();
        QVERIFY(!widget->accessibleDescription().contains(QStringLiteral("token 13")));
        QCOMPARE(bench.selection().chosen().first, 12);
        // Keys and clicks walk along the scope's tokens and choose them in the whole.
        bench.selection().clearTokens();
        QTest::keyClick(widget, Qt::Key_Right);
        QCOMPARE(bench.selection().chosen().first, 7);
        QTest::keyClick(widget, Qt::Key_Right);
        QCOMPARE(bench.selection().chosen().first, 13);
        bench.model().setScope({});
        QCOMPARE(bench.selection().chosen().first, 13);
    }

    void layersStep() {
        InspectorBench bench;
        Talk talk;
        bench.model().setSource(talk.source);
        bench.show(ViewKind::kLayers);
        bench.dock.activateWindow();
        bench.dock.currentView()->charts().front()->setFocus();
        auto* layer = part<SmallChoice>(bench, "layer_choice");
        auto *before = part<QToolButton>(bench, "layer_before"), *after = part<QToolButton>(bench, "layer_after");
        QCOMPARE(layer->currentText(), QStringLiteral("1"));
        QVERIFY(!before->isEnabled());
        QTest::mouseClick(after, Qt::LeftButton);
        QCOMPARE(bench.model().layer(), 1);
        QCOMPARE(layer->currentText(), QStringLiteral("2"));
        QTest::keyClick(bench.dock.currentView()->charts().front(), Qt::Key_BracketRight);
        QCOMPARE(bench.model().layer(), 2);
        QVERIFY(!after->isEnabled());
        QTest::keyClick(bench.dock.currentView()->charts().front(), Qt::Key_BracketRight);
        QCOMPARE(bench.model().layer(), 2);
        QTest::keyClick(bench.dock.currentView()->charts().front(), Qt::Key_BracketLeft);
        QCOMPARE(bench.model().layer(), 1);
        choose(layer, "1");
        QCOMPARE(bench.model().layer(), 0);
    }

    void sourcesAreAskedFor() {
        InspectorBench bench;
        Talk talk;
        bench.model().setSource(talk.source);
        bench.model().setChoices({{5, QStringLiteral("This branch"), {}}, {8, QStringLiteral("All chats"), {}}});
        auto* source = part<SmallChoice>(bench, "scope_source");
        QCOMPARE(source->currentText(), QStringLiteral("This branch"));
        QSignalSpy wanted(&bench.model(), &InspectorModel::sourceWanted);
        choose(source, "8");
        QCOMPARE(wanted.count(), 1);
        QCOMPARE(wanted[0][0].toLongLong(), 8);
        // A trace that no list has is named too.
        Sample trace(77, 5);
        bench.model().setSource(trace.source);
        QCOMPARE(source->currentText(), trace.source->name());
    }

    /// Whatever is done in whatever order, all parts show the same source, scope, layer, expert and token.
    void allPartsAgree() {
        InspectorBench bench;
        Talk talk;
        Sample other(77, 40, 6);
        bench.model().setSource(talk.source);
        std::mt19937 random(18);
        const auto upTo = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
        auto* count = part<QLabel>(bench, "scope_count");
        auto* layer = part<SmallChoice>(bench, "layer_choice");
        auto* field = part<QLineEdit>(bench, "scope_field");
        auto* only = part<SmallChoice>(bench, "scope_only");
        constexpr int kActions = 5000;
        for (int action = 0; action < kActions; ++action) {
            const SharedSource whole = bench.model().whole();
            const int what = upTo(14);
            if (what == 0) {
                bench.dock.showView(inspectorViews()[asSize(upTo(static_cast<int>(inspectorViews().size())))].kind);
            } else if (what == 1) {
                const char* parts[] = {"scope_prompt", "scope_thinking", "scope_answer"};
                auto* button = part<QToolButton>(bench, parts[upTo(3)]);
                if (button->isVisible()) QTest::mouseClick(button, Qt::LeftButton);
            } else if (what == 2) {
                only->setCurrentIndex(upTo(only->count()));
                emit only->activated(only->currentIndex());
            } else if (what == 3 && field->isVisible()) {
                const char* texts[] = {"i", "7", "2-9", "[0-9]", "(", "", "w1"};
                field->setText(QString::fromLatin1(texts[upTo(7)]));
                emit field->textEdited(field->text());
            } else if (what == 4) {
                QTest::mouseClick(part<QToolButton>(bench, upTo(2) ? "layer_before" : "layer_after"), Qt::LeftButton);
            } else if (what == 5) {
                bench.selection().choose(Spot::ofToken(whole->id(), upTo(whole->size())));  // as the transcript does
            } else if (what == 6) {
                bench.selection().hover(upTo(2) ? Spot() : Spot::ofToken(whole->id(), upTo(whole->size())));
            } else if (what == 7 && upTo(10) == 0) {
                bench.selection().clearTokens();
                bench.model().setSource(whole == talk.source ? other.source : talk.source);
            } else if (what == 8) {
                Scope scope = bench.model().scope();
                scope.layer = upTo(2) ? upTo(3) : -1;
                scope.expert = scope.layer < 0 ? -1 : upTo(8);
                bench.model().setScope(scope);
            } else if (what == 9 && upTo(20) == 0) {
                bench.selection().clear();
                bench.model().setScope({});
            } else if (what == 10 && action % 50 == 0) {
                bench.dock.resize(320 + upTo(1300), 400 + upTo(900));
            } else if (const auto charts = bench.shownCharts(); !charts.empty()) {
                ChartWidget* widget = charts[asSize(upTo(static_cast<int>(charts.size())))];
                if (!widget->isVisible()) continue;
                const QPoint at(upTo(std::max(1, widget->width())), upTo(std::max(1, widget->height())));
                if (what == 11) {
                    QTest::mouseClick(widget, Qt::LeftButton, upTo(4) ? Qt::NoModifier : Qt::ShiftModifier, at);
                } else if (what == 12) {
                    const int keys[] = {Qt::Key_Left, Qt::Key_Right, Qt::Key_Up,          Qt::Key_Down,
                                        Qt::Key_Home, Qt::Key_End,   Qt::Key_BracketLeft, Qt::Key_BracketRight};
                    QTest::keyClick(widget, static_cast<Qt::Key>(keys[upTo(8)]));
                } else {
                    QTest::mouseMove(widget, at);
                }
            }
            if (action % 25 == 0) bench.settle();
            agree(bench, *count, *layer);
            if (QTest::currentTestFailed()) return qWarning("after action %d of kind %d", action, what);
        }
    }

    /// At any width everything in the bar can be seen whole.
    void barFitsEveryWidth() {
        InspectorBench bench;
        Talk talk;
        bench.model().setSource(talk.source);
        bench.model().setScope({.only = Scope::Only::kText, .text = QStringLiteral("i"), .layer = 1, .expert = 3});
        auto* bar = bench.dock.findChild<ScopeBar*>();
        for (const int width : {300, 360, 460, 560, 900, 2500}) {
            bench.dock.resize(width, 900);
            QTest::qWait(20);
            QRegion taken;
            for (QWidget* child : bar->findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly)) {
                if (!child->isVisible()) continue;
                QVERIFY2(bar->rect().contains(child->geometry()),
                         qPrintable(QStringLiteral("%1 at %2").arg(child->objectName()).arg(width)));
                QVERIFY2(!taken.intersects(child->geometry()), qPrintable(child->objectName()));
                taken += child->geometry();
            }
        }
    }
};

QTEST_MAIN(TestScope)
#include "test_scope.moc"
