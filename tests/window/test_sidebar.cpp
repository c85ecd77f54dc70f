// The sidebar, and what is done to a chat: editing, renaming, folders, dragging, the trash, which row is chosen,
// finding.

#include <QDialog>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMenu>

#include "tests/window/chrome.h"
#include "tests/window/modal.h"
#include "ui/chrome/find_bar.h"
#include "ui/chrome/trash_bar.h"

using namespace moescope;

class TestSidebar : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { QCoreApplication::setAttribute(Qt::AA_DontUseNativeDialogs); }

    void anEditIsSeenAndEnds();
    void keysOfTheChatActAfterAClick();
    void aNewFolderTakesTheChat();
    void chatsAreDraggedAndFoldersFolded();
    void theTrashIsLookedInto();
    void oneRowIsChosen();
    void findsInTheChat();
    void findsWhatTheSearchFinds();
    void hitsAreByChat();
};

void TestSidebar::anEditIsSeenAndEnds() {
    QTemporaryDir dir;
    Desk desk(dir.path());
    desk.ask(QStringLiteral("Hello!"));
    desk.ask(QStringLiteral("What is 2 plus 3?"));
    auto* strip = desk.composer->findChild<QWidget*>(QStringLiteral("composer_strip"));
    QVERIFY(strip && !strip->isVisible());
    QTest::keyClicks(desk.edit, QStringLiteral("my draft"));
    QTest::keyClick(desk.edit, Qt::Key_E, Qt::ControlModifier | Qt::ShiftModifier);
    QVERIFY(strip->isVisible());
    QCOMPARE(strip->findChild<QLabel*>()->text(), QStringLiteral("Editing question 2 · Esc cancels"));
    QCOMPARE(desk.composer->text(), QStringLiteral("What is 2 plus 3?"));
    QTest::keyClick(desk.edit, Qt::Key_Escape);
    QVERIFY(!strip->isVisible());
    QCOMPARE(desk.composer->text(), QStringLiteral("my draft"));
    // By its button; by sending; by another chat.
    QTest::keyClick(desk.edit, Qt::Key_Up, Qt::ControlModifier);
    QVERIFY(strip->isVisible());
    QTest::mouseClick(named(desk.composer, "composer_cancel_edit"), Qt::LeftButton);
    QVERIFY(!strip->isVisible());
    QTest::keyClick(desk.edit, Qt::Key_Up, Qt::ControlModifier);
    desk.ask(QStringLiteral("What is 7 plus 8?"));
    QVERIFY(!strip->isVisible());
    QCOMPARE(desk.transcript->at(2).siblings, 2);
    QTest::keyClick(desk.edit, Qt::Key_Up, Qt::ControlModifier);
    QVERIFY(strip->isVisible());
    emit desk.sidebar->newChatRequested();
    QVERIFY(!strip->isVisible());
    // What is sent then is no edit.
    desk.ask(QStringLiteral("Hello!"));
    QCOMPARE(desk.transcript->count(), 2);
    QCOMPARE(desk.transcript->at(0).siblings, 1);
}

