// The questions of docs/inspector.md, each answered in the window in at most five actions: clicks, choices and keys
// that a user makes. If one fails, the page promises what the window does not do.

#include <QClipboard>
#include <QComboBox>
#include <QContextMenuEvent>
#include <QDialog>
#include <QFileDialog>
#include <QFileInfo>
#include <QLineEdit>
#include <QMenu>
#include <QRegularExpression>
#include <QTabBar>
#include <QToolButton>

#include "app/window/interventions.h"
#include "app/window/rereading.h"
#include "app/window/routing_desk.h"
#include "app/window/view_links.h"
#include "tests/window/chrome.h"
#include "tests/window/modal.h"
#include "ui/chat/token_card.h"
#include "ui/experts/expert_search.h"
#include "ui/inspector/charts/depth_chart.h"
#include "ui/inspector/charts/expert_pair_chart.h"
#include "ui/inspector/charts/layers_chart.h"
#include "ui/inspector/charts/lift_chart.h"
#include "ui/inspector/charts/position_chart.h"
#include "ui/inspector/charts/router_chart.h"
#include "ui/inspector/charts/rows_chart.h"
#include "ui/inspector/comparison.h"
#include "ui/inspector/details_panel.h"
#include "ui/inspector/inspector_dock.h"
#include "ui/inspector/views/compare_view.h"
#include "ui/settings/expert_grid.h"
#include "ui/settings/router_rules_dialog.h"
#include "ui/widgets/small_choice.h"

using namespace moescope;

namespace {

/// A window with two chats, and a count of what the user did.
class Reader : public Desk {
public:
    explicit Reader(const QString& dir) : Desk(dir) {
        window->resize(1700, 1000);
        ask(QStringLiteral("What is 7 plus 8?"));
        window->chat().startNew();
        ask(QStringLiteral("Write a short story about a fox."));
        routing().flush();
    }
    RoutingDesk& routing() { return window->routing(); }
    InspectorDock& dock() { return window->inspector(); }
    InspectorModel& model() { return dock().model(); }

    /// A question of the page begins.
    void begin() {
        m_actions = 0;
        model().setScope({});
        model().selection().clear();
        dock().showView(ViewKind::kLive);
        settle();
    }
    int actions() const { return m_actions; }

