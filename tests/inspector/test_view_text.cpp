// The text that opens a view again says all of it, and nothing that a text of others says is taken unseen.

#include <QTest>

#include "ui/inspector/view_text.h"

using namespace moescope;

class TestViewText : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void comesBack_data() {
        QTest::addColumn<ViewText>("view");
        ViewText view;
        view.view = QStringLiteral("layers");
        view.source = QStringLiteral("branch-12.34");
        QTest::newRow("plain") << view;
        view.layer = 5;
        view.expert = 14;
        view.first = view.last = 38;
        view.other_layer = 6;
        view.other_expert = 0;
        QTest::newRow("chosen") << view;
        view.last = 41;
        view.scope.prompt = view.scope.thinking = false;
        view.scope.only = Scope::Only::kPattern;
        view.scope.text = QStringLiteral("^[a-z]+ & 50%=#?+\"“蛇” $");
        view.scope.from = 3;
        view.scope.layer = 2;
        view.scope.expert = 63;
        QTest::newRow("scope") << view;
        view.scope.to = 900;
        view.scope.answer = false;
        view.source = QStringLiteral("trace-a b&c=d%41.csv");
        QTest::newRow("no part, a strange name") << view;
        for (const char* only : {"text", "digits", "punctuation", "question", "system", "template"}) {
            view.scope = {};
            view.scope.only = *onlyFromName(QLatin1String(only));
            if (view.scope.only == Scope::Only::kText) view.scope.text = QStringLiteral("fox");
            QTest::newRow(only) << view;
        }
    }
    void comesBack() {
        QFETCH(ViewText, view);
        const QString text = view.text();
        QVERIFY2(text.startsWith(QStringLiteral("moescope:?view=")), qPrintable(text));
        QVERIFY2(!text.contains(QLatin1Char(' ')) && !text.contains(QLatin1Char('\n')), qPrintable(text));
        const auto back = ViewText::from(QStringLiteral("  %1\n").arg(text));
        QVERIFY2(back, qPrintable(text));
        QVERIFY2(*back == view, qPrintable(text + QLatin1Char('\n') + back->text()));
    }

    void isShort() {
        ViewText view;
        view.view = QStringLiteral("depth");
        view.source = QStringLiteral("all");
        view.layer = 5;
        QCOMPARE(view.text(), QStringLiteral("moescope:?view=depth&source=all&layer=5"));
    }

    void othersAreRefused_data() {
        QTest::addColumn<QString>("text");
        const auto row = [](const char* name, const char* text) { QTest::newRow(name) << QString::fromUtf8(text); };
        row("nothing", "");
        row("words", "hello");
        row("no view", "moescope:?source=all");
        row("no source", "moescope:?view=live");
        row("no number", "moescope:?view=live&source=all&layer=five");
        row("negative", "moescope:?view=live&source=all&expert=-2");
        row("token 0", "moescope:?view=live&source=all&tokens=0");
        row("backwards", "moescope:?view=live&source=all&tokens=9-3");
        row("three ends", "moescope:?view=live&source=all&tokens=1-2-3");
        row("half a pair", "moescope:?view=live&source=all&beside=3");
        row("unknown filter", "moescope:?view=live&source=all&only=everything");
        row("unknown part", "moescope:?view=live&source=all&parts=prompt,soup");
        row("too large", "moescope:?view=live&source=all&layer=99999999999999999999");
        QTest::newRow("endless") << QStringLiteral("moescope:?view=live&source=all&text=") +
                                        QString(100'000, QLatin1Char('x'));
    }
    void othersAreRefused() {
        QFETCH(QString, text);
        QVERIFY(!ViewText::from(text));
    }

    /// What a later program adds does not hide what this one knows.
    void unknownNamesAreSkipped() {
        const auto view = ViewText::from(QStringLiteral("moescope:?view=live&source=all&colour=red&layer=3"));
        QVERIFY(view);
        QCOMPARE(view->layer, 3);
    }
};

QTEST_MAIN(TestViewText)
#include "test_view_text.moc"