void TestSidebar::keysOfTheChatActAfterAClick() {
    QTemporaryDir dir;
    const qint64 first = addChat(dir.path(), QStringLiteral("first"), {QStringLiteral("q"), QStringLiteral("a")});
    addChat(dir.path(), QStringLiteral("second"), {QStringLiteral("q"), QStringLiteral("a")});
    Desk desk(dir.path(), false);
    QVERIFY(QTest::qWaitForWindowActive(desk.window.get()));
    auto* list = desk.sidebar->list();
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, middleOf(list, desk.sidebar->model()->rowOf(first)));
    QCOMPARE(desk.window->chat().conversation(), first);
    // Wherever the keyboard is now.
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_F2);
    auto* title = qobject_cast<QLineEdit*>(QApplication::focusWidget());
    QVERIFY(title);
    QCOMPARE(title->text(), QStringLiteral("first"));
    title->selectAll();
    QTest::keyClicks(title, QStringLiteral("renamed"));
    QTest::keyClick(title, Qt::Key_Return);
    QTRY_COMPARE(desk.sidebar->model()->item(first)->title, QStringLiteral("renamed"));
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, middleOf(list, desk.sidebar->model()->rowOf(first)));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Delete, Qt::ControlModifier);
    QCOMPARE(desk.sidebar->model()->rowOf(first), -1);
    QVERIFY(desk.notice->sentence().contains(QLatin1String("trash")));

    // A word that is typed is what Ctrl+Delete is for.
    const qint64 second = desk.sidebar->model()->index(1).data(ConversationListModel::kIdRole).toLongLong();
    emit desk.sidebar->opened(second);
    desk.edit->setFocus();
    QTest::keyClicks(desk.edit, QStringLiteral("two words"));
    QTest::keyClick(desk.edit, Qt::Key_Home);
    QTest::keyClick(desk.edit, Qt::Key_Delete, Qt::ControlModifier);
    QVERIFY(desk.sidebar->model()->rowOf(second) >= 0);
    QCOMPARE(desk.composer->text(), QStringLiteral("words"));
}

void TestSidebar::aNewFolderTakesTheChat() {
    QTemporaryDir dir;
    const qint64 id = addChat(dir.path(), QStringLiteral("chat"), {QStringLiteral("q"), QStringLiteral("a")});
    Desk desk(dir.path(), false);
    auto* list = desk.sidebar->list();
    list->setCurrentIndex(desk.sidebar->model()->index(desk.sidebar->model()->rowOf(id)));
    whenShown<QMenu>([&](QMenu& menu) {
        QAction* create = nullptr;
        for (QAction* action : menu.actions()) {
            if (!action->menu()) continue;
            for (QAction* inner : action->menu()->actions()) {
                if (inner->text() == QStringLiteral("New folder…")) create = inner;
            }
        }
        QVERIFY(create);
        whenShown<QDialog>([](QDialog& dialog) {
            auto* name = named<QLineEdit>(&dialog, "ask_name");
            QVERIFY(name);
            QVERIFY(!named(&dialog, "ask_ok")->isEnabled());
            QTest::keyClicks(name, QStringLiteral(" Routing & more "));
            QTest::keyClick(name, Qt::Key_Return);
        });
        menu.close();
        create->trigger();
    });
    emit list->customContextMenuRequested(middleOf(list, desk.sidebar->model()->rowOf(id)));
    QCOMPARE(desk.sidebar->model()->folders().size(), 1);
    QCOMPARE(desk.sidebar->model()->folders()[0].name, QStringLiteral("Routing & more"));
    QCOMPARE(desk.sidebar->model()->item(id)->folder, desk.sidebar->model()->folders()[0].id);
}