    /// Opens a view by its tabs: a click for the group, one for the view.
    void openView(const QString& group, const QString& view) {
        clickTab(QStringLiteral("groups"), group);
        if (dock().currentView()->title() != view) clickTab(QStringLiteral("views"), view);
        settle();
    }
    /// Chooses in a list that opens.
    void choose(const QString& object, const QString& text) {
        auto* box = dock().findChild<QComboBox*>(object);
        if (!box) {
            for (auto* other : dock().currentView()->findChildren<QComboBox*>()) {
                if (other->accessibleName() == object) box = other;
            }
        }
        QVERIFY2(box && box->isVisible(), qPrintable(object));
        const int at = box->findText(text);
        QVERIFY2(at >= 0, qPrintable(text));
        ++m_actions;
        box->setCurrentIndex(at);
        emit box->activated(at);
        settle();
    }
    void press(const QString& object) {
        ++m_actions;
        auto* button = dock().findChild<QToolButton*>(object);
        QVERIFY2(button && button->isVisible(), qPrintable(object));
        QTest::mouseClick(button, Qt::LeftButton);
        settle();
    }
    /// Clicks where a chart has a spot that passes.
    template <class Chart, class Is>
    bool click(Is is) {
        ChartWidget* widget = find<Chart>().first;
        const auto at = widget ? pointOf(*widget, is) : std::nullopt;
        if (!at) return false;
        ++m_actions;
        QTest::mouseClick(widget, Qt::LeftButton, {}, *at);
        settle();
        return true;
    }
    template <class T>
    std::pair<ChartWidget*, T*> find() {
        std::vector<ChartWidget*> all = dock().currentView()->charts();
        for (ChartWidget* widget : all) {
            if (auto* chart = qobject_cast<T*>(&widget->chart()); chart && widget->isVisible()) return {widget, chart};
        }
        return {nullptr, nullptr};
    }
    template <class T>
    T* chart() {
        return find<T>().second;
    }
    /// Chooses an entry of the menu that opens next, by its first words; `found` says whether it has one.
    static void chooseWhenShown(const QString& entry, bool& found) {
        whenShown<QMenu>([&found, entry](QMenu& menu) {
            for (QAction* action : menu.actions()) {
                if (found || !action->text().startsWith(entry)) continue;
                found = true;
                menu.close();
                action->trigger();
            }
            menu.close();
        });
    }
    /// A right click on an expert where the view shows it, and an entry of the menu that comes.
    bool menu(int layer, int expert, const QString& entry) {
        for (ChartWidget* widget : dock().currentView()->charts()) {
            const auto at = !widget->isVisible() ? std::nullopt : pointOf(*widget, [=](const Spot& spot) {
                return spot.layer == layer && spot.expert == expert;
            });
            if (!at) continue;
            m_actions += 2;
            bool found = false;
            chooseWhenShown(entry, found);
            QContextMenuEvent event(QContextMenuEvent::Mouse, *at, widget->mapToGlobal(*at));
            QApplication::sendEvent(widget, &event);
            settle();
            return found;
        }
        return false;
    }
    /// The button at the right of the tabs, and an entry of its menu.
    bool dockMenu(const QString& entry) {
        m_actions += 2;
        bool found = false;
        auto* button = dock().findChild<QToolButton*>(QStringLiteral("inspector_menu"));
        if (!button) return false;
        chooseWhenShown(entry, found);
        QTest::mouseClick(button, Qt::LeftButton);
        settle();
        return found;
    }
    void clickWord(int row, int token) {
        auto* view = window->findChild<TranscriptView*>();
        view->flush();
        QTRY_VERIFY(!view->tokenRect(idAt(row), token).isNull());
        ++m_actions;
        QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, view->tokenRect(idAt(row), token).center());
        settle();
    }
    /// Counts what a test does by hand.
    void act(int actions = 1) { m_actions += actions; }
    void settle() {
        for (int round = 0; round < 2; ++round) {
            QCoreApplication::processEvents();
            for (ChartWidget* chart : dock().currentView()->charts()) chart->refreshNow();
            QTest::qWait(5);
        }
    }
    void picture(const char* name) {
        const QString folder = qEnvironmentVariable("MOESCOPE_PICTURES");
        if (folder.isEmpty()) return;
        QTest::qWait(200);
        window->grab().save(QStringLiteral("%1/%2.png").arg(folder, QLatin1String(name)));
    }

private:
    template <class Is>
    static std::optional<QPoint> pointOf(ChartWidget& widget, Is is) {
        const Chart& chart = widget.chart();
        const QRectF body = chart.bodyOf(widget.rect());
        for (int y = 0; y < widget.height(); y += 3) {
            for (int x = 0; x < widget.width(); x += 3) {
                if (is(chart.spotAt(QPointF(x, y), body))) return QPoint(x, y);
            }
        }
        return {};
    }
    void clickTab(const QString& bar, const QString& text) {
        auto* tabs = dock().findChild<QTabBar*>(bar);
        for (int i = 0; i < tabs->count(); ++i) {
            if (tabs->tabText(i) != text || tabs->currentIndex() == i) continue;
            ++m_actions;
            QTest::mouseClick(tabs, Qt::LeftButton, {}, tabs->tabRect(i).center());
        }
    }
    int m_actions = 0;
};

}  // namespace

class TestQuestions : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_dir;
    std::unique_ptr<Reader> m_reader;
    qint64 m_imported = 0;

    /// Chooses the source that the bar names so, and waits until all of it is there.
    static void readAllChats(Reader& r) {
        r.choose(QStringLiteral("scope_source"), QStringLiteral("All chats"));
        QTRY_VERIFY(r.model().whole()->id() == RoutingSources::kAllChats && !r.routing().reader().reading());
        r.settle();
    }
    static CompareView& compared(Reader& r) {
        auto* view = r.dock().view<CompareView>();
        view->loadNow();
        return *view;
    }

