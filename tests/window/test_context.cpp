// What a chat's context holds, and how its tokens count: no token has two records however often it is read again, turns
// are dropped many at once, what does not fit is refused before it is stored, and what is said of one chat stays there.

#include <QPushButton>
#include <memory>
#include <set>

#include "app/window/branch_routing.h"
#include "app/window/history_writer.h"
#include "app/window/routing_desk.h"
#include "tests/window/desk.h"
#include "ui/inspector/inspector_dock.h"

using namespace moescope;

namespace {

const QString kFox = QStringLiteral("A fox met a snail on a hill and they talked for a while. ");

void limit(Desk& desk, int max_tokens) {
    GenerationSettings settings;
    settings.temperature = 0;
    settings.max_tokens = max_tokens;
    desk.window->chat().setDefaults(settings);
}

/// Of the branch that is shown.
std::vector<Message> branchOf(History& history, const Desk& desk) {
    std::vector<Message> branch;
    for (int row = 0; row < desk.transcript->count(); ++row) branch.push_back(history.message(desk.idAt(row)).value());
    return branch;
}

/// Records that the history has of the answers of a branch.
std::size_t recordsOf(History& history, const std::vector<Message>& branch) {
    std::size_t records = 0;
    for (const Message& m : branch) {
        const auto log = history.routing(m.id).value();
        if (!log) continue;
        records += log->size();
        // None is there twice.
        std::set<std::int32_t> positions;
        for (std::size_t t = 0; t < log->size(); ++t) positions.insert(log->token(t).position);
        if (positions.size() != log->size()) return 0;
    }
    return records;
}

std::shared_ptr<Model> demo() {
    return Model::load(MOESCOPE_DEMO_MODEL, {}, {}).value();
}

/// Tokens of a whole chat, as if the context had no end.
std::size_t tokensOf(const Model& model, const std::vector<Message>& branch) {
    std::vector<ChatMessage> messages;
    for (const Message& m : branch) {
        messages.push_back({m.author == Author::kUser ? Role::kUser : Role::kAssistant, m.text});
    }
    return model.chatTemplate().render(model.tokenizer(), messages, false).tokens.size();
}

QPushButton* buttonOf(NoticeBar* notice, const QString& start) {
    for (QPushButton* button : notice->findChildren<QPushButton*>()) {
        if (button->text().startsWith(start) && button->isVisible()) return button;
    }
    return nullptr;
}

}  // namespace

class TestContext : public QObject {
    Q_OBJECT

private slots:
    void noTokenCountsTwice();
    void turnsAreDroppedManyAtOnce();
    void whatIsReadAgainIsNotCountedAgain();
    void doublesOfOlderProgramsAreLeftOut();
    void recordsAreKeptOnce();
    void recordsGoWithTheirChat();
    void anAnswerThatGoesOnKeepsItsRecords();
    void onlyWhatWasCutOffGoesOn();
    void aQuestionThatIsTooLong();
    void noticesStayWithTheirChat();
    void anEditGivesTheDraftBack();
};

void TestContext::noTokenCountsTwice() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    limit(desk, 60);
    // None begins as another does: what is computed already needs no record.
    for (int i = 0; i < 9; ++i) desk.ask(QStringLiteral("%1. ").arg(i) + kFox.repeated(12));
    QVERIFY(desk.window->writer().finish(std::chrono::seconds(20)));
    const auto history = History::open(dir.path().toStdString());
    const auto branch = branchOf(**history, desk);
    QVERIFY(branch.back().context_start.has_value());
    const std::size_t records = recordsOf(**history, branch), tokens = tokensOf(*demo(), branch);
    qInfo("%zu records of %zu tokens", records, tokens);
    QVERIFY(records > 0);
    // An end of text is computed with the next question, and the last one never.
    QVERIFY(records <= tokens + branch.size());
    QVERIFY(records + branch.size() >= tokens);
    // The inspector has the same, also when the chat is opened anew.
    desk.window->routing().flush();
    QCOMPARE(static_cast<std::size_t>(desk.window->routing().shownSource()->size()), records);
    const qint64 id = desk.window->chat().conversation();
    desk.window->chat().startNew();
    desk.window->chat().open(id);
    desk.window->routing().flush();
    QCOMPARE(static_cast<std::size_t>(desk.window->routing().shownSource()->size()), records);
}

