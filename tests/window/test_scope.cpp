// The scope bar's sources in a real window: this branch, this chat, all chats. Each token counts once in each of them,
// and what can be done with an expert from where it is seen reaches the chat's rules, the search and its name.

#include <QAction>
#include <QMenu>
#include <map>
#include <set>

#include "app/window/expert_names.h"
#include "app/window/interventions.h"
#include "app/window/routing_desk.h"
#include "app/window/token_tint.h"
#include "app/window/trace_files.h"
#include "tests/window/desk.h"
#include "ui/experts/expert_search.h"
#include "ui/inspector/inspector_dock.h"
#include "ui/inspector/spot_menu.h"

using namespace moescope;

namespace {

/// What a token is, whoever read it first: the answer that it is of, or the text up to it and after which question.
using Key = std::tuple<std::int64_t, std::int32_t, std::vector<std::int32_t>>;

/// Counts the distinct tokens of a chat from its answers' logs alone, by following the ids in the context.
struct Counted {
    std::set<Key> tokens;
    std::vector<double> experts;  // of MoE layer 0, of those tokens

    Counted(History& history, qint64 conversation) {
        const auto messages = history.messages(conversation);
        if (!messages.ok()) qFatal("%s", messages.status().message().c_str());
        // Of a message: the ids of its context, and whose each is (0: a prompt's).
        struct Context {
            std::vector<std::int32_t> ids;
            std::vector<std::int64_t> owners;
        };
        std::map<std::int64_t, Context> contexts;
        for (const Message& m : *messages) {
            Context context = contexts[m.parent.value_or(0)];
            const auto log = history.routing(m.id);
            if (m.author != Author::kAssistant || !log.ok() || !*log) {
                contexts[m.id] = context;
                continue;
            }
            if (experts.empty()) experts.assign(static_cast<std::size_t>((*log)->shape().experts), 0);
            for (std::size_t t = 0; t < (*log)->size(); ++t) {
                const RoutingLog::Token& token = (*log)->token(t);
                const auto at = static_cast<std::size_t>(token.position);
                const bool own = token.phase == Phase::kDecode;
                const bool same = at < context.ids.size() && context.ids[at] == token.token && !own;
                if (!same) {
                    context.ids.resize(at);
                    context.owners.resize(at);
                    context.ids.push_back(token.token);
                    context.owners.push_back(own ? m.id : 0);
                }
                const std::int64_t owner = context.owners[at];
                const std::vector<std::int32_t> before(context.ids.begin(),
                                                       context.ids.begin() + static_cast<std::ptrdiff_t>(at) + 1);
                if (!tokens.insert({owner, token.position, owner != 0 ? std::vector<std::int32_t>() : before}).second)
                    continue;
                for (const std::int32_t e : (*log)->experts(t, 0)) ++experts[static_cast<std::size_t>(e)];
            }
            contexts[m.id] = context;
            // Another answer to the question finds what was read for this one.
            Context& question = contexts[m.parent.value_or(0)];
            std::size_t prompt = 0;
            while (prompt < context.owners.size() && context.owners[prompt] != m.id) ++prompt;
            if (prompt > question.ids.size()) {
                question.ids.assign(context.ids.begin(), context.ids.begin() + static_cast<std::ptrdiff_t>(prompt));
                question.owners.assign(context.owners.begin(),
                                       context.owners.begin() + static_cast<std::ptrdiff_t>(prompt));
            }
        }
    }
};

}  // namespace