private Q_SLOTS:
    void initTestCase() {
        m_imported = addChat(m_dir.path(), QStringLiteral("From elsewhere"),
                             {QStringLiteral("What is the capital of France?"), QStringLiteral("Paris.")});
        m_reader = std::make_unique<Reader>(m_dir.path());
    }
    void cleanupTestCase() { m_reader.reset(); }
    void init() { m_reader->begin(); }
    void cleanup() {
        QVERIFY2(m_reader->actions() > 0, "nothing was done");
        QVERIFY2(m_reader->actions() <= 5, qPrintable(QStringLiteral("%1 actions").arg(m_reader->actions())));
    }

    void whichExpertsAreNeverUsedOverAllChats() {
        Reader& r = *m_reader;
        const int own = r.model().whole()->size();
        readAllChats(r);
        r.openView(QStringLiteral("Use"), QStringLiteral("Unused"));
        auto* chart = r.chart<UnusedChart>();
        QVERIFY(chart);
        QVERIFY(r.model().whole()->size() > own);
        // By a count of its own.
        int never = 0;
        const RoutingView log = r.model().whole()->log();
        for (int l = 0; l < log.shape().moe_layers; ++l) never += neverChosen(expertCounts(log, l, allTokens(log)));
        QCOMPARE(chart->never(), never);
        r.picture("inspector-unused");
        r.choose(QStringLiteral("scope_source"), QStringLiteral("This branch"));
        QCOMPARE(r.model().whole()->size(), own);
    }

    void promptAgainstAnswer() {
        Reader& r = *m_reader;
        r.openView(QStringLiteral("Use"), QStringLiteral("Layers"));
        r.press(QStringLiteral("scope_answer"));
        const SharedSource prompt = r.model().source();
        QVERIFY(prompt->size() > 0 && prompt->size() < r.model().whole()->size());
        for (int t = 0; t < prompt->size(); ++t) QVERIFY(isOfPrompt(prompt->partOf(t)));
    }

    /// Among the digits of all chats one expert is chosen most: a click selects it.
    void whichExpertIsTheOneOfDigits() {
        Reader& r = *m_reader;
        readAllChats(r);
        r.choose(QStringLiteral("scope_only"), QStringLiteral("Digits"));
        const SharedSource digits = r.model().source();
        QVERIFY(digits->size() > 0 && digits->size() < r.model().whole()->size());
        for (int t = 0; t < digits->size(); ++t) QVERIFY(digits->text(t).trimmed().at(0).isDigit());
        r.openView(QStringLiteral("Use"), QStringLiteral("Layers"));
        const int most = topExperts(expertCounts(digits->log(), 2, allTokens(digits->log())), 1).front();
        QVERIFY(r.click<LayersChart>([most](const Spot& spot) { return spot.layer == 2 && spot.expert == most; }));
        QCOMPARE(r.model().selection().chosen().layer, 2);
        QCOMPARE(r.model().selection().chosen().expert, most);
        const int actions = r.actions();
        r.choose(QStringLiteral("scope_source"), QStringLiteral("This branch"));
        r.act(actions - r.actions());  // only for the next question
    }

    void mayINameIt() {
        Reader& r = *m_reader;
        whenShown<QDialog>([&](QDialog& dialog) {
            r.act(2);  // typing, and Enter
            dialog.findChild<QLineEdit*>(QStringLiteral("ask_name"))->setText(QStringLiteral("sums"));
            dialog.accept();
        });
        QVERIFY(r.menu(1, 5, QStringLiteral("Name…")));
        QTRY_COMPARE(r.model().expertName(1, 5), QStringLiteral("sums"));
    }

    void routingByPosition() {
        Reader& r = *m_reader;
        r.openView(QStringLiteral("Use"), QStringLiteral("Position"));
        auto* chart = r.chart<PositionChart>();
        QVERIFY(chart && !chart->bins().empty());
        r.picture("inspector-position");
    }

    void entropyOfEachTokenInEachLayer() {
        Reader& r = *m_reader;
        r.openView(QStringLiteral("Answer"), QStringLiteral("Depth"));
        r.choose(QStringLiteral("Value"), QStringLiteral("margin"));
        auto* chart = r.chart<DepthChart>();
        QVERIFY(chart);
        QCOMPARE(chart->valueOf(3, 1), margin(r.model().source()->log().at(3, 1)));
        QVERIFY(r.click<DepthChart>([](const Spot& spot) { return spot.first == 20 && spot.layer == 2; }));
        QCOMPARE(r.model().selection().chosen().first, 20);
        r.picture("inspector-depth");
    }

    void tokensOfAnExpert() {
        Reader& r = *m_reader;
        const int all = r.model().source()->size();
        QVERIFY(r.menu(1, 5, QStringLiteral("Show only its tokens")));
        const SharedSource its = r.model().source();
        QVERIFY(!its->empty() && its->size() < all);
        for (int t = 0; t < its->size(); ++t) QVERIFY(its->log().experts(static_cast<std::size_t>(t), 1).contains(5));
        QVERIFY(r.menu(1, 5, QStringLiteral("Find tokens of this expert")));
        QVERIFY(r.window->interventions().expertSearch()->isVisible());
        r.window->interventions().expertSearch()->close();
    }

    void tokensRoutedLikeThisOne() {
        Reader& r = *m_reader;
        r.clickWord(1, 6);
        const Spot chosen = r.model().selection().chosen();
        QVERIFY(chosen.hasTokens());
        r.openView(QStringLiteral("Answer"), QStringLiteral("Alike"));
        auto* chart = r.chart<SimilarChart>();
        QVERIFY(chart && !chart->rows().empty());
        r.picture("inspector-alike");
    }

    void aQuestionsTokens() {
        Reader& r = *m_reader;
        r.clickWord(0, 2);
        const Spot chosen = r.model().selection().chosen();
        QVERIFY(chosen.hasTokens());
        QCOMPARE(r.model().whole()->partOf(chosen.first), TokenPart::kQuestion);
        QCOMPARE(r.model().whole()->placeOf(chosen.first).index, 2);
    }

    void whatFollowsWhat() {
        Reader& r = *m_reader;
        r.openView(QStringLiteral("Structure"), QStringLiteral("Pairs"));
        auto* chart = r.chart<LiftChart>();
        QVERIFY(chart && !chart->paths().empty());
    }

    void twoExpertsSideBySide() {
        Reader& r = *m_reader;
        QVERIFY(r.menu(1, 5, QStringLiteral("Compare with another expert")));
        QCOMPARE(r.dock().currentView()->kind(), ViewKind::kExperts);
        r.choose(QStringLiteral("Beside the chosen one"), QStringLiteral("expert 9"));
        auto* chart = r.chart<ExpertPairChart>();
        QVERIFY(chart);
        QCOMPARE(chart->first().expert, 5);
        QCOMPARE(chart->second().expert, 9);
        double tokens = 0;
        const RoutingView log = r.model().source()->log();
        for (std::size_t t = 0; t < log.size(); ++t) tokens += log.experts(t, 1).contains(9);
        QCOMPARE(chart->second().tokens, tokens);
        r.picture("inspector-experts");
    }

    void areExpertsAlike() {
        Reader& r = *m_reader;
        r.openView(QStringLiteral("Structure"), QStringLiteral("Router"));
        auto* chart = r.chart<RouterChart>();
        QVERIFY2(chart && chart->emptyText().isEmpty(), chart ? qPrintable(chart->emptyText()) : "no chart");
        std::vector<int> order = chart->order();
        std::ranges::sort(order);
        for (std::size_t i = 0; i < order.size(); ++i) QCOMPARE(order[i], static_cast<int>(i));
        // The diagonal is 1 in the data, and no cosine beyond it.
        for (const QString& line : chart->csv().split(QLatin1Char('\n')).mid(1)) {
            const QStringList fields = line.split(QLatin1Char(','));
            if (fields.size() < 4) continue;
            QVERIFY(std::abs(fields[3].toDouble()) <= 1 + 1e-9);
            if (fields[1] == fields[2]) QVERIFY(std::abs(fields[3].toDouble() - 1) < 1e-9);
        }
        r.picture("inspector-router");
    }

    void gatesOfAToken() {
        Reader& r = *m_reader;
        r.clickWord(1, 6);
        auto* details = r.dock().findChild<DetailsPanel*>();
        QVERIFY(details && details->isVisible());
        const SharedSource whole = r.model().whole();
        const int token = r.model().selection().chosen().last;
        int rows = 0;
        for (const QString& line : details->csv().split(QLatin1Char('\n'))) {
            const QStringList fields = line.split(QLatin1Char(','));
            if (fields.size() < 7 || fields[4] != QLatin1String("1")) continue;
            const int layer = fields[1].toInt() - whole->shape().first_moe_layer, rank = fields[2].toInt() - 1;
            const LayerRouting routing = whole->log().at(static_cast<std::size_t>(token), layer);
            QCOMPARE(fields[3].toInt(), routing.experts[static_cast<std::size_t>(rank)]);
            QVERIFY(std::abs(fields[5].toFloat() - routing.gates[static_cast<std::size_t>(rank)]) < 1e-4f);
            ++rows;
        }
        QCOMPARE(rows, whole->shape().moe_layers * whole->shape().experts_used);
    }

    void whatElseCouldThisTokenHaveBeen() {
        Reader& r = *m_reader;
        auto* view = r.window->findChild<TranscriptView*>();
        auto* card = r.window->findChild<TokenCard*>();
        view->flush();
        r.act();
        QTest::mouseMove(view->viewport(), {5, 5});
        QTest::mouseMove(view->viewport(), view->tokenRect(r.idAt(1), 4).center());
        QTRY_VERIFY(card->isVisible());
        QVERIFY(card->facts().choices.size() >= 5);
        QTest::mouseMove(view->viewport(), {5, 5});
        QTRY_VERIFY(!card->isVisible());
    }

    void aFigureForAPaper() {
        Reader& r = *m_reader;
        const QString path = m_dir.filePath(QStringLiteral("figure.pdf"));
        whenShown<QDialog>([&](QDialog& options) {
            whenShown<QFileDialog>([&](QFileDialog& file) {
                r.act(2);  // the name, and Enter
                file.selectFile(path);
                static_cast<QDialog&>(file).accept();
            });
            r.act();
            options.accept();
        });
        QVERIFY(r.menu(1, 5, QStringLiteral("Save “")));
        QTRY_VERIFY(QFileInfo(path).size() > 1000);
    }

    /// One pass, and every word has its experts; nothing of it is in the history.
    void howIsAnImportedChatRouted() {
        Reader& r = *m_reader;
        const qint64 before = r.window->chat().conversation();
        r.act();
        r.window->chat().open(m_imported);
        r.routing().flush();
        r.settle();
        auto* button = named(&r.dock(), "empty_action");
        QVERIFY(button && button->isVisible());
        r.act();
        QTest::mouseClick(button, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(r.model().whole() && !r.model().whole()->empty(), 20'000);
        r.settle();
        r.picture("inspector-reread");
        r.clickWord(1, 0);
        QCOMPARE(r.model().whole()->placeOf(r.model().selection().chosen().first).message, r.idAt(1));
        r.window->chat().open(before);
        r.routing().flush();
    }

    /// The same text by other rules, beside what was recorded.
    void howWouldOtherRulesRouteThisText() {
        Reader& r = *m_reader;
        const qint64 recorded = r.model().whole()->id();
        QVERIFY(r.menu(1, 5, QStringLiteral("Mask in the next answers")));
        QVERIFY(r.dockMenu(QStringLiteral("Re-read this chat with")));
        QTRY_VERIFY_WITH_TIMEOUT(!r.window->rereading().running(), 20'000);
        QVERIFY(r.model().whole()->id() != recorded);
        r.openView(QStringLiteral("Tests"), QStringLiteral("Compare"));
        const Comparison& comparison = compared(r).comparison();
        QVERIFY2(comparison.possible(), qPrintable(comparison.sentence()));
        QCOMPARE(comparison.a()->id(), recorded);
        QCOMPARE(comparison.samePairs(), comparison.pairs());
        QVERIFY(comparison.firstRouting() >= 0);
        const RoutingView masked = comparison.b()->log();
        for (std::size_t t = 0; t < masked.size(); ++t) QVERIFY(!masked.experts(t, 1).contains(5));
        r.picture("inspector-rules");
        r.window->chat().setRules({});
        r.model().wantSource(recorded);
    }

    /// Another answer without it, which is compared by itself.
    void whatHappensWithoutAnExpert() {
        Reader& r = *m_reader;
        const qint64 before = r.idAt(1);
        whenShown<QDialog>([&](QDialog& dialog) {
            auto* grid = dialog.findChild<ExpertGrid*>();
            if (!grid) return dialog.reject();
            r.act(2);  // an expert of the grid, and the button
            QTest::mouseClick(grid, Qt::LeftButton, {}, grid->cellRect(1, 5).center());
            dialog.findChild<QPushButton*>(QStringLiteral("regenerate"))->click();
        });
        QSignalSpy ended(&r.window->chat(), &ChatController::answerEnded);
        r.act();
        emit r.window->findChild<TranscriptView*>()->rulesRequested(before);
        QVERIFY(!ended.isEmpty() || ended.wait(20'000));
        r.routing().flush();
        r.settle();
        QVERIFY(r.idAt(1) != before);
        QCOMPARE(r.dock().currentView()->kind(), ViewKind::kCompare);
        const Comparison& comparison = compared(r).comparison();
        QVERIFY2(comparison.possible(), qPrintable(comparison.sentence()));
        QCOMPARE(comparison.a()->id(), before);
        const RoutingView without = comparison.b()->log();
        int answered = 0;
        for (std::size_t t = 0; t < without.size(); ++t) {
            if (without.token(t).phase != Phase::kDecode) continue;
            ++answered;
            QVERIFY(!without.experts(t, 1).contains(5));
        }
        QVERIFY(answered > 0);
    }

    /// A colleague sees the same: source, scope, view, layer, token, expert.
    void showExactlyThis() {
        Reader& r = *m_reader;
        r.model().setScope({.prompt = false, .text = {}});
        r.model().selection().choose({r.model().whole()->id(), 30, 32, 2, 7});
        r.dock().showView(ViewKind::kDepth);
        const qint64 chat = r.window->chat().conversation();
        const qint64 source = r.model().whole()->id();
        QVERIFY(r.dockMenu(QStringLiteral("Copy view")));
        QVERIFY(r.actions() <= 5);
        const QString text = QGuiApplication::clipboard()->text();
        QVERIFY2(text.startsWith(QStringLiteral("moescope:?view=depth&source=branch-")), qPrintable(text));
        r.window->chat().startNew();
        r.routing().flush();
        r.begin();
        whenShown<QDialog>([&](QDialog& dialog) {
            r.act();  // Enter: what was copied is there already
            QCOMPARE(dialog.findChild<QLineEdit*>(QStringLiteral("ask_name"))->text(), text);
            dialog.accept();
        });
        QVERIFY(r.dockMenu(QStringLiteral("Open view")));
        r.settle();
        QCOMPARE(r.window->chat().conversation(), chat);
        QVERIFY(r.model().whole());
        QCOMPARE(r.model().whole()->id(), source);
        QCOMPARE(r.dock().currentView()->kind(), ViewKind::kDepth);
        QVERIFY(r.model().scope() == (Scope{.prompt = false, .text = {}}));
        QCOMPARE(r.model().selection().chosen(), (Spot{source, 30, 32, 2, 7}));
        QCOMPARE(r.window->viewLinks().text(), text);
        // Of all chats too, which are read first.
        QString all = text;
        all.replace(QRegularExpression(QStringLiteral("source=[^&]*")), QStringLiteral("source=all"));
        r.window->viewLinks().open(all);
        QTRY_VERIFY(r.model().whole() && r.model().whole()->id() == RoutingSources::kAllChats);
        QTRY_COMPARE(r.model().selection().chosen().layer, 2);
        QCOMPARE(r.dock().currentView()->kind(), ViewKind::kDepth);
        QTRY_VERIFY(!r.routing().reader().reading());
        // A view of something that is missing is refused, and changes nothing.
        QSignalSpy refused(&r.window->viewLinks(), &ViewLinks::refused);
        r.window->viewLinks().open(QStringLiteral("moescope:?view=live&source=chat-99999"));
        r.window->viewLinks().open(QStringLiteral("moescope:?view=live&source=trace-nowhere.csv"));
        r.window->viewLinks().open(QStringLiteral("https://example.com"));
        QCOMPARE(refused.size(), 3);
        QCOMPARE(r.model().whole()->id(), RoutingSources::kAllChats);
        // Nor has it more tokens, layers and experts than there are, whoever wrote the text.
        const Spot chosen = r.model().selection().chosen();
        for (const char* beyond : {"tokens=999999", "layer=99", "layer=0", "layer=2&expert=999", "beside=2.999",
                                   "beside=99.1", "routed-to=2.999", "routed-to=0.1"}) {
            refused.clear();
            r.window->viewLinks().open(QStringLiteral("moescope:?view=experts&source=all&") + QLatin1String(beyond));
            r.settle();
            QVERIFY2(refused.size() == 1, beyond);
            QVERIFY2(r.model().selection().chosen() == chosen, beyond);
        }
        r.model().wantSource(source);
    }
};

QTEST_MAIN(TestQuestions)
#include "test_questions.moc"
