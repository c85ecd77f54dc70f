// A day with the program by keys and mouse only: first start, first question, edit, regenerate, another branch, search,
// delete and undo, export, restart.

#include <QAbstractButton>
#include <QFileDialog>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QPushButton>

#include "tests/window/desk.h"
#include "tests/window/modal.h"
#include "ui/chrome/welcome.h"
#include "ui/palette/command_palette.h"
#include "ui/settings/export_choice_dialog.h"

using namespace moescope;

namespace {

/// The visible button with this text.
QPushButton* button(QWidget* root, const QString& text) {
    for (auto* b : root->findChildren<QPushButton*>()) {
        if (b->isVisible() && b->text() == text) return b;
    }
    return nullptr;
}

void press(Desk& desk, Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::ControlModifier) {
    QTest::keyClick(QApplication::focusWidget() ? QApplication::focusWidget() : desk.window.get(), key, modifiers);
}

/// Clicks what is under a message in the transcript.
void click(Desk& desk, qint64 message, MessageAction action) {
    auto* view = desk.window->findChild<TranscriptView*>();
    view->flush();
    QTRY_VERIFY(!view->messageRect(message).isNull());
    QTest::mouseMove(view->viewport(), view->messageRect(message).center());
    QTRY_VERIFY(!view->actionRect(message, action).isNull());
    QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, view->actionRect(message, action).center());
}

QString waitForAnswer(Desk& desk, QSignalSpy& ended) {
    if (ended.isEmpty()) ended.wait(20'000);
    ended.clear();
    return desk.lastText();
}

}  // namespace

class TestJourney : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { QCoreApplication::setAttribute(Qt::AA_DontUseNativeDialogs); }
    void aDay();
    void everyActionIsInThePalette();
    void foldersPinsAndTitles();
};

