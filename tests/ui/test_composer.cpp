// The composer: keys, input methods, growing, undo, drafts.

#include <QAction>
#include <QLabel>
#include <QScrollBar>
#include <QSignalSpy>

#include "tests/ui/composer_bench.h"

using namespace moescope;

class TestComposer : public QObject {
    Q_OBJECT

private slots:
    void enterSendsAndShiftEnterBreaks() {
        ComposerBench b;
        QSignalSpy sent(b.composer, &Composer::sent);
        QTest::keyClick(b.edit, Qt::Key_Return);
        QVERIFY(sent.isEmpty());  // nothing written
        b.type(" \t");
        QVERIFY(!b.composer->canSend());
        b.composer->setText({});
        b.type("one");
        QTest::keyClick(b.edit, Qt::Key_Return, Qt::ShiftModifier);
        b.type("two");
        QVERIFY(sent.isEmpty());
        QCOMPARE(b.composer->text(), QStringLiteral("one\ntwo"));
        QTest::keyClick(b.edit, Qt::Key_Return);
        QCOMPARE(sent.size(), 1);
        QCOMPARE(sent[0][0].toString(), QStringLiteral("one\ntwo"));
        QVERIFY(b.composer->text().isEmpty());
        b.type("pad");
        QTest::keyClick(b.edit, Qt::Key_Enter, Qt::KeypadModifier);
        QCOMPARE(sent.size(), 2);
        b.type("control");
        QTest::keyClick(b.edit, Qt::Key_Return, Qt::ControlModifier);
        QCOMPARE(sent.size(), 3);
    }

    void enterOfAnInputMethodNeverSends() {
        ComposerBench b;
        QSignalSpy sent(b.composer, &Composer::sent);
        b.compose("ni hao", "");
        QTest::keyClick(b.edit, Qt::Key_Return);  // delivered during the composition
        QVERIFY(sent.isEmpty());
        QVERIFY(!b.edit->toPlainText().contains(QLatin1Char('\n')));
        b.compose("", "你好");
        QTest::keyClick(b.edit, Qt::Key_Return);  // delivered right after the commit
        QVERIFY(sent.isEmpty());
        QCOMPARE(b.composer->text(), QStringLiteral("你好"));
        QTest::qWait(80);
        QTest::keyClick(b.edit, Qt::Key_Return);  // by hand
        QCOMPARE(sent.size(), 1);
        QCOMPARE(sent[0][0].toString(), QStringLiteral("你好"));
        b.compose("shi", "");
        b.compose("", "");  // given up: the next Enter is one
        b.type("x");
        QTest::keyClick(b.edit, Qt::Key_Return);
        QCOMPARE(sent.size(), 2);
    }

    void escStopsOnlyWhileAnswering() {
        ComposerBench b;
        QSignalSpy stop(b.composer, &Composer::stopRequested);
        QSignalSpy sent(b.composer, &Composer::sent);
        QTest::keyClick(b.edit, Qt::Key_Escape);
        QVERIFY(stop.isEmpty());
        b.composer->setAnswering(true);
        QCOMPARE(b.button->text(), QStringLiteral("Stop"));
        QVERIFY(b.button->isEnabled());
        b.compose("ni", "");
        QTest::keyClick(b.edit, Qt::Key_Escape);  // the input method's
        QVERIFY(stop.isEmpty());
        b.compose("", "");
        QTest::keyClick(b.edit, Qt::Key_Escape);
        QCOMPARE(stop.size(), 1);
        QTest::mouseClick(b.button, Qt::LeftButton);
        QCOMPARE(stop.size(), 2);
        b.type("next");
        QTest::keyClick(b.edit, Qt::Key_Return);  // nothing is queued
        QVERIFY(sent.isEmpty());
        QCOMPARE(b.composer->text(), QStringLiteral("next"));
        b.composer->setAnswering(false);
        QCOMPARE(b.button->text(), QStringLiteral("Send"));
        QTest::mouseClick(b.button, Qt::LeftButton);
        QCOMPARE(sent.size(), 1);
        QCOMPARE(stop.size(), 2);
    }

