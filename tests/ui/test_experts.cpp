// The search for an expert's tokens and the experiments' view, without a history or an engine.

#include <QAbstractItemModelTester>
#include <QLabel>
#include <QListView>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTest>

#include "ui/experts/expert_search.h"
#include "ui/inspector/chart_widget.h"
#include "ui/inspector/inspector_model.h"
#include "ui/inspector/views/experiment_view.h"
#include "ui/theme.h"
#include "ui/widgets/controls.h"

using namespace moescope;

namespace {

QList<ExpertHit> someHits(int count) {
    QList<ExpertHit> hits;
    for (int i = 0; i < count; ++i) {
        ExpertHit hit;
        hit.conversation = 1 + i / 3;
        hit.message = 100 + i / 2;
        hit.index = i % 2 ? i : -1;
        hit.title = QStringLiteral("Chat %1").arg(hit.conversation);
        hit.before = QStringLiteral("before ");
        hit.token = QStringLiteral("token%1").arg(i);
        hit.after = QStringLiteral(" after");
        hit.gate = 0.5 / (i + 1);
        hit.rank = 1 + i % 6;
        hits.append(hit);
    }
    return hits;
}

ExperimentResult point(double x, double nats, bool reference = false) {
    ExperimentResult r;
    r.label = QStringLiteral("x = %1").arg(x);
    r.tick = QString::number(x);
    r.x = x;
    r.nats = nats;
    r.tokens = 33;
    r.own = x == 0 && !reference;
    r.reference = reference;
    return r;
}

}  // namespace

class TestExperts : public QObject {
    Q_OBJECT

private slots:
    void theModelIsSound();
    void typingSearches();
    void keysOpenAHit();
    void answersToOldQueriesAreDropped();
    void anExperimentIsShownAsItComes();
    void thePlotIsTrue();
};

void TestExperts::theModelIsSound() {
    ExpertHitsModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setHits(someHits(7));
    QCOMPARE(model.rowCount(), 7);
    QCOMPARE(model.index(1).data().toString(), QStringLiteral("before token1 after"));
    QVERIFY(model.index(1).data(Qt::AccessibleTextRole).toString().contains(QStringLiteral("gate 0.250, rank 2")));
    QCOMPARE(model.index(2).data(ExpertHitsModel::kNewTitleRole).toBool(), false);
    QCOMPARE(model.index(3).data(ExpertHitsModel::kNewTitleRole).toBool(), true);
    model.setHits({});
    QCOMPARE(model.rowCount(), 0);
}

void TestExperts::typingSearches() {
    ThemeStore themes;
    ExpertSearch search(&themes);
    search.setRange(1, 27, 64);
    ExpertQuery got;
    QSignalSpy requested(&search, &ExpertSearch::searchRequested);
    connect(&search, &ExpertSearch::searchRequested, this, [&](const ExpertQuery& query) { got = query; });
    search.show();
    QTRY_VERIFY(!requested.isEmpty());
    QCOMPARE(got.layer, 1);
    requested.clear();
    auto* layer = search.findChild<QSpinBox*>(QStringLiteral("layer"));
    layer->selectAll();
    QTest::keyClicks(layer, QStringLiteral("12"));
    auto* expert = search.findChild<QSpinBox*>(QStringLiteral("expert"));
    expert->selectAll();
    QTest::keyClicks(expert, QStringLiteral("40"));
    auto* gate = search.findChild<QDoubleSpinBox*>(QStringLiteral("gate"));
    gate->setValue(0.3);
    search.findChild<Choice*>(QStringLiteral("rank"))->choose(QStringLiteral("2"));
    QTRY_VERIFY(!requested.isEmpty());
    QCOMPARE(requested.size(), 1);  // typing is one search
    const ExpertQuery wanted{12, 40, 0.3, 2, false};
    QVERIFY(got == wanted);
    // Another model has fewer layers.
    search.setRange(1, 4, 32);
    QCOMPARE(search.query().layer, 4);
    QCOMPARE(search.query().expert, 31);
}

void TestExperts::keysOpenAHit() {
    ThemeStore themes;
    ExpertSearch search(&themes);
    search.show();
    QVERIFY(QTest::qWaitForWindowExposed(&search));
    search.showHits(search.query(), someHits(5), 5, {});
    QSignalSpy opened(&search, &ExpertSearch::opened);
    auto* layer = search.findChild<QSpinBox*>(QStringLiteral("layer"));
    layer->setFocus();
    QTest::keyClick(layer, Qt::Key_Return);
    QTRY_VERIFY(search.list()->hasFocus());
    QTest::keyClick(search.list(), Qt::Key_Down);
    QTest::keyClick(search.list(), Qt::Key_Return);
    QCOMPARE(opened.size(), 1);
    QCOMPARE(opened[0][0].toLongLong(), 1);
    QCOMPARE(opened[0][1].toLongLong(), 100);
    QCOMPARE(opened[0][2].toInt(), 1);
    QTest::keyClick(search.list(), Qt::Key_Escape);
    QVERIFY(!search.isVisible());
}

