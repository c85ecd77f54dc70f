// What charts say (tips, words for screen readers, titles, CSV) of tokens, answers, domains and experts whose names are
// somebody else's: a name that reads like a place of our sentence ("%2") is not filled with the next number.

#include <QMenu>
#include <QRegularExpression>
#include <QTest>

#include "tests/inspector/golden_stage.h"
#include "ui/inspector/spot_menu.h"

using namespace moescope;
using namespace moescope::golden;

class TestSentences : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void namesStayWhole_data() {
        QTest::addColumn<int>("subject");
        const std::vector<Subject> all = subjects();
        for (std::size_t i = 0; i < all.size(); ++i) QTest::newRow(all[i].name) << static_cast<int>(i);
    }
    void namesStayWhole() {
        QFETCH(int, subject);
        Stage stage(Data::kPlaces, true);
        const std::unique_ptr<Chart> chart = subjects()[static_cast<std::size_t>(subject)].make(stage);
        chart->refresh();
        checkWhole(chart->title());
        checkWhole(chart->caption());
        checkWhole(chart->words());
        checkWhole(chart->csv());
        const QRectF body(0, 0, 700, chart->height(700));
        int tips = 0;
        for (double y = 1; y < body.height(); y += 11) {
            for (double x = 1; x < body.width(); x += 11) {
                const QString tip = chart->tipAt({x, y}, body);
                tips += !tip.isEmpty();
                checkWhole(tip);
                if (QTest::currentTestFailed()) return;
            }
        }
        m_tips += tips;
    }

    /// The comparison's sentence and the menus.
    void namesStayWholeAroundCharts() {
        Stage stage(Data::kPlaces, true);
        checkWhole(stage.comparison()->sentence());
        QVERIFY(m_named > 0);
        QMenu menu;
        addSpotActions(menu, *stage.model(), {kFirst, 22, 22, 1, 5});
        QVERIFY(!menu.actions().isEmpty());
        for (const QAction* action : menu.actions()) checkWhole(action->text());
    }

    void cleanupTestCase() {
        QVERIFY(m_tips > 500);
        QVERIFY2(m_named > 500, "the sentences name what they are of");
    }

private:
    void checkWhole(QString text) {
        m_named += text.contains(QLatin1String(kPlacesText));
        text.remove(QLatin1String(kPlacesText));
        static const QRegularExpression kPlace(QStringLiteral("%L?[0-9]"));
        // A part of the name is left where another part was filled.
        if (kPlace.match(text).hasMatch()) QFAIL(qPrintable(text));
    }

    int m_tips = 0, m_named = 0;
};

QTEST_MAIN(TestSentences)
#include "test_sentences.moc"