void TestJourney::aDay() {
    QTemporaryDir dir, exports;
    qint64 first_chat = 0;
    {
        // First start: suggestions, of which one is clicked.
        Desk desk(dir.path());
        QVERIFY(QTest::qWaitForWindowActive(desk.window.get()));
        QSignalSpy ended(&desk.window->chat(), &ChatController::answerEnded);
        QVERIFY(desk.window->findChild<Welcome*>()->isVisible());
        QTest::mouseClick(button(desk.window.get(), QStringLiteral("What is 7 plus 8?")), Qt::LeftButton);
        QCOMPARE(waitForAnswer(desk, ended), QStringLiteral("7 + 8 = 15"));
        QVERIFY(!desk.window->findChild<Welcome*>()->isVisible());
        first_chat = desk.window->chat().conversation();

        // The first typed question: letter by letter, Shift+Enter breaks the line, Enter sends.
        QTRY_COMPARE(QApplication::focusWidget(), desk.edit);
        QTest::keyClicks(desk.edit, QStringLiteral("Hello!"));
        QTest::keyClick(desk.edit, Qt::Key_Return, Qt::ShiftModifier);
        QCOMPARE(desk.composer->text(), QStringLiteral("Hello!\n"));
        QTest::keyClick(desk.edit, Qt::Key_Backspace);
        QTest::keyClick(desk.edit, Qt::Key_Return);
        QCOMPARE(waitForAnswer(desk, ended), QStringLiteral("Hello! How can I help you?"));
        QCOMPARE(desk.transcript->count(), 4);

        // Edit: Ctrl+Up brings the last question, sending makes a branch.
        press(desk, Qt::Key_Up);
        QCOMPARE(desk.composer->text(), QStringLiteral("Hello!"));
        desk.edit->setFocus();
        QTest::keyClick(desk.edit, Qt::Key_A, Qt::ControlModifier);
        QTest::keyClicks(desk.edit, QStringLiteral("What is 2 plus 3?"));
        QTest::keyClick(desk.edit, Qt::Key_Return);
        QCOMPARE(waitForAnswer(desk, ended), QStringLiteral("2 + 3 = 5"));
        QCOMPARE(desk.transcript->at(2).siblings, 2);
        QCOMPARE(desk.transcript->count(), 4);

        // Regenerate by key, then by the row under the answer.
        press(desk, Qt::Key_R);
        waitForAnswer(desk, ended);
        QCOMPARE(desk.transcript->at(3).siblings, 2);
        click(desk, desk.idAt(3), MessageAction::kRegenerate);
        waitForAnswer(desk, ended);
        QCOMPARE(desk.transcript->at(3).siblings, 3);
        QCOMPARE(desk.transcript->at(3).sibling, 2);

        // Back to the second version, and to the question before it was edited.
        click(desk, desk.idAt(3), MessageAction::kPreviousSibling);
        QCOMPARE(desk.transcript->at(3).sibling, 1);
        click(desk, desk.idAt(2), MessageAction::kPreviousSibling);
        QCOMPARE(desk.lastText(), QStringLiteral("Hello! How can I help you?"));
        click(desk, desk.idAt(2), MessageAction::kNextSibling);
        QCOMPARE(desk.lastText(), QStringLiteral("2 + 3 = 5"));

        // Delete and undo.
        click(desk, desk.idAt(3), MessageAction::kDelete);
        QCOMPARE(desk.transcript->at(desk.transcript->count() - 1).siblings, 2);
        QVERIFY(button(desk.notice, QStringLiteral("Undo")));
        QTest::mouseClick(button(desk.notice, QStringLiteral("Undo")), Qt::LeftButton);
        QCOMPARE(desk.transcript->at(3).siblings, 3);

        // Another chat, and back by a search for part of a word; the hit is shown and selected.
        press(desk, Qt::Key_N);
        QCOMPARE(desk.window->chat().conversation(), qint64{0});
        QTest::keyClicks(desk.edit, QStringLiteral("How do you say house in German?"));
        QTest::keyClick(desk.edit, Qt::Key_Return);
        waitForAnswer(desk, ended);
        QTest::keyClick(desk.edit, Qt::Key_F, Qt::ControlModifier | Qt::ShiftModifier);
        auto* field = desk.sidebar->findChild<QLineEdit*>();
        QTRY_COMPARE(QApplication::focusWidget(), field);
        QTest::keyClicks(field, QStringLiteral("plus 8"));
        auto* list = desk.sidebar->findChild<QListView*>();
        QTRY_COMPARE(desk.sidebar->model()->view(), ConversationListModel::View::kHits);
        QTRY_VERIFY(desk.sidebar->model()->rowOf(first_chat) >= 0);
        // Titles come first; the one after it is the message.
        QTest::keyClick(field, Qt::Key_Down);
        QCOMPARE(QApplication::focusWidget(), list);
        QTest::keyClick(list, Qt::Key_Down);
        QTest::keyClick(list, Qt::Key_Return);
        QCOMPARE(desk.window->chat().conversation(), first_chat);
        QCOMPARE(desk.window->findChild<TranscriptView*>()->selectedText(), QStringLiteral("plus 8"));
        field->setFocus();
        QTest::keyClick(field, Qt::Key_Escape);
        QTRY_COMPARE(desk.sidebar->model()->view(), ConversationListModel::View::kConversations);

        // Export: what, then where.
        const QString path = exports.filePath(QStringLiteral("day.html"));
        whenShown<ExportChoiceDialog>([&](ExportChoiceDialog& choice) {
            ExportChoice wanted;
            wanted.format = QStringLiteral("html");
            wanted.timings = true;
            choice.setChoice(wanted);
            whenShown<QFileDialog>([&](QFileDialog& file) {
                file.findChild<QLineEdit*>()->setText(path);
                QTest::keyClick(file.findChild<QLineEdit*>(), Qt::Key_Return);
            });
            choice.accept();
        });
        desk.edit->setFocus();
        press(desk, Qt::Key_E);
        QTRY_VERIFY(desk.notice->sentence().startsWith(QStringLiteral("Exported to")));
        QVERIFY(desk.notice->sentence().contains(QStringLiteral("day.html")));
        QVERIFY(button(desk.notice, QStringLiteral("Show in folder")));
        QVERIFY(QFileInfo::exists(path));
        QFile html(path);
        QVERIFY(html.open(QIODevice::ReadOnly));
        QVERIFY(html.readAll().contains("2 + 3 = 5"));

        // A draft, and good night.
        desk.edit->setFocus();
        QTest::keyClicks(desk.edit, QStringLiteral("tomorrow"));
        desk.window->close();
    }
    // The next morning: the same chat, branch and draft.
    Desk desk(dir.path());
    QCOMPARE(desk.window->chat().conversation(), first_chat);
    QCOMPARE(desk.lastText(), QStringLiteral("2 + 3 = 5"));
    QCOMPARE(desk.transcript->at(2).siblings, 2);
    QCOMPARE(desk.transcript->at(3).siblings, 3);
    QCOMPARE(desk.composer->text(), QStringLiteral("tomorrow"));
}