void TestContext::turnsAreDroppedManyAtOnce() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    limit(desk, 20);
    constexpr int kQuestions = 24;
    for (int i = 0; i < kQuestions; ++i) desk.ask(QStringLiteral("%1. ").arg(i) + kFox.repeated(5));
    const auto history = History::open(dir.path().toStdString());
    int cuts = 0, after = 0;
    std::optional<std::int64_t> last;
    for (const Message& m : branchOf(**history, desk)) {
        if (m.author != Author::kAssistant) continue;
        cuts += m.context_start != last;
        after += m.context_start.has_value();
        last = m.context_start;
    }
    qInfo("%d questions after the context was full, %d times turns were dropped", after, cuts);
    QVERIFY(after >= 8);
    QVERIFY(cuts >= 1);
    QVERIFY(cuts <= 1 + after / 3);
}

void TestContext::whatIsReadAgainIsNotCountedAgain() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    desk.ask(QStringLiteral("Hello!"));
    desk.ask(QStringLiteral("What is 7 plus 8?"));
    const qint64 first = desk.window->chat().conversation();
    desk.window->chat().startNew();
    desk.ask(QStringLiteral("Hello!"));  // the session has lost the first chat
    desk.window->chat().open(first);
    desk.ask(QStringLiteral("What is a router?"));
    const auto history = History::open(dir.path().toStdString());
    const auto branch = branchOf(**history, desk);
    QCOMPARE(branch.size(), std::size_t{6});
    const std::size_t records = recordsOf(**history, branch), tokens = tokensOf(*demo(), branch);
    QVERIFY2(records <= tokens && records + 2 >= tokens, qPrintable(QStringLiteral("%1 %2").arg(records).arg(tokens)));
    // Of a new branch nothing is known before: regenerating makes no doubles either.
    QSignalSpy ended(&desk.window->chat(), &ChatController::answerEnded);
    desk.window->chat().regenerate(desk.idAt(5));
    QVERIFY(ended.wait(20'000));
    QVERIFY(recordsOf(**history, branchOf(**history, desk)) > 0);
}

void TestContext::doublesOfOlderProgramsAreLeftOut() {
    const RoutingShape shape{1, 1, 4, 1, 0};
    const auto logOf = [&](std::initializer_list<int> positions) {
        const auto log = std::make_shared<RoutingLog>(shape);
        LayerRouting layer;
        layer.count = 1;
        for (const int p : positions) log->onToken({p, p, Phase::kPrefill, std::vector<LayerRouting>{layer}});
        return log;
    };
    const auto positions = [](const RoutingView& log) {
        std::vector<int> out;
        for (std::size_t t = 0; t < log.size(); ++t) out.push_back(log.token(t).position);
        return out;
    };
    RoutingRuns joined(shape);
    BranchRouting branch;
    branch.append(joined, logOf({0, 1, 2, 3, 4}), {}, 3);
    branch.append(joined, logOf({0, 1, 2, 3, 4, 5, 6, 7}), {}, 7);  // all was read again
    branch.append(joined, logOf({8, 9, 10, 10, 11}), {}, 9);        // it went on, and its last token was read again
    QCOMPARE(positions(joined), (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
    branch.append(joined, logOf({0, 1, 2, 3, 4, 5}), 7, 4);  // turns were dropped
    branch.append(joined, logOf({6, 7, 8}), 7, 8);
    QCOMPARE(positions(joined), (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 4, 5, 6, 7, 8}));
}

/// The inspector reads the answers' own records: a copy would take as much memory again.
void TestContext::recordsAreKeptOnce() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    limit(desk, 12);
    std::set<const RoutingLog*> own;
    for (const char* question : {"What is a router?", "What is an expert?"}) {
        desk.ask(QLatin1String(question));
        desk.window->routing().flush();
        own.insert(desk.window->chat().routing(desk.idAt(desk.transcript->count() - 1)).get());
        const SharedSource source = desk.window->inspector().model().source();
        QVERIFY(source);
        std::set<const RoutingLog*> read;
        std::size_t tokens = 0;
        for (const auto& piece : source->log().pieces({0, source->log().size()})) {
            read.insert(piece.log);
            tokens += piece.tokens.size();
        }
        QVERIFY(!own.contains(nullptr));
        QCOMPARE(read, own);
        std::size_t all = 0;
        for (const RoutingLog* log : own) all += log->size();
        QCOMPARE(tokens, all);
    }
}

/// Chats that were looked at would else fill the memory, one after another.
void TestContext::recordsGoWithTheirChat() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    limit(desk, 12);
    std::vector<std::weak_ptr<const RoutingLog>> logs;
    for (const char* question : {"What is a router?", "What is an expert?"}) {
        desk.window->chat().startNew();
        desk.ask(QLatin1String(question));
        desk.window->routing().flush();
        logs.push_back(desk.window->chat().routing(desk.idAt(1)));
        QVERIFY(!logs.back().expired());
    }
    desk.window->chat().startNew();
    desk.window->routing().flush();
    for (const auto& log : logs) QTRY_VERIFY(log.expired());
}