void TestSidebar::chatsAreDraggedAndFoldersFolded() {
    QTemporaryDir dir;
    const qint64 in = addChat(dir.path(), QStringLiteral("inside"), {QStringLiteral("q"), QStringLiteral("a")},
                              QStringLiteral("Work"));
    const qint64 out = addChat(dir.path(), QStringLiteral("outside"), {QStringLiteral("q"), QStringLiteral("a")});
    {
        Desk desk(dir.path(), false);
        auto* list = desk.sidebar->list();
        auto* model = desk.sidebar->model();
        const auto folderRow = [&] {
            for (int row = 0; row < model->rowCount(); ++row) {
                if (model->index(row).data(ConversationListModel::kFolderRole).toLongLong() != 0) return row;
            }
            return -1;
        };
        const qint64 folder = model->index(folderRow()).data(ConversationListModel::kFolderRole).toLongLong();
        QCOMPARE(model->index(folderRow()).data(ConversationListModel::kCountRole).toInt(), 1);
        std::unique_ptr<QMimeData> data(model->mimeData({model->index(model->rowOf(out))}));
        QVERIFY(model->flags(model->index(model->rowOf(out))) & Qt::ItemIsDragEnabled);
        sendDrop(list->viewport(), middleOf(list, folderRow()), data.get());
        QCOMPARE(model->item(out)->folder, folder);
        QCOMPARE(model->index(folderRow()).data(ConversationListModel::kCountRole).toInt(), 2);
        // Onto a date: out of the folder.
        addChat(dir.path(), QStringLiteral("third"), {QStringLiteral("q"), QStringLiteral("a")});
        emit desk.sidebar->folderChosen(out, 0);
        data.reset(model->mimeData({model->index(model->rowOf(in))}));
        sendDrop(list->viewport(), middleOf(list, 0), data.get());
        QCOMPARE(model->item(in)->folder, qint64{0});
        emit desk.sidebar->folderChosen(in, folder);
        // What is not ours is not taken.
        QMimeData text;
        text.setText(QStringLiteral("text"));
        QDragEnterEvent enter(middleOf(list, folderRow()), Qt::CopyAction, &text, Qt::LeftButton, {});
        QApplication::sendEvent(list->viewport(), &enter);
        QVERIFY(!enter.isAccepted());
        // A click folds it; the next start knows.
        QVERIFY(model->rowOf(in) >= 0);
        QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, middleOf(list, folderRow()));
        QCOMPARE(model->rowOf(in), -1);
        QVERIFY(model->index(folderRow()).data(ConversationListModel::kFoldedRole).toBool());
        desk.window->close();
    }
    Desk desk(dir.path(), false);
    QCOMPARE(desk.sidebar->model()->rowOf(in), -1);
    QVERIFY(desk.sidebar->model()->rowOf(out) >= 0);
}

void TestSidebar::theTrashIsLookedInto() {
    QTemporaryDir dir;
    const qint64 a = addChat(dir.path(), QStringLiteral("a"), {QStringLiteral("what was it?"), QStringLiteral("this")});
    const qint64 b = addChat(dir.path(), QStringLiteral("b"), {QStringLiteral("q"), QStringLiteral("r")});
    const qint64 c = addChat(dir.path(), QStringLiteral("c"), {QStringLiteral("q"), QStringLiteral("r")});
    Desk desk(dir.path(), false);
    auto* list = desk.sidebar->list();
    auto* bar = desk.window->findChild<TrashBar*>();
    emit desk.sidebar->trashRequested({a, b, c});
    desk.sidebar->showTrash(true);
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, middleOf(list, desk.sidebar->model()->rowOf(a)));
    QCOMPARE(desk.window->chat().conversation(), a);
    QCOMPARE(desk.lastText(), QStringLiteral("this"));
    QVERIFY(bar->isVisible());
    QVERIFY(!desk.composer->isVisible());
    // To be read only.
    const qint64 answer = desk.idAt(1);
    auto* view = desk.window->findChild<TranscriptView*>();
    emit view->deleteRequested(answer);
    QCOMPARE(desk.transcript->count(), 2);
    QVERIFY(desk.notice->sentence().contains(QLatin1String("Restore")));
    QTest::mouseClick(named(bar, "trash_restore"), Qt::LeftButton);
    QVERIFY(!bar->isVisible());
    QVERIFY(desk.composer->isVisible());
    QCOMPARE(desk.window->chat().conversation(), a);
    QVERIFY(desk.sidebar->model()->rowOf(a) >= 0);

    // Gone for good, after a question that tells of the backups; not by Enter.
    desk.sidebar->showTrash(true);
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, middleOf(list, desk.sidebar->model()->rowOf(b)));
    QString said;
    whenShown<QDialog>([&](QDialog& dialog) {
        said = named<QLabel>(&dialog, "ask_sentence")->text();
        QTest::keyClick(&dialog, Qt::Key_Return);
    });
    QTest::mouseClick(named(bar, "trash_purge"), Qt::LeftButton);
    QVERIFY(said.contains(QLatin1String("ackup")));
    QVERIFY(desk.sidebar->model()->rowOf(b) >= 0);
    whenShown<QDialog>([](QDialog& dialog) { QTest::mouseClick(named(&dialog, "ask_ok"), Qt::LeftButton); });
    QTest::mouseClick(named(bar, "trash_purge"), Qt::LeftButton);
    QTRY_COMPARE(desk.sidebar->model()->rowOf(b), -1);
    QCOMPARE(desk.window->chat().conversation(), qint64{0});
    QVERIFY(!bar->isVisible());

    // The rest at once.
    QPushButton* empty = nullptr;
    for (auto* button : desk.sidebar->findChildren<QPushButton*>()) {
        if (button->text() == QStringLiteral("Empty trash…")) empty = button;
    }
    QVERIFY(empty && empty->isVisible());
    whenShown<QDialog>([](QDialog& dialog) { QTest::mouseClick(named(&dialog, "ask_ok"), Qt::LeftButton); });
    QTest::mouseClick(empty, Qt::LeftButton);
    QTRY_COMPARE(desk.sidebar->model()->rowOf(c), -1);
    QTRY_VERIFY(!empty->isVisible());
    desk.sidebar->showTrash(false);
    QVERIFY(desk.sidebar->model()->rowOf(a) >= 0);
}

