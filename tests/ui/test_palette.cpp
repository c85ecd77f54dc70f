// The command palette and the list of shortcuts: filter, ranking, keys, focus.

#include <QAbstractItemModelTester>
#include <QAction>
#include <QApplication>
#include <QLineEdit>
#include <QListView>
#include <QSignalSpy>
#include <QTest>
#include <memory>

#include "ui/palette/action_group.h"
#include "ui/palette/command_delegate.h"
#include "ui/palette/command_model.h"
#include "ui/palette/command_palette.h"
#include "ui/palette/fuzzy.h"
#include "ui/palette/shortcuts_dialog.h"
#include "ui/theme.h"

using namespace moescope;

class TestPalette : public QObject {
    Q_OBJECT

private:
    struct Bench {
        ThemeStore themes;
        QWidget window;
        QLineEdit* other;
        CommandPalette* palette;
        QLineEdit* input;
        QListView* list;
        QList<QAction*> actions;

        Bench() {
            window.resize(900, 600);
            other = new QLineEdit(&window);
            add("Chat", "&New chat", "Ctrl+N");
            add("Chat", "Find in conversations...", "Ctrl+F");
            add("View", "Larger text", "Ctrl++");
            add("View", "Dark theme", "");
            add("Model", "Unload model", "")->setEnabled(false);
            add("Model", "Open model...", "Ctrl+O");
            add("Hidden", "Never seen", "Ctrl+H")->setVisible(false);
            palette = new CommandPalette(&themes, &window);
            palette->setActions(actions);
            input = palette->findChild<QLineEdit*>(QStringLiteral("palette_input"));
            list = palette->findChild<QListView*>(QStringLiteral("palette_list"));
            window.show();
            window.activateWindow();
            other->setFocus();
            QCoreApplication::processEvents();
        }

        QAction* add(const char* group, const char* text, const char* keys) {
            auto* action = new QAction(QString::fromUtf8(text), &window);
            setActionGroup(action, QString::fromUtf8(group));
            action->setShortcut(QKeySequence(QString::fromUtf8(keys)));
            window.addAction(action);
            actions.append(action);
            return action;
        }
        QStringList shown() const {
            QStringList texts;
            for (const QAction* action : palette->shownActions()) texts.append(action->text());
            return texts;
        }
    };

    static int score(const char* pattern, const char* text) {
        const auto match = fuzzyMatch(QString::fromUtf8(pattern), QString::fromUtf8(text));
        return match ? match->score : -1000;
    }

private slots:
    void fuzzy() {
        QVERIFY(fuzzyMatch({}, QStringLiteral("anything")));
        QVERIFY(!fuzzyMatch(QStringLiteral("x"), {}));
        QVERIFY(!fuzzyMatch(QStringLiteral("ba"), QStringLiteral("ab")));
        QCOMPARE(fuzzyMatch(QStringLiteral("NC"), QStringLiteral("New chat"))->positions, (QList<int>{0, 4}));
        QCOMPARE(fuzzyMatch(QStringLiteral("chat new"), QStringLiteral("New chat"))->positions.size(), 7);
        QCOMPARE(fuzzyMatch(QStringLiteral("对话"), QStringLiteral("新建对话"))->positions, (QList<int>{2, 3}));
        QVERIFY(score("te", "Larger text") > score("te", "Regenerate"));                 // the start of a word
        QVERIFY(score("set", "Settings") > score("set", "Sort conversations by date"));  // next to each other
        QVERIFY(score("st", "Stop") > score("st", "Fast"));
        const QString long_text(500, QLatin1Char('a'));
        QVERIFY(fuzzyMatch(QString(400, QLatin1Char('a')), long_text));
    }

    void keysAreSplit() {
        QCOMPARE(splitKeys(QStringLiteral("Ctrl+Shift+N")), (QStringList{"Ctrl", "Shift", "N"}));
        QCOMPARE(splitKeys(QStringLiteral("Ctrl++")), (QStringList{"Ctrl", "+"}));
        QCOMPARE(splitKeys(QStringLiteral("F9")), (QStringList{"F9"}));
        QVERIFY(splitKeys({}).isEmpty());
    }

