// A chat without a record of its routing is read again by the loaded model. If these fail, what is shown then is not
// what the model would have recorded, its words cannot be pointed at, or reading cannot be ended.

#include <QPushButton>

#include "app/window/rereading.h"
#include "app/window/routing_desk.h"
#include "tests/window/chrome.h"
#include "ui/inspector/comparison.h"
#include "ui/inspector/empty_state.h"
#include "ui/inspector/inspector_dock.h"
#include "ui/inspector/views/compare_view.h"

using namespace moescope;

class TestRereading : public QObject {
    Q_OBJECT

private:
    static InspectorModel& model(Desk& desk) { return desk.window->inspector().model(); }
    static bool reread(Desk& desk) {
        desk.window->rereading().start();
        return QTest::qWaitFor([&] { return !desk.window->rereading().running(); }, 20'000);
    }

private Q_SLOTS:
    /// From the empty place: one click, and every word has its experts, those of the question too.
    void anImportedChatIsReadAtAClick() {
        QTemporaryDir dir;
        const qint64 id =
            addChat(dir.path(), QStringLiteral("From elsewhere"),
                    {QStringLiteral("What is the capital of France?"), QStringLiteral("Paris, on the Seine.")});
        Desk desk(dir.path());
        desk.window->chat().open(id);
        desk.window->routing().flush();
        QVERIFY(!model(desk).whole());
        auto* button = named(&desk.window->inspector(), "empty_action");
        QTRY_VERIFY(button->isVisible());
        QVERIFY2(button->text().startsWith(QStringLiteral("Re-read this chat with")), qPrintable(button->text()));
        QTest::mouseClick(button, Qt::LeftButton);
        QVERIFY(desk.window->rereading().running());
        QTRY_VERIFY_WITH_TIMEOUT(model(desk).whole(), 20'000);
        QVERIFY(!button->isVisible());
        const SharedSource source = model(desk).whole();
        QVERIFY(!desk.window->chat().routing(desk.idAt(1)));  // nothing of it is in the history
        // All of both texts is there, in order, and belongs where it stands.
        QString question, answer;
        for (int t = 0; t < source->size(); ++t) {
            if (source->partOf(t) == TokenPart::kQuestion) question += source->text(t);
            if (source->partOf(t) == TokenPart::kAnswer) answer += source->text(t);
        }
        QCOMPARE(question.trimmed(), QStringLiteral("What is the capital of France?"));
        QCOMPARE(answer.trimmed(), QStringLiteral("Paris, on the Seine."));
        // The pointer finds words of both.
        auto* view = desk.window->findChild<TranscriptView*>();
        for (const int row : {0, 1}) {
            view->flush();
            QTRY_VERIFY(!view->tokenRect(desk.idAt(row), 1).isNull());
            QTest::mouseMove(view->viewport(), {5, 5});
            QTest::mouseMove(view->viewport(), view->tokenRect(desk.idAt(row), 1).center());
            QTRY_VERIFY(model(desk).selection().hovered().hasTokens());
            const TokenPlace place = source->placeOf(model(desk).selection().hovered().first);
            QCOMPARE(place.message, desk.idAt(row));
            QCOMPARE(place.index, 1);
        }
        // It comes back with the chat, as long as the window is open.
        desk.window->chat().startNew();
        desk.window->routing().flush();
        QVERIFY(!model(desk).whole());
        desk.window->chat().open(id);
        desk.window->routing().flush();
        QCOMPARE(model(desk).whole(), source);
        QTRY_VERIFY(!desk.transcript->at(1).tokens.empty());
    }

    /// The same model, rules and text: the same experts and gates, to the bit, for every token that was recorded.
    void itIsWhatWasRecorded() {
        QTemporaryDir dir;
        Desk desk(dir.path());
        desk.ask(QStringLiteral("What is 7 plus 8?"));
        desk.ask(QStringLiteral("Write a short story about a fox."));
        desk.window->routing().flush();
        const SharedSource recorded = model(desk).whole();
        QVERIFY(reread(desk));
        const SharedSource read = model(desk).whole();
        QVERIFY(read && read != recorded);
        QVERIFY(read->size() + 1 >= recorded->size());
        int same = 0;
        for (int t = 0, r = 0; t < recorded->size() && r < read->size(); ++t, ++r) {
            const auto& token = recorded->log().token(static_cast<std::size_t>(t));
            while (r < read->size() && read->log().token(static_cast<std::size_t>(r)).position < token.position) ++r;
            const auto& other = read->log().token(static_cast<std::size_t>(r));
            if (other.token != token.token || other.position != token.position) continue;
            ++same;
            QVERIFY2(other.phase == token.phase,
                     qPrintable(QStringLiteral("“%1” at %2").arg(read->text(r)).arg(token.position)));
            for (int l = 0; l < read->shape().moe_layers; ++l) {
                const LayerRouting a = recorded->log().at(static_cast<std::size_t>(t), l),
                                   b = read->log().at(static_cast<std::size_t>(r), l);
                QVERIFY(a.experts == b.experts);
                QVERIFY(a.gates == b.gates);
            }
        }
        QVERIFY2(same > recorded->size() * 9 / 10,
                 qPrintable(QStringLiteral("%1 of %2").arg(same).arg(recorded->size())));

        // With an expert masked, the same text side by side with what was recorded: other experts, the same words.
        RouterRules rules;
        rules.all.masked = {3, 5};
        desk.window->chat().setRules(rules);
        QVERIFY(reread(desk));
        const SharedSource masked = model(desk).whole();
        QVERIFY(masked != read);
        for (int t = 0; t < masked->size(); ++t)
            QVERIFY(!masked->log().experts(static_cast<std::size_t>(t), 0).contains(3));
        desk.window->routing().compare(read->id(), masked->id());
        auto* view = desk.window->inspector().view<CompareView>();
        view->loadNow();
        QVERIFY2(view->comparison().possible(), qPrintable(view->comparison().sentence()));
        QCOMPARE(view->comparison().pairs(), read->size());
        QCOMPARE(view->comparison().samePairs(), read->size());
        QVERIFY(view->comparison().firstRouting() >= 0);
    }

    /// Esc ends it within the time that the engine promises, and nothing is left.
    void itStops() {
        QTemporaryDir dir;
        QString text;
        while (text.size() < 200'000) text += QStringLiteral("A fox ran over the hill. ");
        const qint64 id = addChat(dir.path(), QStringLiteral("Long"), {text, text});
        Desk desk(dir.path());
        desk.window->chat().open(id);
        desk.window->rereading().start();
        QVERIFY(desk.window->rereading().running());
        QVERIFY(desk.composer->isVisible());
        QTest::keyClick(desk.window.get(), Qt::Key_Escape);
        QTRY_VERIFY_WITH_TIMEOUT(!desk.window->rereading().running(), 5'000);
    }

    /// What does not fit the context is left out, and the window says so.
    void aLongChatIsReadAsFarAsItFits() {
        QTemporaryDir dir;
        QString text;
        while (text.size() < 40'000) text += QStringLiteral("A fox ran over the hill. ");
        const qint64 id = addChat(dir.path(), QStringLiteral("Long"), {QStringLiteral("Hello!"), text});
        Desk desk(dir.path());
        desk.window->chat().open(id);
        desk.window->routing().flush();
        QSignalSpy said(&desk.window->rereading(), &Rereading::said);
        QVERIFY(reread(desk));
        QTRY_VERIFY(model(desk).whole());
        QCOMPARE(said.size(), 1);
        QVERIFY2(said[0][0].toString().contains(QStringLiteral("more do not fit its context")),
                 qPrintable(said[0][0].toString()));
    }

    void withoutAModelItSaysWhatToDo() {
        QTemporaryDir dir;
        const qint64 id =
            addChat(dir.path(), QStringLiteral("From elsewhere"), {QStringLiteral("Hello"), QStringLiteral("Hi")});
        Desk desk(dir.path(), false);
        desk.window->chat().open(id);
        desk.window->routing().flush();
        QVERIFY(!named(&desk.window->inspector(), "empty_action")->isVisible());
        QSignalSpy refused(&desk.window->rereading(), &Rereading::refused);
        desk.window->rereading().start();
        QCOMPARE(refused.size(), 1);
        QVERIFY(!desk.window->rereading().running());
    }
};

QTEST_MAIN(TestRereading)
#include "test_rereading.moc"
