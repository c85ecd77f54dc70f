// What a user does with the routing: rules, branches that say so, experiments, the search for an expert's tokens, and
// one selection in transcript and inspector. If these fail, the instrument lies or loses its place.

#include <QElapsedTimer>
#include <QListView>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "app/window/chat_controller.h"
#include "app/window/interventions.h"
#include "app/window/main_window.h"
#include "app/window/routing_desk.h"
#include "app/window/trace_files.h"
#include "engine/routing/rules_text.h"
#include "storage/exchange/export.h"
#include "storage/exchange/import.h"
#include "tests/support/timing.h"
#include "ui/chat/transcript_model.h"
#include "ui/chat/transcript_view.h"
#include "ui/chrome/notice_bar.h"
#include "ui/composer/composer.h"
#include "ui/inspector/inspector_dock.h"
#include "ui/inspector/views/experiment_view.h"
#include "ui/settings/router_rules_dialog.h"
#include "ui/settings/router_rules_editor.h"

using namespace moescope;

namespace {

RouterRules parsed(const char* text) {
    const auto rules = parseRules(text);
    if (!rules.ok()) qFatal("%s", rules.status().message().c_str());
    return *rules;
}

/// A window on a history of its own, with the demo model unless it is not to be loaded, greedy sampling.
class Desk {
public:
    explicit Desk(const QString& data_dir, bool load = true) {
        auto history = History::open(data_dir.toStdString());
        if (!history.ok()) qFatal("%s", history.status().message().c_str());
        WindowOptions options;
        options.data_dir = data_dir.toStdString();
        options.demo_model = QStringLiteral(MOESCOPE_DEMO_MODEL);
        options.load_model = load;
        window = std::make_unique<MainWindow>(std::move(*history), options);
        window->resize(1600, 900);  // room for all pills
        window->show();
        QSignalSpy loaded(&window->engine(), &EngineThread::loaded);
        if (load && !loaded.wait(20'000)) qFatal("the demo model was not loaded");
        GenerationSettings greedy;
        greedy.temperature = 0;
        greedy.max_tokens = 160;
        chat().setDefaults(greedy);
        transcript = window->findChild<TranscriptModel*>();
        view = window->findChild<TranscriptView*>();
    }
    ChatController& chat() { return window->chat(); }

    QString ask(const char* question) {
        return wait([&] { chat().send(QString::fromUtf8(question)); });
    }
    QString regenerate(int row, const std::optional<RouterRules>& rules = {}) {
        return wait([&] { chat().regenerate(idAt(row), rules); });
    }
    /// Waits for the answer that `begin` asks for; its text.
    template <class Begin>
    QString wait(Begin begin) {
        QSignalSpy ended(&chat(), &ChatController::answerEnded);
        begin();
        if (ended.isEmpty() && !ended.wait(20'000)) return QStringLiteral("(no answer)");
        window->routing().flush();
        return QString::fromStdString(transcript->at(transcript->count() - 1).text);
    }
    qint64 idAt(int row) const { return transcript->at(row).id; }
    int tokensAt(int row) const { return static_cast<int>(transcript->at(row).tokens.size()); }
    /// The number of experts that every record of an answer's tokens has; -1 if they differ.
    int expertsAt(int row) {
        int count = -2;
        for (int t = 0; t < tokensAt(row); ++t) {
            for (const LayerRouting& r : chat().tokenRouting(idAt(row), t)) {
                if (count == -2) count = r.count;
                if (count != r.count) return -1;
            }
        }
        return count;
    }

    std::unique_ptr<MainWindow> window;
    TranscriptModel* transcript = nullptr;
    TranscriptView* view = nullptr;
};

constexpr const char* kQuestion = "What is a router?";
constexpr const char* kStory = "Write a short story about a fox.";  // which few experts cannot tell

}  // namespace

class TestInterventions : public QObject {
    Q_OBJECT

private slots:
    void rulesMakeABranchThatSaysSo();
    void rulesOfAChatHold();
    void theDialogRegenerates();
    void rulesSurviveExportAndImport();
    void experimentsShowTheLossAndLeaveTheChatAlone();
    void anExperimentStops();
    void searchFindsATokenAndOpensIt();
    void oneSelectionInTranscriptAndInspector();
    void longChatsShowTheirLastAnswers();
    void routingCanBeReadWithoutAModel();
    void routingGoesOutAndIn();
};

void TestInterventions::rulesMakeABranchThatSaysSo() {
    QTemporaryDir dir;
    qint64 after_id = 0;
    {
        Desk desk(dir.path());
        const QString own = desk.ask(kStory);
        const int k = desk.expertsAt(1);
        QVERIFY(k > 1);
        QVERIFY(!desk.transcript->at(1).figures.finish.contains(QStringLiteral("rules")));
        const qint64 before = desk.idAt(1);
        QSignalSpy compare(&desk.chat(), &ChatController::comparisonWanted);
        const QString other = desk.regenerate(1, parsed("k 1; mask 1: 3; shared off"));
        QVERIFY(other != own);
        QCOMPARE(desk.transcript->at(1).siblings, 2);
        after_id = desk.idAt(1);
        QVERIFY(after_id != before);
        QVERIFY2(desk.transcript->at(1).figures.finish.contains(
                     QStringLiteral("rules: top 1; without layer 1: 3; shared experts off")),
                 qPrintable(desk.transcript->at(1).figures.finish));
        QCOMPARE(desk.expertsAt(1), 1);
        for (const LayerRouting& r : desk.chat().tokenRouting(after_id, 2)) QCOMPARE(r.shared_norm, 0.0f);
        QCOMPARE(compare.size(), 1);
        QCOMPARE(compare[0][0].toLongLong(), before);
        QCOMPARE(compare[0][1].toLongLong(), after_id);
        QCOMPARE(desk.window->inspector().model().comparedA(), before);
        QCOMPARE(desk.window->inspector().model().comparedB(), after_id);
        // The chat's own rules are as they were, and so is what the next answers are computed with.
        QCOMPARE(desk.regenerate(1), own);
        QCOMPARE(desk.expertsAt(1), k);
        QCOMPARE(compare.size(), 1);
    }
    Desk desk(dir.path(), false);
    desk.chat().showMessage(after_id);
    QCOMPARE(desk.idAt(1), after_id);
    QVERIFY(desk.transcript->at(1).figures.finish.contains(QStringLiteral("top 1")));
    QVERIFY(desk.chat().rulesOf(after_id) == parsed("k 1; mask 1: 3; shared off"));
}

void TestInterventions::rulesOfAChatHold() {
    QTemporaryDir dir;
    {
        Desk desk(dir.path());
        auto* composer = desk.window->findChild<Composer*>();
        const auto chip = [&] {
            return qobject_cast<QAbstractButton*>(composer->chip(QStringLiteral("rules")))->text();
        };
        QCOMPARE(chip(), QStringLiteral("Rules: top 4, all experts"));
        desk.chat().setRules(parsed("k 2"));
        emit desk.window->interventions().rulesChanged();
        QCOMPARE(chip(), QStringLiteral("Rules: top 2, all experts"));
        desk.ask(kQuestion);
        QCOMPARE(desk.expertsAt(1), 2);
        // Other settings and rules do not disturb one another; going on keeps to what an answer was begun with.
        GenerationSettings settings = desk.chat().settings();
        QCOMPARE(settings.max_tokens, 160);
        settings.max_tokens = 6;
        desk.chat().setSettings(settings);
        QVERIFY(desk.chat().rules() == parsed("k 2"));
        desk.ask("What is a shared expert?");
        desk.chat().setRules({});
        settings.max_tokens = 12;
        desk.chat().setSettings(settings);
        desk.wait([&] { desk.chat().continueAnswer(desk.idAt(3)); });
        QVERIFY(desk.tokensAt(3) > 6);
        QCOMPARE(desk.expertsAt(3), 2);
        desk.chat().setRules(parsed("k 3"));
        desk.window->close();
    }
    Desk desk(dir.path(), false);
    QVERIFY(desk.chat().conversation() != 0);
    QVERIFY(desk.chat().rules() == parsed("k 3"));
    QCOMPARE(desk.chat().settings().max_tokens, 12);
    desk.chat().startNew();
    QVERIFY(desk.chat().rules() == RouterRules());
}

void TestInterventions::theDialogRegenerates() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    desk.ask(kQuestion);
    const qint64 before = desk.idAt(1);
    // A modal dialog: what is done in it is done while it runs.
    bool seen = false;
    QTimer::singleShot(0, this, [&] {
        auto* dialog = qobject_cast<RouterRulesDialog*>(QApplication::activeModalWidget());
        seen = dialog != nullptr;
        if (!seen) return;
        dialog->setRules(parsed("k 1"));
        dialog->findChild<QPushButton*>(QStringLiteral("regenerate"))->click();
    });
    desk.wait([&] { emit desk.view->rulesRequested(before); });
    QVERIFY(seen);
    QVERIFY(desk.idAt(1) != before);
    QCOMPARE(desk.expertsAt(1), 1);
    // Its dialog begins with what it was made with.
    QTimer::singleShot(0, this, [&] {
        auto* dialog = qobject_cast<RouterRulesDialog*>(QApplication::activeModalWidget());
        seen = dialog && *dialog->editor().rules() == parsed("k 1");
        if (dialog) dialog->reject();
    });
    desk.window->interventions().editRulesFor(0);
    QVERIFY(seen);
}

void TestInterventions::rulesSurviveExportAndImport() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    desk.ask(kQuestion);
    desk.chat().setRules(parsed("mask 1: 0"));
    desk.regenerate(1, parsed("k 1; mask 1: 3"));
    auto history = History::open(dir.path().toStdString());
    QVERIFY(history.ok());
    const auto content = (*history)->content(desk.chat().conversation());
    QVERIFY(content.ok());
    const auto read = importConversations(exportConversations({&*content, 1}, ExportFormat::kJson));
    QVERIFY(read.ok());
    const auto imported = (*history)->import(read->conversations.front());
    QVERIFY(imported.ok());
    desk.chat().open(*imported);
    QVERIFY(desk.chat().rules() == parsed("mask 1: 0"));
    QVERIFY(desk.chat().rulesOf(desk.idAt(1)) == parsed("k 1; mask 1: 3"));
    QVERIFY(desk.transcript->at(1).figures.finish.contains(QStringLiteral("top 1; without layer 1: 3")));
}

void TestInterventions::experimentsShowTheLossAndLeaveTheChatAlone() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    auto* view = desk.window->inspector().view<ExperimentView>();
    QVERIFY(view);
    auto* run = view->findChild<QPushButton*>(QStringLiteral("run"));
    QVERIFY(!run->isEnabled());  // there is no text yet
    desk.ask(kQuestion);
    desk.window->interventions().showExperiments();
    QCOMPARE(desk.window->inspector().currentView(), view);
    QSignalSpy ended(&desk.window->engine(), &EngineThread::experimentEnded);
    QTest::mouseClick(run, Qt::LeftButton);
    QVERIFY(desk.window->interventions().experimentRuns());
    QVERIFY(!desk.window->findChild<Composer*>()->enabledReason().isEmpty());
    QVERIFY(ended.wait(20'000));
    QCOMPARE(ended[0][0].toString(), QString());
    const auto& points = view->results().points;
    QVERIFY(points.size() > 4);
    QVERIFY(points[0].own);
    QCOMPARE(points[0].label, QStringLiteral("none masked"));
    QVERIFY(points[0].nats < 0.1);  // its own answer
    for (std::size_t i = 1; i < points.size(); ++i) QVERIFY(points[i].nats > 5 * points[0].nats);
    QVERIFY(points.back().reference);
    QVERIFY(view->csv().contains(QStringLiteral("none masked,0,0,")));
    QVERIFY(!desk.window->interventions().experimentRuns());
    QVERIFY(desk.window->findChild<Composer*>()->enabledReason().isEmpty());
    // The session of the chat was not touched: the next question goes on from what is cached.
    QSignalSpy batches(&desk.chat(), &ChatController::answerProgress);
    QCOMPARE(desk.ask("What is 7 plus 8?"), QStringLiteral("7 + 8 = 15"));
    int prefilled = 0;
    const auto log = desk.chat().routing(desk.idAt(3));
    for (std::size_t t = 0; t < log->size(); ++t) prefilled += log->token(t).phase == Phase::kPrefill;
    QVERIFY(prefilled < desk.tokensAt(1));  // of the first question and answer nothing was computed again
}

void TestInterventions::anExperimentStops() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    desk.ask("Write a short story about a fox.");
    QSignalSpy ended(&desk.window->engine(), &EngineThread::experimentEnded);
    ExperimentJob job;
    std::string text;
    while (text.size() < 400'000) text += "A fox met a snail on a hill and they talked for a while. ";
    job.messages = {{Role::kUser, "Go on."}, {Role::kAssistant, text}};
    QSignalSpy begun(&desk.window->engine(), &EngineThread::experimentBegun);
    desk.window->engine().experiment(job);
    QVERIFY(!begun.isEmpty() || begun.wait(20'000));
    QTest::qWait(30);
    QElapsedTimer clock;
    clock.start();
    desk.window->engine().stop();
    QVERIFY(!ended.isEmpty() || ended.wait(5'000));
    QVERIFY2(inTime(clock.elapsed(), 200), qPrintable(QString::number(clock.elapsed())));
    QCOMPARE(ended[0][0].toString(), QStringLiteral("The experiment was stopped."));
}

void TestInterventions::searchFindsATokenAndOpensIt() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    desk.ask(kQuestion);
    const qint64 conversation = desk.chat().conversation(), answer = desk.idAt(1);
    const RoutingShape shape = desk.chat().routing(answer)->shape();
    const LayerRouting record = desk.chat().tokenRouting(answer, 3)[1];
    desk.chat().startNew();
    QCOMPARE(desk.transcript->count(), 0);

    desk.window->interventions().searchExperts();
    ExpertSearch* search = desk.window->interventions().expertSearch();
    QVERIFY(search->isVisible());
    ExpertQuery query;
    query.layer = shape.first_moe_layer + 1;
    query.expert = record.experts[0];
    query.gate_above = static_cast<double>(record.gates[0]) * 0.99;
    query.ranks = 1;
    search->setQuery(query);
    QTRY_VERIFY(search->model()->rowCount() > 0);
    int row = -1;
    for (int i = 0; i < search->model()->rowCount(); ++i) {
        if (search->model()->at(i).index == 3) row = i;
    }
    QVERIFY(row >= 0);
    QCOMPARE(search->model()->at(row).rank, 1);
    search->list()->setCurrentIndex(search->model()->index(row));
    QTest::keyClick(search->list(), Qt::Key_Return);
    QCOMPARE(desk.chat().conversation(), conversation);
    QCOMPARE(desk.idAt(1), answer);
    const SharedSource source = desk.window->inspector().model().source();
    QVERIFY(source);
    const Spot chosen = desk.window->inspector().model().selection().chosen();
    QCOMPARE(chosen.first, source->find(answer, 3));
    QCOMPARE(source->text(chosen.first).trimmed(), search->model()->at(row).token.trimmed());
    QCOMPARE(desk.view->selectedToken(), qMakePair(answer, 3));
    // Tokens of prompts are shown by the loaded model's vocabulary.
    query.gate_above = 0;
    query.ranks = 0;
    query.prompts = true;
    const auto written = search->model()->rowCount();
    search->setQuery(query);
    QTRY_VERIFY(search->model()->rowCount() > written);
}

void TestInterventions::oneSelectionInTranscriptAndInspector() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    desk.ask(kQuestion);
    desk.ask("What is 7 plus 8?");
    RoutingSelection& selection = desk.window->inspector().model().selection();
    const SharedSource source = desk.window->inspector().model().source();
    QVERIFY(source);
    QVERIFY(source->size() >= desk.tokensAt(1) + desk.tokensAt(3));
    // Each token of the transcript is one of the source, with its text and record.
    for (const int row : {1, 3}) {
        const TranscriptMessage& m = desk.transcript->at(row);
        for (int t = 0; t < desk.tokensAt(row); ++t) {
            const int at = source->find(m.id, t);
            QVERIFY(at >= 0);
            const TranscriptToken& token = m.tokens[static_cast<std::size_t>(t)];
            const QString text = QString::fromStdString(m.text.substr(token.begin, token.end - token.begin));
            // The blank that opens an answer is not shown in it; the vocabulary has it.
            QCOMPARE(source->text(at), text.isEmpty() ? QStringLiteral(" ") : text);
            QCOMPARE(source->log().at(static_cast<std::size_t>(at), 0).experts,
                     desk.chat().tokenRouting(m.id, t)[0].experts);
        }
    }
    // Click in the transcript: chosen in the inspector. Again: let go.
    emit desk.view->tokenClicked(desk.idAt(1), 2);
    QCOMPARE(selection.chosen().first, source->find(desk.idAt(1), 2));
    QCOMPARE(desk.view->selectedToken(), qMakePair(desk.idAt(1), 2));
    emit desk.view->tokenClicked(desk.idAt(1), 2);
    QVERIFY(!selection.chosen().hasTokens());
    QCOMPARE(desk.view->selectedToken().second, -1);
    // The pointer over a word is the pointer in the inspector; leaving lets go.
    emit desk.view->tokenHovered(desk.idAt(3), 1);
    QCOMPARE(selection.shown().first, source->find(desk.idAt(3), 1));
    emit desk.view->tokenHovered(0, -1);
    QVERIFY(!selection.shown().hasTokens());
    // Chosen in the inspector: framed in the transcript. A prompt's token stands nowhere.
    selection.choose(Spot::ofToken(source->id(), source->find(desk.idAt(3), 0)));
    QCOMPARE(desk.view->selectedToken(), qMakePair(desk.idAt(3), 0));
    selection.choose(Spot::ofToken(source->id(), 0));
    QCOMPARE(desk.view->selectedToken().second, -1);
    QVERIFY(!source->text(0).isEmpty() || source->log().token(0).token == 1);  // from the vocabulary; BOS has no text
}

void TestInterventions::longChatsShowTheirLastAnswers() {
    QTemporaryDir dir;
    {
        auto history = History::open(dir.path().toStdString());
        QVERIFY(history.ok());
        ConversationContent content;
        content.conversation.title = "Long";
        constexpr int kAnswers = 30, kTokens = 500;
        RoutingShape shape;
        shape.moe_layers = 2;
        shape.experts = 8;
        shape.experts_used = 2;
        std::vector<LayerRouting> layers(2);
        for (LayerRouting& r : layers) {
            r.count = 2;
            r.experts[0] = 3;
            r.experts[1] = 5;
        }
        for (int a = 0; a < kAnswers; ++a) {
            MessageContent m;
            m.message.id = a + 1;
            if (a > 0) m.message.parent = a;
            m.message.author = Author::kAssistant;
            m.message.finish = FinishReason::kEndOfText;
            m.routing.emplace(shape);
            for (int t = 0; t < kTokens; ++t) {
                m.message.text += "w ";
                m.tokens.push_back({9, static_cast<std::uint32_t>(2 * t), static_cast<std::uint32_t>(2 * t + 2), t});
                m.routing->onToken({9, t, Phase::kDecode, layers});
            }
            content.messages.push_back(std::move(m));
        }
        content.conversation.leaf = kAnswers;
        QVERIFY((*history)->import(content).ok());
    }
    Desk desk(dir.path(), false);
    desk.chat().open(1);
    desk.window->routing().flush();
    const SharedSource branch = desk.window->routing().shownSource();
    QVERIFY(branch);
    QVERIFY(branch->size() >= static_cast<int>(RoutingDesk::kMostTokens));
    QVERIFY(branch->size() < 30 * 500);
    const int last = desk.transcript->count() - 1;
    QVERIFY(branch->find(desk.idAt(last), 7) >= 0);
    QCOMPARE(branch->find(desk.idAt(0), 7), -1);
    // A token of the first answer brings that answer; one of the last the branch again.
    emit desk.view->tokenClicked(desk.idAt(0), 7);
    const SharedSource first = desk.window->routing().shownSource();
    QCOMPARE(first->id(), desk.idAt(0));
    QCOMPARE(desk.window->inspector().model().selection().chosen().first, first->find(desk.idAt(0), 7));
    QCOMPARE(desk.view->selectedToken(), qMakePair(desk.idAt(0), 7));
    emit desk.view->tokenClicked(desk.idAt(last), 3);
    QCOMPARE(desk.window->routing().shownSource(), branch);
    QCOMPARE(desk.view->selectedToken(), qMakePair(desk.idAt(last), 3));
}

void TestInterventions::routingCanBeReadWithoutAModel() {
    QTemporaryDir dir;
    qint64 conversation = 0, answer = 0;
    int tokens = 0;
    {
        Desk desk(dir.path());
        desk.ask(kQuestion);
        desk.ask("What is 7 plus 8?");
        conversation = desk.chat().conversation();
        answer = desk.idAt(3);
        tokens = desk.tokensAt(3);
    }
    Desk desk(dir.path(), false);
    RoutingSources& sources = desk.window->routing().sources();
    const SharedSource one = sources.load(answer);
    QVERIFY(one);
    QCOMPARE(one->id(), answer);
    QVERIFY(one->size() > tokens);
    QString text;
    for (int t = 0; t < tokens; ++t) text += one->text(one->find(answer, t));
    QCOMPARE(text, QStringLiteral("7 + 8 = 15"));
    QCOMPARE(one->text(0), QString());  // of the prompt, whose vocabulary is not there
    const SharedSource all = sources.load(RoutingSources::idOfConversation(conversation));
    QVERIFY(all);
    QVERIFY(all->size() > one->size());
    QCOMPARE(all->text(all->find(answer, 0)), one->text(one->find(answer, 0)));
    QVERIFY(!sources.load(answer + 1000));
    QVERIFY(!sources.load(RoutingSources::idOfConversation(conversation + 1000)));
    const SharedSource trace = sources.addTrace(
        QStringLiteral("law"), std::make_shared<const RoutingLog>(copyOf(one->log())), {QStringLiteral("word")});
    QCOMPARE(sources.load(trace->id()), trace);
    QCOMPARE(trace->text(0), QStringLiteral("word"));
    const QList<SourceOffer> offers = sources.offers(conversation);
    QStringList names;
    for (const SourceOffer& offer : offers) names << offer.name;
    QCOMPARE(names, (QStringList{QStringLiteral("law"), QStringLiteral("Answer 1: ") + offers[1].name.mid(10),
                                 QStringLiteral("Answer 2: 7 + 8 = 15"), QStringLiteral("What is a router?")}));
}

void TestInterventions::routingGoesOutAndIn() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    TraceFiles& files = desk.window->traces();
    const auto* notice = desk.window->findChild<NoticeBar*>();
    QSignalSpy failed(&files, &TraceFiles::failed), saved(&files, &TraceFiles::saved),
        opened(&files, &TraceFiles::opened);
    files.save(dir.filePath(QStringLiteral("nothing.csv")));
    QVERIFY(failed.takeLast()[0].toString().contains(QStringLiteral("no routing yet")));
    QCOMPARE(notice->tone(), NoticeBar::Tone::kError);
    desk.ask(kQuestion);
    const SharedSource own = desk.window->routing().shownSource();
    const QString path = dir.filePath(QStringLiteral("routing.npz"));
    files.save(path);
    QVERIFY(saved.wait(10'000));
    QCOMPARE(notice->tone(), NoticeBar::Tone::kInfo);
    files.open({path});
    QVERIFY(opened.wait(10'000));
    const SharedSource read = desk.window->routing().shownSource();
    QVERIFY(read != own);
    QCOMPARE(read->name(), QStringLiteral("routing.npz"));
    QCOMPARE(read->size(), own->size());
    for (int t = 0; t < own->size(); ++t) {
        QCOMPARE(read->log().at(static_cast<std::size_t>(t), 2).experts,
                 own->log().at(static_cast<std::size_t>(t), 2).experts);
    }
    const QList<SourceOffer>& offers = desk.window->inspector().model().offers();
    QCOMPARE(offers.front().id, read->id());
    // What is no routing is a sentence, and the view stays.
    QFile file(dir.filePath(QStringLiteral("no.npz")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("not routing at all");
    file.close();
    files.open({file.fileName()});
    QVERIFY(opened.wait(10'000));
    QVERIFY(failed.takeLast()[0].toString().contains(QStringLiteral("no.npz")));
    QVERIFY(notice->sentence().contains(QStringLiteral("no.npz")));
    QCOMPARE(notice->tone(), NoticeBar::Tone::kError);
    QCOMPARE(desk.window->routing().shownSource(), read);
    // A folder, as ESFT writes its layers.
    const QString folder = dir.filePath(QStringLiteral("layers"));
    TraceOptions esft;
    esft.format = TraceFormat::kEsft;
    QVERIFY(writeTrace(folder.toStdString(), copyOf(own->log()), esft).ok());
    files.open({folder + QLatin1Char('/')});
    QVERIFY(opened.wait(10'000));
    QCOMPARE(desk.window->routing().shownSource()->name(), QStringLiteral("layers"));
    QCOMPARE(desk.window->routing().shownSource()->size(), own->size());
    // The next answer is the chat's again.
    desk.ask("What is 7 plus 8?");
    QCOMPARE(desk.window->routing().shownSource(), own);
}

QTEST_MAIN(TestInterventions)
#include "test_interventions.moc"