    void escAndControlUpComeBeforeShortcutsOfTheWindow() {
        ComposerBench b;
        QSignalSpy edit_last(b.composer, &Composer::editLastRequested);
        QAction other(&b.window);
        other.setShortcut(Qt::CTRL | Qt::Key_Up);
        b.window.addAction(&other);
        QSignalSpy triggered(&other, &QAction::triggered);
        QTest::keyClick(b.edit, Qt::Key_Up, Qt::ControlModifier);
        QCOMPARE(edit_last.size(), 1);
        QCOMPARE(triggered.size(), 0);
    }

    void growsToTenLines() {
        ComposerBench b;
        const int one = b.edit->height();
        QVERIFY(one < 2 * b.edit->fontMetrics().lineSpacing());
        int before = one;
        for (int line = 2; line <= ComposerEdit::kMaxLines; ++line) {
            QTest::keyClick(b.edit, Qt::Key_Return, Qt::ShiftModifier);
            QVERIFY2(b.edit->height() > before, qPrintable(QString::number(line)));
            before = b.edit->height();
            QVERIFY(!b.edit->verticalScrollBar()->isVisible() || b.edit->verticalScrollBar()->maximum() == 0);
        }
        QTest::keyClick(b.edit, Qt::Key_Return, Qt::ShiftModifier);
        QCOMPARE(b.edit->height(), before);
        b.composer->setText({});
        QCOMPARE(b.edit->height(), one);
        b.type(
            "words that wrap around the right edge of the box, and so become more than a line of text on the screen");
        QVERIFY(b.edit->height() > one);
        QCoreApplication::processEvents();
        QVERIFY(b.composer->height() > b.edit->height());
        b.window.resize(1600, 500);
        QCoreApplication::processEvents();
        QCOMPARE(b.edit->height(), one);
    }