    void filters() {
        Bench b;
        QVERIFY(!b.palette->isVisible());
        b.palette->openPalette();
        QCOMPARE(b.palette->geometry(), b.window.rect());
        QCOMPARE(QApplication::focusWidget(), b.input);
        QCOMPARE(b.shown().size(), 6);
        QCOMPARE(b.shown().constFirst(), QStringLiteral("&New chat"));
        QCOMPARE(b.shown().constLast(), QStringLiteral("Unload model"));  // disabled: at the end
        QTest::keyClicks(b.input, QStringLiteral("model"));
        QCOMPARE(b.shown(), (QStringList{"Open model...", "Unload model"}));
        b.input->setText(QStringLiteral("view"));  // a group
        QCOMPARE(b.shown(), (QStringList{"Larger text", "Dark theme"}));
        b.input->setText(QStringLiteral("ctrl+o"));
        QCOMPARE(b.shown(), (QStringList{"Open model..."}));
        b.input->setText(QStringLiteral("qqq"));
        QVERIFY(b.shown().isEmpty());
        QTest::keyClick(b.input, Qt::Key_Return);  // nothing to run
        QTest::keyClick(b.input, Qt::Key_Down);
        QVERIFY(b.palette->isVisible());
    }

    void keyboard() {
        Bench b;
        QSignalSpy closed(b.palette, &CommandPalette::closed);
        QSignalSpy triggered(b.palette, &CommandPalette::triggered);
        b.palette->openPalette();
        QCOMPARE(b.list->currentIndex().row(), 0);
        QTest::keyClick(b.input, Qt::Key_Down);
        QTest::keyClick(b.input, Qt::Key_Down);
        QTest::keyClick(b.input, Qt::Key_Up);
        QCOMPARE(b.list->currentIndex().row(), 1);
        QTest::keyClick(b.input, Qt::Key_PageUp);
        QTest::keyClick(b.input, Qt::Key_Up);  // around the end
        QCOMPARE(b.list->currentIndex().row(), 5);
        QTest::keyClick(b.input, Qt::Key_Return);  // disabled
        QVERIFY(b.palette->isVisible());
        QTest::keyClick(b.input, Qt::Key_Tab);
        QCOMPARE(QApplication::focusWidget(), b.input);
        QTest::keyClick(b.input, Qt::Key_Escape);
        QVERIFY(!b.palette->isVisible());
        QCOMPARE(closed.size(), 1);
        QCOMPARE(QApplication::focusWidget(), b.other);

        QWidget* focus_then = nullptr;
        connect(b.actions[3], &QAction::triggered, this, [&] { focus_then = QApplication::focusWidget(); });
        b.palette->openPalette();
        QTest::keyClicks(b.input, QStringLiteral("dth"));
        QTest::keyClick(b.input, Qt::Key_Return);
        QCOMPARE(triggered.size(), 1);
        QCOMPARE(triggered[0][0].value<QAction*>(), b.actions[3]);
        QCOMPARE(focus_then, b.other);
        b.palette->openPalette();
        QVERIFY(b.input->text().isEmpty());
        QTest::keyClick(b.input, Qt::Key_K, Qt::ControlModifier);
        QVERIFY(!b.palette->isVisible());
    }

    void shortcutsCloseItFirst() {
        Bench b;
        QSignalSpy triggered(b.actions[0], &QAction::triggered);
        b.palette->openPalette();
        QTest::keyClick(b.input, Qt::Key_N, Qt::ControlModifier);
        QCOMPARE(triggered.size(), 1);
        QVERIFY(!b.palette->isVisible());
    }

    void enterOfAnInputMethodRunsNothing() {
        Bench b;
        QSignalSpy triggered(b.palette, &CommandPalette::triggered);
        b.palette->openPalette();
        QInputMethodEvent composing(QStringLiteral("duo"), {});
        QCoreApplication::sendEvent(b.input, &composing);
        QTest::keyClick(b.input, Qt::Key_Return);
        QInputMethodEvent commit(QString(), {});
        commit.setCommitString(QStringLiteral("a"));
        QCoreApplication::sendEvent(b.input, &commit);
        QTest::keyClick(b.input, Qt::Key_Return);
        QVERIFY(triggered.isEmpty());
        QVERIFY(b.palette->isVisible());
    }