class TestScope : public QObject {
    Q_OBJECT

private:
    static RoutingDesk& routing(Desk& desk) { return *desk.window->findChild<RoutingDesk*>(); }
    static InspectorModel& model(Desk& desk) { return desk.window->inspector().model(); }
    /// Chooses a source and waits until all of it is there.
    static bool show(Desk& desk, qint64 id) {
        model(desk).wantSource(id);
        return QTest::qWaitFor(
            [&] { return model(desk).whole() && model(desk).whole()->id() == id && !routing(desk).reader().reading(); },
            20'000);
    }
    static std::vector<double> countsOf(const SharedSource& source) {
        return expertCounts(source->log(), 0, allTokens(source->log()));
    }
    static void regenerate(Desk& desk, int row, const RouterRules& rules) {
        QSignalSpy ended(&desk.window->chat(), &ChatController::answerEnded);
        desk.window->chat().regenerate(desk.idAt(row), rules);
        QVERIFY(!ended.isEmpty() || ended.wait(20'000));
    }

private Q_SLOTS:
    void eachTokenCountsOnceInEverySource() {
        QTemporaryDir dir;
        Desk desk(dir.path());
        desk.ask("What is 7 plus 8?");
        desk.ask("What is the capital of France?");
        RouterRules masked;
        masked.all.masked = {3, 7};
        regenerate(desk, 3, masked);  // a second branch from the second question on
        desk.ask("How do you say house in German?");
        const qint64 first = desk.window->chat().conversation();
        desk.window->chat().startNew();
        desk.ask("Write a short story about a fox.");
        const qint64 second = desk.window->chat().conversation();
        routing(desk).flush();

        auto history = History::open(dir.path().toStdString());
        QVERIFY(history.ok());
        const Counted of_first(**history, first), of_second(**history, second);
        QVERIFY(of_first.tokens.size() > 60);

        QVERIFY(show(desk, RoutingSources::idOfWholeChat(second)));
        QCOMPARE(static_cast<std::size_t>(model(desk).whole()->size()), of_second.tokens.size());
        QCOMPARE(countsOf(model(desk).whole()), of_second.experts);

        QVERIFY(show(desk, RoutingSources::kAllChats));
        QCOMPARE(static_cast<std::size_t>(model(desk).whole()->size()),
                 of_first.tokens.size() + of_second.tokens.size());
        std::vector<double> sum = of_first.experts;
        for (std::size_t e = 0; e < sum.size(); ++e) sum[e] += of_second.experts[e];
        QCOMPARE(countsOf(model(desk).whole()), sum);
        // In the scope of answers alone too; and no place of the transcript is there twice.
        model(desk).setScope({.prompt = false, .text = {}});
        std::set<std::pair<qint64, int>> places;
        std::size_t answers = 0;
        for (const Counted* counted : {&of_first, &of_second}) {
            answers += static_cast<std::size_t>(
                std::ranges::count_if(counted->tokens, [](const Key& key) { return std::get<0>(key) != 0; }));
        }
        const SharedSource shown = model(desk).source();
        for (int t = 0; t < shown->size(); ++t) {
            const TokenPlace place = shown->placeOf(t);
            if (place.message != 0) QVERIFY(places.insert({place.message, place.index}).second);
        }
        QCOMPARE(static_cast<std::size_t>(shown->size()), answers);
        model(desk).setScope({});

        desk.window->chat().open(first);
        routing(desk).flush();
        QVERIFY(show(desk, RoutingSources::idOfWholeChat(first)));
        QCOMPARE(static_cast<std::size_t>(model(desk).whole()->size()), of_first.tokens.size());
        QCOMPARE(countsOf(model(desk).whole()), of_first.experts);
        const int whole = model(desk).whole()->size();
        QVERIFY(show(desk, RoutingSources::idOfConversation(first)));
        QVERIFY(model(desk).whole()->size() < whole);
        QVERIFY(show(desk, desk.idAt(1)));  // one answer
        QVERIFY(model(desk).whole()->size() < 80);
    }

    /// Another source while one is being read: the last one wanted is shown.
    void readingIsCancelled() {
        QTemporaryDir dir;
        Desk desk(dir.path());
        desk.ask("What is 7 plus 8?");
        routing(desk).flush();
        const qint64 branch = RoutingSources::idOfConversation(desk.window->chat().conversation());
        model(desk).wantSource(RoutingSources::kAllChats);
        model(desk).wantSource(branch);
        QTest::qWait(300);
        QCOMPARE(model(desk).whole()->id(), branch);
        QVERIFY(!routing(desk).reader().reading());
    }

    void choicesNameTheSources() {
        QTemporaryDir dir;
        Desk desk(dir.path());
        desk.ask("What is 7 plus 8?");
        routing(desk).flush();
        QStringList names;
        for (const SourceOffer& choice : model(desk).choices()) names << choice.name;
        QCOMPARE(names, (QStringList{QStringLiteral("This branch"), QStringLiteral("This answer"),
                                     QStringLiteral("This chat, all branches"), QStringLiteral("All chats")}));
    }

    /// From an expert where it is seen to the rules of the next answer, and back.
    void expertsAreMaskedWhereTheyAreSeen() {
        QTemporaryDir dir;
        Desk desk(dir.path());
        desk.ask("What is 7 plus 8?");
        routing(desk).flush();
        const RoutingShape shape = model(desk).whole()->shape();
        const auto trigger = [&](const QString& text) {
            QMenu menu;
            addSpotActions(menu, model(desk), Spot::ofExpert(1, 5));
            for (QAction* action : menu.actions()) {
                if (action->text().startsWith(text)) return action->trigger(), true;
            }
            return false;
        };
        QVERIFY(trigger(QStringLiteral("Mask in the next answers")));
        const int layer = shape.first_moe_layer + 1;
        QCOMPARE(desk.window->chat().rules().layers.at(layer).masked, std::vector<std::int32_t>{5});
        QVERIFY(trigger(QStringLiteral("Force in the next answers")));
        QCOMPARE(desk.window->chat().rules().layers.at(layer).forced, std::vector<std::int32_t>{5});
        QVERIFY(desk.window->chat().rules().layers.at(layer).masked.empty());
        QVERIFY(trigger(QStringLiteral("Stop forcing")));
        QVERIFY(desk.window->chat().rules() == RouterRules());
        QVERIFY(trigger(QStringLiteral("Mask in the next answers")));
        desk.ask("What is 7 plus 8?");
        routing(desk).flush();
        const qint64 answer = desk.idAt(3);
        const auto log = desk.window->chat().routing(answer);
        QVERIFY(log && log->size() > 0);
        for (std::size_t t = 0; t < log->size(); ++t) QVERIFY(!log->experts(t, 1).contains(5));
        // The search opens with the expert.
        QVERIFY(trigger(QStringLiteral("Find tokens of this expert")));
        QVERIFY(desk.window->interventions().expertSearch()->isVisible());
        QCOMPARE(desk.window->interventions().expertSearch()->query().expert, 5);
        QCOMPARE(desk.window->interventions().expertSearch()->query().layer, layer);
        desk.window->interventions().expertSearch()->close();
    }

    /// Words of a question are pointed at, tinted and chosen as those of an answer are.
    void wordsOfAQuestionAreTokensToo() {
        QTemporaryDir dir;
        Desk desk(dir.path());
        desk.ask("What is the capital of France?");
        routing(desk).flush();
        auto* view = desk.window->findChild<TranscriptView*>();
        view->flush();
        const qint64 question = desk.idAt(0);
        QTRY_VERIFY(!view->tokenRect(question, 3).isNull());
        const SharedSource source = model(desk).whole();
        const int at = source->find(question, 3);
        QVERIFY(at >= 0);
        QCOMPARE(source->partOf(at), TokenPart::kQuestion);
        // Pointed at.
        QTest::mouseMove(view->viewport(), {5, 5});
        QTest::mouseMove(view->viewport(), view->tokenRect(question, 3).center());
        QTRY_COMPARE(model(desk).selection().hovered().first, at);
        // Chosen, and let go by a second click.
        QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, view->tokenRect(question, 3).center());
        QCOMPARE(model(desk).selection().chosen(), Spot::ofToken(source->id(), at));
        QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, view->tokenRect(question, 3).center());
        QVERIFY(!model(desk).selection().chosen().hasTokens());
        QTest::mouseMove(view->viewport(), {5, 5});
        // Tinted: its ground is another.
        const auto ground = [&] {
            view->flush();
            const QRect rect = view->tokenRect(question, 3);
            const QImage picture = view->viewport()->grab(rect).toImage();
            return picture.pixel(3, picture.height() / 2);  // within the frame of what is pointed at
        };
        const QRgb plain = ground();
        auto* tint = desk.window->findChild<TokenTint*>();
        tint->setMetric(TintMetric::kTopExpert);
        QTRY_VERIFY(ground() != plain);
        tint->setMetric(TintMetric::kNone);
        QTRY_COMPARE(ground(), plain);
        // Chosen in a chart, it is marked in the chat.
        model(desk).selection().choose(Spot::ofToken(source->id(), at));
        const auto around = [&] {
            return view->viewport()->grab(view->tokenRect(question, 3).adjusted(-2, -2, 2, 2)).toImage();
        };
        QTest::qWait(50);
        const QImage marked = around();
        model(desk).selection().clearTokens();
        QTRY_VERIFY(around() != marked);
    }

    /// While the branch is about to be read again, batches wait for that; then their records are there, each once.
    void recordsThatComeWhileTheBranchIsReadAgainAreThere() {
        QTemporaryDir dir;
        Desk desk(dir.path());
        desk.ask("What is 7 plus 8?");
        routing(desk).flush();
        ChatController& chat = desk.window->chat();
        int batches = 0;
        connect(&chat, &ChatController::answerProgress, &chat, [&] {
            // Once its first tokens are in the source, the rest comes while a rebuild is due.
            if (++batches > 1) emit chat.opened(chat.conversation());
        });
        // Noise, until some is long enough to come in parts.
        GenerationSettings noise;
        noise.temperature = 5;
        noise.top_k = 0;
        noise.top_p = 1;
        noise.min_p = 0;
        noise.max_tokens = 600;
        noise.random_seed = false;
        for (noise.seed = 1; noise.seed < 20 && batches <= 2; ++noise.seed) {
            batches = 0;
            chat.setDefaults(noise);
            desk.ask("Write a short story about a fox.");
        }
        QVERIFY(batches > 2);
        const int last = desk.transcript->count() - 1;
        const auto log = chat.routing(desk.idAt(last));
        QVERIFY(log && log->size() > 40);
        const auto missing = [&] {
            const RoutingView shown = model(desk).whole()->log();
            std::map<std::int32_t, int> times;
            for (std::size_t t = 0; t < shown.size(); ++t) ++times[shown.token(t).position];
            int wrong = 0;
            for (std::size_t t = 0; t < log->size(); ++t) wrong += times[log->token(t).position] != 1;
            return wrong;
        };
        QTRY_COMPARE(missing(), 0);
        const SharedSource source = model(desk).whole();
        QVERIFY(source->find(desk.idAt(last), static_cast<int>(desk.transcript->at(last).tokens.size()) - 2) >= 0);
    }

    /// A trace has what was asked for: all of the source, or what the scope leaves of it.
    void tracesAreExportedInTheScope() {
        QTemporaryDir dir;
        Desk desk(dir.path());
        desk.ask("What is 7 plus 8?");
        routing(desk).flush();
        model(desk).setScope({.prompt = false, .text = {}});
        const int all = model(desk).whole()->size(), scoped = model(desk).source()->size();
        QVERIFY(scoped > 0 && scoped < all);
        TraceFiles& traces = desk.window->traces();
        for (const auto& [what, expected] :
             {std::pair(TraceFiles::What::kAll, all), std::pair(TraceFiles::What::kScope, scoped)}) {
            const QString path = dir.filePath(QStringLiteral("trace%1.csv").arg(expected));
            QSignalSpy saved(&traces, &TraceFiles::saved);
            traces.save(path, {}, what);
            QVERIFY(!saved.isEmpty() || saved.wait(10'000));
            const auto trace = readTrace(path.toStdString());
            QVERIFY2(trace.ok(), trace.ok() ? "" : trace.status().message().c_str());
            QCOMPARE(static_cast<int>(trace->log.size()), expected);
        }
        model(desk).setScope({.prompt = false, .answer = false, .text = {}});
        QSignalSpy failed(&traces, &TraceFiles::failed);
        traces.save(dir.filePath(QStringLiteral("nothing.csv")), {}, TraceFiles::What::kScope);
        QCOMPARE(failed.size(), 1);
    }

    void namesOfExpertsStay() {
        QTemporaryDir dir;
        {
            Desk desk(dir.path());
            desk.ask("What is 7 plus 8?");
            routing(desk).flush();
            desk.window->findChild<ExpertNames*>()->setName(1, 5, QStringLiteral("sums"));
            QCOMPARE(model(desk).expertName(1, 5), QStringLiteral("sums"));
            QMenu menu;
            addSpotActions(menu, model(desk), Spot::ofExpert(1, 5));
            QVERIFY2(menu.actions().first()->text().endsWith(QStringLiteral("sums")),
                     qPrintable(menu.actions().first()->text()));
            desk.window->close();
        }
        Desk desk(dir.path());
        routing(desk).flush();
        QTRY_COMPARE(model(desk).expertName(1, 5), QStringLiteral("sums"));
        desk.window->findChild<ExpertNames*>()->setName(1, 5, {});
        QCOMPARE(model(desk).expertName(1, 5), QString());
        QVERIFY(ExpertNames::fromJson("[]").isEmpty());
        QVERIFY(ExpertNames::fromJson("{\"x\": \"a\", \"1:-2\": \"b\", \"1:2\": 3}").isEmpty());
    }
};

QTEST_MAIN(TestScope)
#include "test_scope.moc"
