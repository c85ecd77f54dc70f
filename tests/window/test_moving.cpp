// Moving in a long chat by keys, and questions that come from outside. If these fail, a key leads to another question
// than it says, or a question that was handed to the program is lost or asked twice.

#include <QMenu>

#include "tests/window/chrome.h"
#include "tests/window/modal.h"

using namespace moescope;

namespace {

constexpr int kQuestions = 12;

QStringList longChat() {
    QStringList texts;
    for (int i = 0; i < kQuestions; ++i) {
        texts << QStringLiteral("Question %1?\nIts second line.").arg(i + 1)
              << QStringLiteral("A paragraph of the answer.\n\n").repeated(20);
    }
    return texts;
}

struct Moving : Desk {
    explicit Moving(const QString& dir, bool load = false) : Desk(dir, load) {
        view = window->findChild<TranscriptView*>();
        (void)QTest::qWaitForWindowActive(window.get());
    }
    /// The number of the question whose upper edge is near that of the view, from 1; 0: none.
    int questionAtTop() const {
        for (int row = 0; row < transcript->count(); row += 2) {
            const QRect rect = view->messageRect(idAt(row));
            if (!rect.isNull() && std::abs(rect.top()) < 40) return row / 2 + 1;
        }
        return 0;
    }
    void press(Qt::Key key, Qt::KeyboardModifiers modifiers) { QTest::keyClick(edit, key, modifiers); }
    TranscriptView* view = nullptr;
};

}  // namespace

class TestMoving : public QObject {
    Q_OBJECT

private slots:
    void altUpAndDownGoFromQuestionToQuestion();
    void theOutlineLeadsToAQuestion();
    void aQuestionFromOutsideWaitsForTheModel();
    void aQuestionFromOutsideLeavesADraftAlone();
};

void TestMoving::altUpAndDownGoFromQuestionToQuestion() {
    QTemporaryDir dir;
    const qint64 chat = addChat(dir.path(), QStringLiteral("Long"), longChat());
    Moving desk(dir.path());
    desk.window->chat().open(chat);
    desk.edit->setFocus();
    QTRY_VERIFY(desk.view->isFollowing());
    desk.press(Qt::Key_Up, Qt::AltModifier);
    QTRY_COMPARE(desk.questionAtTop(), kQuestions);
    for (int number = kQuestions - 1; number >= 1; --number) {
        desk.press(Qt::Key_Up, Qt::AltModifier);
        QTRY_COMPARE(desk.questionAtTop(), number);
    }
    desk.press(Qt::Key_Up, Qt::AltModifier);  // there is none before the first
    QTRY_COMPARE(desk.questionAtTop(), 1);
    for (int number = 2; number <= kQuestions; ++number) {
        desk.press(Qt::Key_Down, Qt::AltModifier);
        QTRY_COMPARE(desk.questionAtTop(), number);
    }
    desk.press(Qt::Key_Down, Qt::AltModifier);  // behind the last one is the end
    QTRY_VERIFY(desk.view->isFollowing());
    QVERIFY(desk.edit->hasFocus());  // one can go on writing
}

void TestMoving::theOutlineLeadsToAQuestion() {
    QTemporaryDir dir;
    const qint64 chat = addChat(dir.path(), QStringLiteral("Long"), longChat());
    Moving desk(dir.path());
    desk.press(Qt::Key_G, Qt::ControlModifier);  // of a new chat there is nothing to show
    QVERIFY(!QApplication::activePopupWidget());
    desk.window->chat().open(chat);
    QStringList lines;
    whenShown<QMenu>([&](QMenu& menu) {
        for (const QAction* action : menu.actions()) lines << action->text();
        // By the keyboard alone.
        for (int i = 0; i < 3; ++i) QTest::keyClick(&menu, Qt::Key_Down);
        QTest::keyClick(&menu, Qt::Key_Return);
    });
    desk.press(Qt::Key_G, Qt::ControlModifier);
    QCOMPARE(lines.size(), kQuestions);
    QCOMPARE(lines[2], QStringLiteral("3. Question 3? Its second line."));
    QTRY_COMPARE(desk.questionAtTop(), 3);
}

void TestMoving::aQuestionFromOutsideWaitsForTheModel() {
    QTemporaryDir dir;
    const qint64 chat = addChat(dir.path(), QStringLiteral("Other"), {QStringLiteral("Hi"), QStringLiteral("Hello")});
    {
        Moving desk(dir.path());
        desk.window->chat().open(chat);
        desk.window->askInNewChat(QStringLiteral("  "));  // nothing was asked
        QCOMPARE(desk.window->chat().conversation(), chat);
        desk.window->askInNewChat(QStringLiteral("What is 7 plus 8?"));
        QCOMPARE(desk.window->chat().conversation(), 0);
        QCOMPARE(desk.composer->text(), QStringLiteral("What is 7 plus 8?"));
        QCOMPARE(desk.transcript->count(), 0);
        desk.window->close();
    }
    // It is not lost with the window.
    Moving desk(dir.path());
    desk.window->chat().startNew();
    QCOMPARE(desk.composer->text(), QStringLiteral("What is 7 plus 8?"));
    desk.composer->setText({});
    desk.window->chat().setDraft({});
    desk.window->askInNewChat(QStringLiteral("What is 7 plus 8?"));
    desk.window->loadModel(QStringLiteral(MOESCOPE_DEMO_MODEL));
    QTRY_COMPARE_WITH_TIMEOUT(desk.lastText(), QStringLiteral("7 + 8 = 15"), 20'000);
    QCOMPARE(desk.transcript->count(), 2);
    QVERIFY(desk.window->chat().conversation() != chat);
    QCOMPARE(desk.composer->text(), QString());
}

void TestMoving::aQuestionFromOutsideLeavesADraftAlone() {
    QTemporaryDir dir;
    Moving desk(dir.path(), true);
    desk.window->askInNewChat(QStringLiteral("What is 7 plus 8?"));
    QTRY_COMPARE_WITH_TIMEOUT(desk.lastText(), QStringLiteral("7 + 8 = 15"), 20'000);
    desk.window->chat().startNew();
    QTest::keyClicks(desk.edit, QStringLiteral("half a thought"));
    desk.window->askInNewChat(QStringLiteral("What is a router?"));
    QCOMPARE(desk.composer->text(), QStringLiteral("What is a router?\nhalf a thought"));
    QTest::qWait(200);
    QCOMPARE(desk.transcript->count(), 0);  // it waits to be read and sent
    QVERIFY(desk.edit->hasFocus());
}

QTEST_MAIN(TestMoving)
#include "test_moving.moc"