void TestSidebar::oneRowIsChosen() {
    QTemporaryDir dir;
    const qint64 a = addChat(dir.path(), QStringLiteral("a"), {QStringLiteral("q"), QStringLiteral("r")});
    const qint64 b = addChat(dir.path(), QStringLiteral("b"), {QStringLiteral("q"), QStringLiteral("r")});
    Desk desk(dir.path());
    auto* list = desk.sidebar->list();
    const auto chosen = [&] {
        QList<qint64> ids;
        for (const QModelIndex& index : list->selectionModel()->selectedRows())
            ids << index.data(ConversationListModel::kIdRole).toLongLong();
        return ids;
    };
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, middleOf(list, desk.sidebar->model()->rowOf(a)));
    QCOMPARE(chosen(), QList<qint64>{a});
    emit desk.sidebar->opened(b);
    QCOMPARE(chosen(), QList<qint64>{b});
    emit desk.sidebar->newChatRequested();
    QTRY_COMPARE(chosen(), QList<qint64>{});
    desk.ask(QStringLiteral("Hello!"));
    QTRY_COMPARE(chosen(), QList<qint64>{desk.window->chat().conversation()});
    // The row moves up as its chat is the newest: it stays the chosen one.
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, middleOf(list, desk.sidebar->model()->rowOf(a)));
    desk.ask(QStringLiteral("Hello!"));
    QTRY_COMPARE(chosen(), QList<qint64>{a});
}

void TestSidebar::findsInTheChat() {
    QTemporaryDir dir;
    const qint64 id = addChat(dir.path(), QStringLiteral("foxes"),
                              {QStringLiteral("Wo ist der Füchs? A fox."), QStringLiteral("The **Fox** and a fox."),
                               QStringLiteral("no more"), QStringLiteral("`fox` at the end")});
    Desk desk(dir.path(), false);
    QVERIFY(QTest::qWaitForWindowActive(desk.window.get()));
    emit desk.sidebar->opened(id);
    auto* bar = desk.window->findChild<FindBar*>();
    auto* view = desk.window->findChild<TranscriptView*>();
    QTest::keyClick(desk.edit, Qt::Key_F, Qt::ControlModifier);
    QVERIFY(bar->isVisible());
    auto* edit = named<QLineEdit>(bar, "find_text");
    auto* place = named<QLabel>(bar, "find_place");
    QTRY_COMPARE(QApplication::focusWidget(), edit);
    QTest::keyClicks(edit, QStringLiteral("fox"));
    QCOMPARE(place->text(), QStringLiteral("1 of 4"));
    QCOMPARE(view->selectedText(), QStringLiteral("fox"));
    QTest::keyClick(edit, Qt::Key_Return);
    QCOMPARE(place->text(), QStringLiteral("2 of 4"));
    QCOMPARE(view->selectedText(), QStringLiteral("Fox"));
    QTest::keyClick(edit, Qt::Key_Return, Qt::ShiftModifier);
    QTest::keyClick(edit, Qt::Key_Return, Qt::ShiftModifier);
    QCOMPARE(place->text(), QStringLiteral("4 of 4"));
    QTest::keyClicks(edit, QStringLiteral("trot"));
    QCOMPARE(place->text(), QStringLiteral("No matches"));
    QTest::keyClick(edit, Qt::Key_Escape);
    QVERIFY(!bar->isVisible());
    QVERIFY(!view->hasSelection());
}

