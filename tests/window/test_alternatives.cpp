// What a model might have said. If these fail, the card beside a token tells what is not so, is in the way, or an
// answer that branches off from an alternative does not begin with it.

#include "app/window/alternatives.h"
#include "tests/window/chrome.h"
#include "tests/window/modal.h"
#include "ui/inspector/tint.h"

using namespace moescope;

namespace {

struct Carded : Desk {
    explicit Carded(const QString& dir) : Desk(dir) {
        view = window->findChild<TranscriptView*>();
        card = window->findChild<TokenCard*>();
    }
    /// Rests the pointer on a token of the last answer until its card is there.
    void point(int token) {
        view->flush();
        const QRect at = view->tokenRect(idAt(transcript->count() - 1), token);
        QVERIFY(!at.isNull());
        QTest::mouseMove(view->viewport(), {5, 5});
        QTest::mouseMove(view->viewport(), at.center());
        QTRY_VERIFY(card->isVisible());
    }
    TranscriptView* view = nullptr;
    TokenCard* card = nullptr;
};

void picture(QWidget* of, const char* name) {
    const QString folder = qEnvironmentVariable("MOESCOPE_PICTURES");
    if (!folder.isEmpty()) of->grab().save(folder + QLatin1Char('/') + QLatin1String(name));
}

}  // namespace

class TestAlternatives : public QObject {
    Q_OBJECT

private slots:
    void aClickBranches();
    void byKeysAlone();
    void noneAreKeptWhereTheyAreOff();
    void ofAnotherModelThereAreNoWords();
    void surpriseTints();
};

void TestAlternatives::aClickBranches() {
    QTemporaryDir dir;
    Carded desk(dir.path());
    const QString before = desk.ask(QStringLiteral("What is the capital of France?"));
    const qint64 answer = desk.idAt(1);
    desk.point(2);
    const TokenFacts facts = desk.card->facts();
    picture(desk.window.get(), "alternatives-light.png");
    QVERIFY(facts.choices.size() >= 5);
    QVERIFY(facts.choices[0].chosen);  // greedy
    QVERIFY(!facts.choices[0].offered);
    QCOMPARE(facts.rank, 0);
    QVERIFY(facts.probability > facts.choices[1].probability);
    int third = 2;
    while (!facts.choices[static_cast<std::size_t>(third)].offered) ++third;

    QSignalSpy ended(&desk.window->chat(), &ChatController::answerEnded);
    QTest::mouseClick(desk.card, Qt::LeftButton, {}, desk.card->choiceRect(third).center());
    QVERIFY(!ended.isEmpty() || ended.wait(20'000));
    QVERIFY(!desk.card->isVisible());
    QCOMPARE(desk.transcript->count(), 2);
    QVERIFY(desk.idAt(1) != answer);
    QCOMPARE(desk.transcript->at(1).siblings, 2);
    const auto told = desk.window->chat().oddsOf(desk.idAt(1), 2);
    QVERIFY(told);
    QCOMPARE(told->rank, third);
    const std::uint32_t common = desk.transcript->at(1).tokens[2].begin;
    QVERIFY(desk.lastText().startsWith(before.left(static_cast<qsizetype>(common))));
    QVERIFY(desk.lastText() != before);
    QVERIFY(desk.transcript->at(1).tokens.size() > 3);
    // The card goes when the pointer does.
    desk.point(3);
    QTest::mouseMove(desk.view->viewport(), {5, 5});
    QTRY_VERIFY(!desk.card->isVisible());
}

void TestAlternatives::byKeysAlone() {
    QTemporaryDir dir;
    Carded desk(dir.path());
    QVERIFY(QTest::qWaitForWindowActive(desk.window.get()));
    desk.ask(QStringLiteral("What is the capital of France?"));
    const qint64 answer = desk.idAt(1);
    QTRY_COMPARE(QApplication::focusWidget(), desk.edit);
    QTest::keyClick(desk.edit, Qt::Key_A, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_VERIFY(desk.card->hasFocus());
    const QString first = desk.card->facts().token;
    QTest::keyClick(desk.card, Qt::Key_Right);
    QVERIFY(desk.card->isVisible());
    QVERIFY(desk.card->facts().token != first);
    QTest::keyClick(desk.card, Qt::Key_Left);
    QCOMPARE(desk.card->facts().token, first);
    QTest::keyClick(desk.card, Qt::Key_Escape);
    QVERIFY(!desk.card->isVisible());
    QTRY_COMPARE(QApplication::focusWidget(), desk.edit);

    QTest::keyClick(desk.edit, Qt::Key_A, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_VERIFY(desk.card->hasFocus());
    QTest::keyClick(desk.card, Qt::Key_Return);  // what the answer has already: nothing
    QVERIFY(desk.card->isVisible());
    QSignalSpy ended(&desk.window->chat(), &ChatController::answerEnded);
    QTest::keyClick(desk.card, Qt::Key_Down);
    picture(desk.window.get(), "alternatives-keys.png");
    QTest::keyClick(desk.card, Qt::Key_Return);
    QVERIFY(!ended.isEmpty() || ended.wait(20'000));
    QVERIFY(desk.idAt(1) != answer);
    QCOMPARE(desk.window->chat().oddsOf(desk.idAt(1), 0)->rank, 1);
    QVERIFY(!desk.lastText().startsWith(QLatin1Char(' ')));
}

void TestAlternatives::noneAreKeptWhereTheyAreOff() {
    QTemporaryDir dir;
    Carded desk(dir.path());
    desk.window->chat().setOddsWanted(OddsWanted::kNever);
    desk.ask(QStringLiteral("Hello!"));
    QVERIFY(!desk.window->chat().oddsOf(desk.idAt(1), 0));
    QTest::keyClick(desk.edit, Qt::Key_A, Qt::ControlModifier | Qt::ShiftModifier);
    QVERIFY(!desk.card->isVisible());
    QTRY_VERIFY(desk.notice->isVisible());
}

void TestAlternatives::ofAnotherModelThereAreNoWords() {
    QTemporaryDir dir;
    qint64 chat = 0;
    {
        Carded desk(dir.path());
        desk.ask(QStringLiteral("Hello!"));
        chat = desk.window->chat().conversation();
    }
    auto history = History::open(dir.path().toStdString());
    Desk bare(dir.path(), false);
    bare.window->chat().open(chat);
    auto* view = bare.window->findChild<TranscriptView*>();
    auto* card = bare.window->findChild<TokenCard*>();
    QTRY_VERIFY(!view->tokenRect(bare.idAt(1), 0).isNull());
    QTest::mouseMove(view->viewport(), {5, 5});
    QTest::mouseMove(view->viewport(), view->tokenRect(bare.idAt(1), 0).center());
    QTRY_VERIFY(card->isVisible());
    QVERIFY(card->facts().token.startsWith(QStringLiteral("Token ")));
    for (const TokenChoice& choice : card->facts().choices) QVERIFY(!choice.offered);
}

void TestAlternatives::surpriseTints() {
    const Theme theme = Theme::makeDark();
    QVERIFY(surpriseTint(0.001, theme).alphaF() > surpriseTint(0.5, theme).alphaF());
    QCOMPARE(surpriseTint(1, theme).alphaF(), 0.0f);
    QVERIFY(surpriseTint(0, theme).isValid());
    QCOMPARE(probabilityText(0.38249), QStringLiteral("38.2 %"));
    QCOMPARE(probabilityText(0.0004), QStringLiteral("0.04 %"));
    QCOMPARE(probabilityText(1e-7), QStringLiteral("< 0.01 %"));
}

QTEST_MAIN(TestAlternatives)
#include "test_alternatives.moc"