void TestContext::anAnswerThatGoesOnKeepsItsRecords() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    limit(desk, 6);
    desk.ask(QStringLiteral("What is a router?"));
    const auto history = History::open(dir.path().toStdString());
    const Message before = (*history)->message(desk.idAt(1)).value();
    const std::size_t records_before = (*history)->routing(before.id).value()->size();
    limit(desk, 100);
    for (const bool elsewhere : {false, true}) {
        if (elsewhere) {  // the session has lost it
            limit(desk, 3);
            const qint64 chat = desk.window->chat().conversation();
            desk.window->chat().startNew();
            desk.ask(QStringLiteral("What is a router?"));
            desk.window->chat().open(chat);
            // It has ended by itself; a question more is cut off, and goes on.
            desk.ask(QStringLiteral("What is an expert?"));
            limit(desk, 100);
        }
        const int row = desk.transcript->count() - 1;
        QVERIFY(desk.transcript->at(row).may_continue);
        if (elsewhere) {
            const qint64 chat = desk.window->chat().conversation();
            desk.window->chat().startNew();
            desk.ask(QStringLiteral("Hello!"));
            desk.window->chat().open(chat);
        }
        QSignalSpy ended(&desk.window->chat(), &ChatController::answerEnded);
        desk.window->chat().continueAnswer(desk.idAt(row));
        QVERIFY(ended.wait(20'000));
        const auto log = (*history)->routing(desk.idAt(row)).value();
        const auto tokens = (*history)->tokens(desk.idAt(row)).value();
        for (std::size_t t = 1; t < log->size(); ++t) {
            QVERIFY(log->token(t).position == log->token(t - 1).position + 1);
        }
        for (std::size_t i = 1; i < tokens.size(); ++i) QVERIFY(tokens[i].position == tokens[i - 1].position + 1);
        QCOMPARE(log->token(log->size() - 1).position, tokens.back().position);
    }
    const Message after = (*history)->message(before.id).value();
    QCOMPARE(after.prompt_tokens, before.prompt_tokens);
    QCOMPARE(after.first_token_seconds, before.first_token_seconds);
    QVERIFY(after.tokens_per_second > 0);
    QVERIFY(after.answer_tokens > before.answer_tokens);
    QCOMPARE((*history)->routing(before.id).value()->size(),
             records_before + static_cast<std::size_t>(after.answer_tokens - before.answer_tokens));
    QCOMPARE(desk.transcript->find(before.id)->figures.answer_tokens, after.answer_tokens);
}

void TestContext::onlyWhatWasCutOffGoesOn() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    desk.ask(QStringLiteral("Hello!"));
    QVERIFY(!desk.transcript->at(1).may_continue);
    const std::string before = desk.transcript->at(1).text;
    desk.window->chat().continueAnswer(desk.idAt(1));
    QVERIFY(!desk.window->chat().answering());
    QVERIFY(desk.notice->sentence().contains(QStringLiteral("nothing to continue")));
    QCOMPARE(desk.transcript->at(1).text, before);
    limit(desk, 3);
    desk.ask(QStringLiteral("What is a router?"));
    QVERIFY(desk.transcript->at(3).may_continue);
    const qint64 id = desk.window->chat().conversation();
    desk.window->chat().startNew();
    desk.window->chat().open(id);
    QVERIFY(desk.transcript->at(3).may_continue);
    QVERIFY(!desk.transcript->at(1).may_continue);
}