void TestJourney::everyActionIsInThePalette() {
    QTemporaryDir dir;
    Desk desk(dir.path(), false);
    QVERIFY(QTest::qWaitForWindowActive(desk.window.get()));
    press(desk, Qt::Key_K);
    auto* palette = desk.window->findChild<CommandPalette*>();
    QVERIFY(palette->isVisible());
    QCOMPARE(palette->shownActions().size(), desk.window->actions().size());
    QTest::keyClicks(QApplication::focusWidget(), QStringLiteral("sidebar"));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
    QVERIFY(!desk.sidebar->isVisible());
    // No two actions have one shortcut.
    QMap<QString, QString> keys;
    for (const QAction* action : desk.window->actions()) {
        for (const QKeySequence& key : action->shortcuts()) {
            QVERIFY2(!keys.contains(key.toString()), qPrintable(key.toString() + action->text()));
            keys.insert(key.toString(), action->text());
        }
    }
}

void TestJourney::foldersPinsAndTitles() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    QVERIFY(QTest::qWaitForWindowActive(desk.window.get()));
    desk.ask(QStringLiteral("Hello!"));
    const qint64 id = desk.window->chat().conversation();
    auto* list = desk.sidebar->findChild<QListView*>();
    const auto choose = [&](const QString& text) {
        const QModelIndex index = desk.sidebar->model()->index(desk.sidebar->model()->rowOf(id));
        list->setCurrentIndex(index);
        whenShown<QMenu>([text](QMenu& menu) {
            for (QAction* action : menu.actions()) {
                if (action->text() == text) action->trigger();
            }
            menu.close();
        });
        emit list->customContextMenuRequested(list->visualRect(index).center());
    };
    choose(QStringLiteral("Pin"));
    QVERIFY(desk.sidebar->model()->item(id)->pinned);
    choose(QStringLiteral("Unpin"));
    QVERIFY(!desk.sidebar->model()->item(id)->pinned);

    emit desk.sidebar->folderCreated(QStringLiteral("Work"), {});
    QCOMPARE(desk.sidebar->model()->folders().size(), 1);
    emit desk.sidebar->folderChosen(id, desk.sidebar->model()->folders()[0].id);
    QCOMPARE(desk.sidebar->model()->item(id)->folder, desk.sidebar->model()->folders()[0].id);

    // The title, in the header: Ctrl+F2, type, Enter.
    desk.window->activateWindow();  // after the menus
    QVERIFY(QTest::qWaitForWindowActive(desk.window.get()));
    desk.edit->setFocus();
    QTRY_COMPARE(QApplication::focusWidget(), desk.edit);
    press(desk, Qt::Key_F2);
    QTRY_VERIFY(qobject_cast<QLineEdit*>(QApplication::focusWidget()));
    auto* title = qobject_cast<QLineEdit*>(QApplication::focusWidget());
    QTest::keyClicks(title, QStringLiteral("A greeting"));
    QTest::keyClick(title, Qt::Key_Return);
    QTRY_COMPARE(desk.window->chat().current().title, std::string("A greeting"));
    QTRY_COMPARE(desk.sidebar->model()->item(id)->title, QStringLiteral("A greeting"));
    // Another question does not change it.
    desk.ask(QStringLiteral("What is 7 plus 8?"));
    QCOMPARE(desk.window->chat().current().title, std::string("A greeting"));

    // To the trash by key, and back by the notice.
    list->setCurrentIndex(desk.sidebar->model()->index(desk.sidebar->model()->rowOf(id)));
    list->setFocus();
    QTest::keyClick(list, Qt::Key_Delete);
    QVERIFY(desk.sidebar->model()->rowOf(id) >= 0);  // not by a bare key
    QTest::keyClick(list, Qt::Key_Delete, Qt::ControlModifier);
    QCOMPARE(desk.sidebar->model()->rowOf(id), -1);
    QTest::mouseClick(button(desk.notice, QStringLiteral("Undo")), Qt::LeftButton);
    QVERIFY(desk.sidebar->model()->rowOf(id) >= 0);
}

QTEST_MAIN(TestJourney)
#include "test_journey.moc"