void TestExperts::answersToOldQueriesAreDropped() {
    ThemeStore themes;
    ExpertSearch search(&themes);
    search.show();
    const ExpertQuery old = search.query();
    search.setQuery({3, 4, 0, 0, true});
    search.showHits(old, someHits(5), 5, {});
    QCOMPARE(search.model()->rowCount(), 0);
    search.showHits(search.query(), someHits(2), 900, QStringLiteral("And a note."));
    QCOMPARE(search.model()->rowCount(), 2);
    QStringList texts;
    for (const QLabel* label : search.findChildren<QLabel*>()) texts << label->text();
    QVERIFY(texts.join(QLatin1Char(' ')).contains(QStringLiteral("The first 2 of 900 tokens")));
    QVERIFY(texts.join(QLatin1Char(' ')).contains(QStringLiteral("And a note.")));
    search.showError(QStringLiteral("The disk is gone."));
    QCOMPARE(search.model()->rowCount(), 0);
}

void TestExperts::anExperimentIsShownAsItComes() {
    ThemeStore themes;
    InspectorModel model;
    ExperimentView view(&model, &themes);
    view.resize(420, 700);
    view.show();
    auto* run = view.findChild<QPushButton*>(QStringLiteral("run"));
    QSignalSpy wanted(&view, &ExperimentView::runRequested), stopped(&view, &ExperimentView::stopRequested);
    view.setReason(QStringLiteral("Load a model."));
    QVERIFY(!run->isEnabled());
    view.setReason({});
    view.findChild<Choice*>(QStringLiteral("figure"))->choose(QStringLiteral("active"));
    run->click();
    QCOMPARE(wanted.size(), 1);
    QCOMPARE(wanted[0][0].toString(), QStringLiteral("active"));
    QVERIFY(view.csv().isEmpty());
    ExperimentResults results;
    results.title = QStringLiteral("Loss");
    results.to = 2;
    view.begin(results);
    QVERIFY(view.running());
    run->click();
    QCOMPARE(stopped.size(), 1);
    view.setProgress(0.5);
    QCOMPARE(view.findChild<QProgressBar*>()->value(), 500);
    view.add(point(0, 0.25));
    view.add(point(1, 1.5));
    view.add(point(0, 3, true));
    view.end(QStringLiteral("The experiment was stopped."));
    QVERIFY(!view.running());
    QVERIFY(run->isEnabled());
    QCOMPARE(view.csv(), QStringLiteral("# Values\nsetting,x,reference,nats_per_token,bits_per_token,tokens\n"
                                        "x = 0,0,0,0.250000,0.360674,33\nx = 1,1,0,1.500000,2.164043,33\n"
                                        "x = 0,0,1,3.000000,4.328085,33\n"));
    QVERIFY(view.plot().words().contains(QStringLiteral("x = 1: 1.5")));
}

void TestExperts::thePlotIsTrue() {
    ThemeStore themes;
    themes.setMode(ThemeStore::Mode::kDark);
    InspectorModel model;
    ExperimentView view(&model, &themes);
    ExperimentResults results;
    results.title = QStringLiteral("Loss");
    results.to = 2;
    view.begin(results);
    const ExperimentResult points[] = {point(0, 1), point(1, 2), point(2, 3), point(0, 2.5, true)};
    for (const ExperimentResult& p : points) view.add(p);
    view.end({});
    const QRectF body(10, 10, 400, 260);
    QImage image(420, 280, QImage::Format_RGB32);
    image.fill(themes.theme().panel);
    QPainter painter(&image);
    view.plot().paint(painter, body);
    painter.end();
    const QPointF first = view.plot().placeOf(points[0], body), second = view.plot().placeOf(points[1], body),
                  third = view.plot().placeOf(points[2], body), line = view.plot().placeOf(points[3], body);
    // Equal steps of x and y are equal on the paper, more loss is higher, and all lie within.
    QCOMPARE(second.x() - first.x(), third.x() - second.x());
    QCOMPARE(first.y() - second.y(), second.y() - third.y());
    QVERIFY(third.y() < second.y());
    QCOMPARE(line.y(), (second.y() + third.y()) / 2);
    for (const QPointF& p : {first, second, third}) QVERIFY(body.contains(p));
    QCOMPARE(image.pixelColor(third.toPoint()), themes.theme().blue);
    QCOMPARE(image.pixelColor(second.toPoint()), themes.theme().blue);
    QCOMPARE(image.pixelColor(first.toPoint()), themes.theme().panel);  // a ring: the model as it is
    QVERIFY(view.plot().tipAt(third, body).contains(QStringLiteral("3")));
    QVERIFY(view.plot().tipAt(QPointF(body.left() + 60, body.bottom() - 60), body).isEmpty());
    QVERIFY(view.plot().tipAt(QPointF(body.center().x() + 30, line.y()), body).contains(QStringLiteral("2.5")));
    // One point, all alike, and nothing have a picture too.
    for (const double nats : {0.0, 1e-9, 5.0}) {
        view.begin(results);
        view.add(point(0, nats));
        QPainter again(&image);
        view.plot().paint(again, body);
        QVERIFY(body.contains(view.plot().placeOf(point(0, nats), body)));
    }
}

QTEST_MAIN(TestExperts)
#include "test_experts.moc"
