// The composer: long pastes do not freeze the window, and behave like any text.

#include <QElapsedTimer>
#include <QSignalSpy>

#include "tests/support/timing.h"
#include "tests/ui/composer_bench.h"

using namespace moescope;

class TestComposerPaste : public QObject {
    Q_OBJECT

private slots:
    void longPastesDoNotFreeze_data() {
        QTest::addColumn<QString>("text");
        QTest::newRow("lines") << QStringLiteral("a line of a long text, as one pastes it\n").repeated(26000);
        QTest::newRow("one line") << QStringLiteral("word ").repeated(210000);
        QTest::newRow("no space") << QString(1 << 20, QLatin1Char('x'));
        QTest::newRow("CJK") << QStringLiteral("混合专家模型").repeated(60000);
        QTest::newRow("just short enough") << QString(ComposerEdit::kFoldFrom, QLatin1Char('x'));
    }

    void longPastesDoNotFreeze() {
        QFETCH(const QString, text);
        ComposerBench b;
        b.type("before ");
        QCoreApplication::processEvents();
        QApplication::clipboard()->setText(text);
        QElapsedTimer timer;
        timer.start();
        b.edit->paste();
        QCoreApplication::processEvents();
        b.edit->repaint();
        const qint64 pasted = timer.restart();
        QTest::keyClick(b.edit, 'z');
        QCoreApplication::processEvents();
        const qint64 typed = timer.elapsed();
        QVERIFY2(inTime(pasted, 50), qPrintable(QStringLiteral("%1 ms").arg(pasted)));
        QVERIFY2(inTime(typed, 50), qPrintable(QStringLiteral("%1 ms").arg(typed)));
        QCOMPARE(b.composer->text(), QStringLiteral("before ") + text + QLatin1Char('z'));
        QSignalSpy sent(b.composer, &Composer::sent);
        QTest::keyClick(b.edit, Qt::Key_Return);
        QCOMPARE(sent[0][0].toString(), QStringLiteral("before ") + text + QLatin1Char('z'));
    }

    void foldsAreLetters() {
        ComposerBench b;
        const QString big = QStringLiteral("0123456789").repeated(1000) + QStringLiteral("\r\nend");
        const QString plain = QStringLiteral("0123456789").repeated(1000) + QStringLiteral("\nend");
        b.paste(big);
        b.paste(big);
        QCOMPARE(b.edit->toPlainText().size(), 2);
        QCOMPARE(b.composer->text(), plain + plain);
        b.edit->selectAll();
        b.edit->copy();
        QCOMPARE(QApplication::clipboard()->text(), plain + plain);
        b.edit->moveCursor(QTextCursor::End);
        QTest::keyClick(b.edit, Qt::Key_Backspace);
        QCOMPARE(b.composer->text(), plain);
        b.edit->undo();
        QCOMPARE(b.composer->text(), plain + plain);
        QCOMPARE(b.edit->foldPositionAt(b.edit->textCursor()), 1);
        QVERIFY(b.edit->unfold(1));
        QVERIFY(!b.edit->unfold(1));
        QCOMPARE(b.composer->text(), plain + plain);
        QVERIFY(b.edit->toPlainText().size() > 10000);
        b.composer->setText(QStringLiteral("\uFFFC written"));  // somebody's own one is no fold
        QCOMPARE(b.composer->text(), QStringLiteral("\uFFFC written"));
        b.composer->setText(big);
        QCOMPARE(b.composer->text(), plain);
        QCOMPARE(b.edit->toPlainText().size(), 1);
    }
};

QTEST_MAIN(TestComposerPaste)
#include "test_composer_paste.moc"