    void mouseAndResize() {
        Bench b;
        QSignalSpy triggered(b.palette, &CommandPalette::triggered);
        b.palette->openPalette();
        const QRect second = b.list->visualRect(b.list->model()->index(1, 0));
        QTest::mouseClick(b.list->viewport(), Qt::LeftButton, {}, second.center());
        QCOMPARE(triggered.size(), 1);
        QCOMPARE(triggered[0][0].value<QAction*>(), b.actions[1]);
        b.palette->openPalette();
        b.window.resize(420, 300);
        QCoreApplication::processEvents();
        QCOMPARE(b.palette->geometry(), b.window.rect());
        QVERIFY(b.window.rect().contains(b.list->geometry()));
        QTest::mouseClick(b.palette, Qt::LeftButton, {}, QPoint(2, 2));
        QVERIFY(!b.palette->isVisible());
    }

    void deletedActionsAreLeftOut() {
        Bench b;
        connect(b.actions[1], &QAction::triggered, b.actions[1], &QObject::deleteLater);
        delete b.actions[0];
        b.palette->openPalette();
        QCOMPARE(b.shown().size(), 5);
        QTest::keyClick(b.input, Qt::Key_Return);
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        b.palette->openPalette();
        QCOMPARE(b.shown().size(), 4);
    }

    void shortcuts() {
        Bench b;
        ShortcutsDialog dialog(&b.themes);
        dialog.setActions(b.actions);
        dialog.addEntry(QStringLiteral("Writing"), QStringLiteral("Send"), QStringLiteral("Enter"));
        dialog.addEntry(QStringLiteral("Chat"), QStringLiteral("Edit the last question"), QStringLiteral("Ctrl+Up"));
        const QStringList rows = dialog.rows();
        QCOMPARE(rows.mid(0, 4), (QStringList{"Chat", "New chat\tCtrl+N", "Find in conversations\tCtrl+F",
                                              "Edit the last question\tCtrl+Up"}));
        QVERIFY(rows.contains(QStringLiteral("Larger text\tCtrl++")));
        QVERIFY(!rows.contains(QStringLiteral("Dark theme")));  // no key
        QCOMPARE(rows.constLast(), QStringLiteral("Send\tEnter"));
        dialog.show();
        auto* input = dialog.findChild<QLineEdit*>(QStringLiteral("shortcuts_input"));
        QTest::keyClicks(input, QStringLiteral("send"));
        QCOMPARE(dialog.rows(), (QStringList{"Writing", "Send\tEnter"}));
        QTest::keyClick(input, Qt::Key_Escape);
        QVERIFY(!dialog.isVisible());
    }

    void modelsAreSound() {
        for (const auto order : {CommandModel::Order::kRanked, CommandModel::Order::kGrouped}) {
            CommandModel model(order);
            const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
            model.setCommands({{"A", "One", "Ctrl+1", nullptr, true, false}, {"", "Two", "", nullptr, false, true}});
            model.setFilter(QStringLiteral("o"));
            QCOMPARE(model.rowCount(), order == CommandModel::Order::kRanked ? 2 : 4);
            model.setFilter(QStringLiteral("tw"));
            QCOMPARE(model.rowCount(), order == CommandModel::Order::kRanked ? 1 : 2);
        }
    }

    void everythingHasAName() {
        Bench b;
        ShortcutsDialog dialog(&b.themes);
        dialog.show();
        b.palette->openPalette();
        QVERIFY(!b.palette->accessibleName().isEmpty());
        for (const QWidget* widget : b.palette->findChildren<QWidget*>() + dialog.findChildren<QWidget*>()) {
            if (widget->focusPolicy() == Qt::NoFocus) continue;
            QVERIFY2(!widget->accessibleName().isEmpty(), widget->metaObject()->className());
        }
    }
};

QTEST_MAIN(TestPalette)
#include "test_palette.moc"
