// Titles and names of files made of what people write: no character is cut in two, none is lost that a file may have.

#include <QTest>

#include "app/window/titles.h"

using namespace moescope;

class TestTitles : public QObject {
    Q_OBJECT

private slots:
    void blankTitlesAreShown();
    void namesOfFilesKeepLetters();
};

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
