// Titles and names of files made of what people write: no character is cut in two, none is lost that a file may have.

#include <QTest>

#include "app/window/titles.h"

using namespace moescope;

class TestTitles : public QObject {
    Q_OBJECT

private slots:
    void titlesEndBetweenCharacters();
    void blankTitlesAreShown();
    void namesOfFilesKeepLetters();
};

void TestTitles::titlesEndBetweenCharacters() {
    QCOMPARE(titleFrom(QStringLiteral("  What\nis a  router? ")), QStringLiteral("What is a router?"));
    const QString fox = QStringLiteral("🦊"), family = QStringLiteral("👩‍👩‍👧‍👦"),
                  accent = QStringLiteral("e\u0301");
    for (const QString& one : {fox, family, accent, QStringLiteral("🇩🇪"), QStringLiteral("नि")}) {
        for (int before = 40; before <= 50; ++before) {
            const QString title = titleFrom(QString(before, QLatin1Char('a')) + one + QStringLiteral("bbbbbbbbbb"));
            QVERIFY(title.endsWith(QStringLiteral("…")));
            QVERIFY(title.isValidUtf16());
            const QString rest = title.mid(before).chopped(1);
            const bool whole = rest.isEmpty() || rest.startsWith(one);
            QVERIFY2(whole, qPrintable(title));
        }
        const QString many = one.repeated(100);
        QCOMPARE(titleFrom(many), one.repeated(48) + QStringLiteral("…"));
    }
    QCOMPARE(titleFrom(QString(47, QLatin1Char('a')) + fox + QStringLiteral("bbbbb")),
             QString(47, QLatin1Char('a')) + fox + QStringLiteral("…"));
    QCOMPARE(titleFrom(QStringLiteral("one two three four five six seven eight nine ten eleven")),
             QStringLiteral("one two three four five six seven eight nine ten…"));
    QVERIFY(titleFrom(QString(10'000'000, QLatin1Char('x'))).size() < 60);
}

void TestTitles::blankTitlesAreShown() {
    for (const QString& blank :
         {QString(), QStringLiteral("   "), QStringLiteral("\u00a0\u2003"), QStringLiteral("\u200b"),
          QStringLiteral("\n\t"), QStringLiteral("\u3164"), QStringLiteral("\u202e \u2066")}) {
        QCOMPARE(shownTitle(blank), QStringLiteral("Untitled"));
    }
    QCOMPARE(shownTitle(QStringLiteral("a title")), QStringLiteral("a title"));
    QCOMPARE(shownTitle(QStringLiteral("🦊")), QStringLiteral("🦊"));
}

void TestTitles::namesOfFilesKeepLetters() {
    QCOMPARE(fileNameFrom(QStringLiteral("हिन्दी การทดสอบ 𠮷🦊")),
             QStringLiteral("हिन्दी การทดสอบ 𠮷_"));
    QCOMPARE(fileNameFrom(QStringLiteral("../a/b: c*?\"<>|\n")), QStringLiteral("___a_b_ c_______"));
    QCOMPARE(fileNameFrom(QStringLiteral("می‌خواهم é e\u0301")),
             QStringLiteral("می‌خواهم é e\u0301"));
    QCOMPARE(fileNameFrom(QStringLiteral("   ")), QStringLiteral("chat"));
    for (const QString& one :
         {QStringLiteral("𠮷"), QStringLiteral("नि"), QStringLiteral("e\u0301\u0302\u0303\u0304")}) {
        const QString name = fileNameFrom(one.repeated(200));
        QVERIFY(name.isValidUtf16());
        QVERIFY(name.toUtf8().size() <= 200);
        QCOMPARE(name.size() % one.size(), 0);
        QVERIFY(name.size() > 0);
    }
}

QTEST_GUILESS_MAIN(TestTitles)
#include "test_titles.moc"