void TestContext::aQuestionThatIsTooLong() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    const QString text = QStringLiteral("ü") + kFox.repeated(150) + QStringLiteral("What is 7 plus 8?");
    desk.composer->setText(text);
    QTest::keyClick(desk.edit, Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(desk.notice->sentence().startsWith(QStringLiteral("This message is too long:")), 20'000);
    QVERIFY(desk.notice->sentence().contains(QStringLiteral("available")));
    // Nothing was stored, nothing is lost.
    QCOMPARE(desk.composer->text(), text);
    QCOMPARE(desk.window->chat().conversation(), qint64{0});
    QCOMPARE(desk.transcript->count(), 0);
    QVERIFY(!desk.window->chat().answering());
    QVERIFY(desk.window->writer().finish(std::chrono::seconds(20)));
    const auto history = History::open(dir.path().toStdString());
    QVERIFY((*history)->conversations({}).value().empty());
    QCOMPARE((*history)->settings().get("window.draft", "").value(), text.toStdString());
    // The end of it can be asked.
    QPushButton* keep = buttonOf(desk.notice, QStringLiteral("Keep the last"));
    QVERIFY(keep);
    keep->click();
    QVERIFY(text.endsWith(desk.composer->text()));
    QVERIFY(desk.composer->text().size() > 500);
    QVERIFY(desk.composer->text().size() < text.size());
    QSignalSpy ended(&desk.window->chat(), &ChatController::answerEnded);
    QTest::keyClick(desk.edit, Qt::Key_Return);
    QVERIFY(!ended.isEmpty() || ended.wait(60'000));
    QCOMPARE(desk.transcript->count(), 2);
    QVERIFY(desk.notice->sentence().isEmpty());
    // In a chat that exists, and as another text of a question.
    const QString other = kFox.repeated(160);
    desk.composer->setText(other);
    QTest::keyClick(desk.edit, Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(desk.notice->sentence().contains(QStringLiteral("too long")), 20'000);
    QCOMPARE(desk.composer->text(), other);
    QCOMPARE(desk.transcript->count(), 2);
}

void TestContext::noticesStayWithTheirChat() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    desk.ask(QStringLiteral("Hello!"));
    const qint64 first = desk.window->chat().conversation();
    desk.window->chat().startNew();
    desk.ask(QStringLiteral("What is 7 plus 8?"));
    const qint64 second = desk.window->chat().conversation();
    GenerationSettings stop;
    stop.temperature = 0;
    stop.max_tokens = 60;
    stop.context_policy = ContextPolicy::kStop;
    desk.window->chat().setSettings(stop);
    for (int i = 0; i < 6 && desk.notice->sentence().isEmpty(); ++i) {
        desk.window->chat().send(kFox.repeated(14));
        QTRY_VERIFY_WITH_TIMEOUT(!desk.window->chat().answering(), 60'000);
    }
    const QString said = desk.notice->sentence();
    QVERIFY(said.contains(QStringLiteral("context")));
    desk.window->chat().open(first);
    QVERIFY(desk.notice->sentence().isEmpty());
    desk.window->chat().open(second);
    QCOMPARE(desk.notice->sentence(), said);
    desk.window->chat().startNew();
    QVERIFY(desk.notice->sentence().isEmpty());
    // Another model may answer what this one could not.
    desk.window->chat().open(second);
    QCOMPARE(desk.notice->sentence(), said);
    QSignalSpy loaded(&desk.window->engine(), &EngineThread::loaded);
    desk.window->loadModel(QStringLiteral(MOESCOPE_DEMO_MODEL));
    QVERIFY(loaded.wait(20'000));
    QVERIFY(desk.notice->sentence().isEmpty());
}

void TestContext::anEditGivesTheDraftBack() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    desk.ask(QStringLiteral("Hello!"));
    QTest::keyClicks(desk.edit, QStringLiteral("a draft"));
    QTest::keyClick(desk.edit, Qt::Key_Up, Qt::ControlModifier);
    QCOMPARE(desk.composer->text(), QStringLiteral("Hello!"));
    QVERIFY(desk.composer->isEditing());
    emit desk.composer->editCancelled();
    QVERIFY(!desk.composer->isEditing());
    QCOMPARE(desk.composer->text(), QStringLiteral("a draft"));
    QTest::keyClick(desk.edit, Qt::Key_Up, Qt::ControlModifier);
    QSignalSpy ended(&desk.window->chat(), &ChatController::answerEnded);
    desk.composer->setText(QStringLiteral("What is 7 plus 8?"));
    QTest::keyClick(desk.edit, Qt::Key_Return);
    // Nothing is offered any more that would undo it, and the draft is back.
    QTRY_COMPARE(desk.composer->text(), QStringLiteral("a draft"));
    QVERIFY(!desk.composer->isEditing());
    QVERIFY(!ended.isEmpty() || ended.wait(20'000));
    QCOMPARE(desk.transcript->at(0).text, std::string("What is 7 plus 8?"));
    QCOMPARE(desk.transcript->at(0).siblings, 2);
    QVERIFY(desk.window->writer().finish(std::chrono::seconds(20)));
    const auto history = History::open(dir.path().toStdString());
    QCOMPARE((*history)->conversation(desk.window->chat().conversation())->draft, std::string("a draft"));
    // Another chat ends an edit, and takes its notice away.
    QTest::keyClick(desk.edit, Qt::Key_Up, Qt::ControlModifier);
    QVERIFY(desk.composer->isEditing());
    desk.window->chat().startNew();
    QVERIFY(!desk.composer->isEditing());
    QVERIFY(desk.composer->text().isEmpty());
}

QTEST_MAIN(TestContext)
#include "test_context.moc"