    void undoWorksAndBringsBackWhatWasSent() {
        ComposerBench b;
        b.type("question");
        QTest::keyClick(b.edit, Qt::Key_Z, Qt::ControlModifier);
        QVERIFY(b.composer->text().isEmpty());
        QTest::keyClick(b.edit, Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(b.composer->text(), QStringLiteral("question"));
        QTest::keyClick(b.edit, Qt::Key_Return);
        QVERIFY(b.composer->text().isEmpty());
        QTest::keyClick(b.edit, Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(b.composer->text(), QStringLiteral("question"));
        b.composer->setText(QStringLiteral("another conversation"));
        QTest::keyClick(b.edit, Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(b.composer->text(), QStringLiteral("another conversation"));
    }

    void refusedTextsStay() {
        ComposerBench b;
        connect(b.composer, &Composer::sent, b.composer, &Composer::setText);
        b.type("keep me");
        QTest::keyClick(b.edit, Qt::Key_Return);
        QCOMPARE(b.composer->text(), QStringLiteral("keep me"));
    }

    void draftsAreDebounced() {
        ComposerBench b;
        QSignalSpy drafts(b.composer, &Composer::draftChanged);
        b.type("abc");
        QVERIFY(drafts.isEmpty());
        QTRY_COMPARE_WITH_TIMEOUT(drafts.size(), 1, 1000);
        QCOMPARE(drafts[0][0].toString(), QStringLiteral("abc"));
        b.type("d");
        b.composer->flushDraft();
        QCOMPARE(drafts.size(), 2);
        b.composer->flushDraft();
        QCOMPARE(drafts.size(), 2);
        b.type("e");
        b.composer->setText(QStringLiteral("loaded"));
        QTest::qWait(250);
        QCOMPARE(drafts.size(), 2);  // what is set is not the user's
        QTest::keyClick(b.edit, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(drafts.size(), 3, 1000);
        QVERIFY(drafts[2][0].toString().isEmpty());
    }

    void aReasonKeepsFromSending() {
        ComposerBench b;
        QSignalSpy sent(b.composer, &Composer::sent);
        b.composer->setEnabledReason(QStringLiteral("Load a model to ask"));
        QCOMPARE(b.edit->placeholderText(), QStringLiteral("Load a model to ask"));
        b.type("draft");  // writing is possible
        QTest::keyClick(b.edit, Qt::Key_Return);
        QVERIFY(sent.isEmpty());
        QVERIFY(!b.button->isEnabled());
        QCOMPARE(b.button->toolTip(), QStringLiteral("Load a model to ask"));
        QCOMPARE(b.composer->text(), QStringLiteral("draft"));
        b.composer->setEnabledReason({});
        QVERIFY(b.button->isEnabled());
        QCOMPARE(b.edit->placeholderText(), QStringLiteral("Ask something…"));
    }

    void anotherReasonIsPainted() {
        struct WholePaints : QObject {
            int count = 0;
            bool eventFilter(QObject* watched, QEvent* event) override {
                if (event->type() == QEvent::Paint) {
                    const QRect all = static_cast<QWidget*>(watched)->rect();
                    count += static_cast<QPaintEvent*>(event)->rect().contains(all);
                }
                return false;
            }
        };
        ComposerBench b;
        b.composer->setEnabledReason(QStringLiteral("The model is being loaded..."));
        QTest::qWait(50);
        WholePaints paints;
        b.edit->viewport()->installEventFilter(&paints);
        b.composer->setEnabledReason({});
        QTRY_VERIFY(paints.count > 0);
    }

    void chipsAndCount() {
        ComposerBench b;
        QSignalSpy clicked(b.composer, &Composer::chipClicked);
        b.composer->addChip(QStringLiteral("rules"), QStringLiteral("Rules: top 6"));
        b.composer->addChip(QStringLiteral("temperature"), QStringLiteral("Temperature 0.7"));
        b.composer->setChipText(QStringLiteral("rules"), QStringLiteral("Rules: top 2"));
        b.composer->setChipText(QStringLiteral("unknown"), QStringLiteral("x"));
        auto* rules = qobject_cast<QPushButton*>(b.composer->chip(QStringLiteral("rules")));
        QCOMPARE(rules->accessibleName(), QStringLiteral("Rules: top 2"));
        QCoreApplication::processEvents();  // they are shown
        QTest::mouseClick(rules, Qt::LeftButton);
        b.edit->setFocus();
        QTest::keyClick(b.edit, Qt::Key_Tab);  // leaves the text
        QCOMPARE(QApplication::focusWidget(), rules);
        QTest::keyClick(rules, Qt::Key_Space);
        QCOMPARE(clicked.size(), 2);
        QCOMPARE(clicked[1][0].toString(), QStringLiteral("rules"));

        auto* count = b.composer->findChild<QLabel*>(QStringLiteral("composer_count"));
        QVERIFY(count->isHidden());
        b.composer->setTokenCount(128, 1000);
        QCOMPARE(count->text(), QStringLiteral("128 token(s)"));
        QVERIFY(!count->isHidden());
        QVERIFY(count->palette().color(QPalette::WindowText) != b.themes.theme().amber_text);
        b.composer->setTokenCount(128, 100);
        QCOMPARE(count->palette().color(QPalette::WindowText), b.themes.theme().amber_text);
        b.composer->setTokenCount(-1, 100);
        QVERIFY(count->isHidden());
    }

    void everythingHasAName() {
        ComposerBench b;
        b.composer->addChip(QStringLiteral("a"), QStringLiteral("A"));
        for (const QWidget* widget : b.composer->findChildren<QWidget*>()) {
            if (widget->focusPolicy() == Qt::NoFocus || widget->focusProxy() != nullptr) continue;
            QVERIFY2(!widget->accessibleName().isEmpty(), widget->metaObject()->className());
        }
    }
};

QTEST_MAIN(TestComposer)
#include "test_composer.moc"