/// One folding for both: what leads to a chat leads to its place in it.
void TestSidebar::findsWhatTheSearchFinds() {
    QTemporaryDir dir;
    const qint64 id = addChat(dir.path(), QStringLiteral("words"),
                              {QStringLiteral("Die Straße, naïve cafe\u0301 \u2014 ΛΌΓΟΣ, \u1ede Hà Nội, 5 µs"),
                               QStringLiteral("exact\nphrase, İstanbul")});
    Desk desk(dir.path(), false);
    QVERIFY(QTest::qWaitForWindowActive(desk.window.get()));
    emit desk.sidebar->opened(id);
    QTest::keyClick(desk.edit, Qt::Key_F, Qt::ControlModifier);
    auto* bar = desk.window->findChild<FindBar*>();
    auto* edit = named<QLineEdit>(bar, "find_text");
    auto* place = named<QLabel>(bar, "find_place");
    auto* view = desk.window->findChild<TranscriptView*>();
    const std::pair<const char*, const char*> found[] = {{"STRASSE", "Straße"},       {"naive", "naïve"},
                                                         {"caf\u00e9", "cafe\u0301"}, {"λογος", "ΛΌΓΟΣ"},
                                                         {"\u1edf hà", "\u1ede Hà"},  {"o ha noi", "\u1ede Hà Nội"},
                                                         {"\u03bcs", "µs"},           {"istanbul", "İstanbul"}};
    for (const auto& [typed, marked] : found) {
        edit->setText(QString::fromUtf8(typed));
        QVERIFY2(place->text() == QLatin1String("1 of 1"), typed);
        QCOMPARE(view->selectedText(), QString::fromUtf8(marked));
    }
    edit->setText(QStringLiteral("exact phrase"));
    QCOMPARE(place->text(), QStringLiteral("1 of 1"));
    // Accents count where they are typed.
    edit->setText(QStringLiteral("nàive"));
    QCOMPARE(place->text(), QStringLiteral("No matches"));
}

void TestSidebar::hitsAreByChat() {
    QTemporaryDir dir;
    const qint64 a = addChat(dir.path(), QStringLiteral("About foxes"),
                             {QStringLiteral("foxes?"), QStringLiteral("Two foxes."), QStringLiteral("more foxes")});
    addChat(dir.path(), QStringLiteral("Else"), {QStringLiteral("nothing"), QStringLiteral("of foxes")});
    Desk desk(dir.path(), false);
    auto* model = desk.sidebar->model();
    auto* field = desk.sidebar->findChild<QLineEdit*>();
    field->setText(QStringLiteral("foxes"));
    QTRY_COMPARE(model->view(), ConversationListModel::View::kHits);
    QTRY_VERIFY(model->rowOf(a) >= 0);
    using Kind = ConversationListModel::Kind;
    QList<int> kinds;
    for (int row = 0; row < model->rowCount(); ++row)
        kinds << model->index(row).data(ConversationListModel::kKindRole).toInt();
    QCOMPARE(kinds.count(static_cast<int>(Kind::kHitChat)), 2);
    QCOMPARE(kinds.count(static_cast<int>(Kind::kHit)), 4);
    QVERIFY(model->index(0).data().toString().startsWith(QLatin1String("5 match")));
    // The title's own letters are marked.
    const QModelIndex title = model->index(model->rowOf(a));
    QCOMPARE(title.data().toString(), QStringLiteral("About foxes"));
    const auto ranges = title.data(ConversationListModel::kRangesRole).value<QList<QPair<int, int>>>();
    QCOMPARE(ranges.size(), 1);
    QCOMPARE(title.data().toString().mid(ranges[0].first, ranges[0].second - ranges[0].first), QStringLiteral("foxes"));
}

QTEST_MAIN(TestSidebar)
#include "test_sidebar.moc"
