// Views as pictures of any size and as data.

#include <QBuffer>
#include <QFile>
#include <QImage>
#include <QMenu>
#include <QSvgRenderer>
#include <QTemporaryDir>
#include <QXmlStreamReader>

#include "tests/inspector/bench.h"
#include "ui/inspector/chart.h"
#include "ui/inspector/charts/layers_chart.h"
#include "ui/inspector/figure.h"
#include "ui/inspector/save_view.h"

using namespace moescope;
using samples::Sample;

class TestSaving : public QObject {
    Q_OBJECT

private:
    static QByteArray read(const QString& path) {
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    /// How many colours a picture has, up to `most`.
    static int colours(const QImage& image, int most = 40) {
        QSet<QRgb> seen;
        for (int y = 0; y < image.height() && seen.size() < most; y += 2) {
            for (int x = 0; x < image.width() && seen.size() < most; x += 2) seen << image.pixel(x, y);
        }
        return static_cast<int>(seen.size());
    }

    QTemporaryDir m_dir;

private Q_SLOTS:
    void everyViewInEveryFormatAndSize_data() {
        // What experiments show comes from an engine; the sample leaves no expert unused.
        addViewRows({ViewKind::kExperiments, ViewKind::kUnused});
    }
    void everyViewInEveryFormatAndSize() {
        QFETCH(ViewKind, kind);
        InspectorBench bench;
        Sample a(1, 60, 10), b(2, 40);
        bench.model().setOffers({{1, QStringLiteral("One, \"quoted\""), {}}, {2, QStringLiteral("Two"), {}}});
        bench.model().setLoader([&](qint64 wanted) { return wanted == 1 ? a.source : b.source; });
        bench.model().setSource(a.source);
        bench.model().compare(1, 2);
        bench.selection().choose({1, 20, 20, 1, 3});
        // The view was never shown: saving must compute what it needs.
        InspectorView* view = bench.dock.view(kind);
        const auto path = [&](const QString& name) { return m_dir.filePath(view->name() + name); };
        for (const QSize size : {QSize(1, 1), QSize(90, 60), QSize(700, 500), QSize(1600, 2400)}) {
            const Status saved = savePicture(*view, path(QStringLiteral(".png")), size);
            QVERIFY2(saved.ok(), saved.message().c_str());
            const QImage image(path(QStringLiteral(".png")));
            QCOMPARE(image.size(), size);
            if (size.width() >= 700) QVERIFY2(colours(image) > 10, qPrintable(QString::number(colours(image))));
        }
        // Twice as fine is twice as large, not something else.
        QVERIFY(savePicture(*view, path(QStringLiteral(".fine.PNG")), {1400, 1000}, 2).ok());
        QCOMPARE(QImage(path(QStringLiteral(".fine.PNG"))).size(), QSize(1400, 1000));

        QVERIFY(savePicture(*view, path(QStringLiteral(".svg")), {700, 900}).ok());
        QSvgRenderer svg(path(QStringLiteral(".svg")));
        QVERIFY(svg.isValid());
        QCOMPARE(svg.viewBox(), QRect(0, 0, 700, 900));
        QImage drawn(700, 900, QImage::Format_RGB32);
        QPainter p(&drawn);
        svg.render(&p);
        p.end();
        QVERIFY(colours(drawn) > 10);

        QVERIFY(savePicture(*view, path(QStringLiteral(".pdf")), {700, 900}).ok());
        const QByteArray pdf = read(path(QStringLiteral(".pdf")));
        QVERIFY(pdf.startsWith("%PDF-") && pdf.trimmed().endsWith("%%EOF"));
        QVERIFY(pdf.contains("/MediaBox [0 0 700"));

        QVERIFY(saveData(*view, path(QStringLiteral(".csv"))).ok());
        const QString csv = QString::fromUtf8(read(path(QStringLiteral(".csv"))));
        QVERIFY(csv.count(QLatin1Char('\n')) > 3);
        QCOMPARE(csv, view->csv());
        // Each table has as many fields in each line as its head has names.
        qsizetype fields = 0;
        for (const QString& line : csv.split(QLatin1Char('\n'))) {
            if (line.isEmpty() || line.startsWith(QLatin1Char('#'))) {
                fields = 0;
                continue;
            }
            QString plain;
            bool quoted = false;
            for (const QChar c : line) {
                if (c == QLatin1Char('"')) quoted = !quoted;
                plain += quoted && c == QLatin1Char(',') ? QLatin1Char(';') : c;
            }
            const qsizetype n = plain.count(QLatin1Char(',')) + 1;
            if (fields == 0) fields = n;
            QVERIFY2(n == fields, qPrintable(line));
        }
    }

    void refusesWhatCannotBe() {
        InspectorBench bench;
        InspectorView* view = bench.dock.currentView();
        Status saved = savePicture(*view, m_dir.filePath(QStringLiteral("x.gif")), {10, 10});
        QVERIFY(!saved.ok());
        QVERIFY(QString::fromStdString(saved.message()).contains(QStringLiteral(".png, .svg or .pdf")));
        QVERIFY(!QFile::exists(m_dir.filePath(QStringLiteral("x.gif"))));
        for (const QSize size : {QSize(0, 10), QSize(10, -1), QSize(40'000, 10)})
            QVERIFY(!savePicture(*view, m_dir.filePath(QStringLiteral("x.png")), size).ok());
        saved = savePicture(*view, QStringLiteral("/no/such/folder/x.png"), {10, 10});
        QVERIFY(!saved.ok());
        QVERIFY(QString::fromStdString(saved.message()).contains(QStringLiteral("/no/such/folder")));
        QVERIFY(!saveData(*view, QStringLiteral("/no/such/folder/x.csv")).ok());
    }

    /// What was clicked, without the marks of the selection, hidden charts and empty room below.
    void oneChartIsSavedAsItIs() {
        InspectorBench bench;
        Sample a(1, 60, 10);
        bench.model().setSource(a.source);
        InspectorView& view = bench.show(ViewKind::kLayers);
        ChartWidget* shown = nullptr;
        for (ChartWidget* chart : view.charts()) {
            if (chart->isVisible() && !shown) shown = chart;
        }
        QVERIFY(shown);
        const int width = 500, one = view.pictureHeight(width, shown);
        int all = 0, hidden = 0;
        for (ChartWidget* chart : view.charts()) {
            (chart->isHidden() ? hidden : all) += view.pictureHeight(width, chart) - bench.themes.theme().space(8);
        }
        QVERIFY(hidden > 0);
        QCOMPARE(view.pictureHeight(width), all + bench.themes.theme().space(8));
        QVERIFY(view.csv(shown).count(QLatin1Char('#')) == 1 && view.csv().count(QLatin1Char('#')) == 2);

        const auto save = [&](const char* name) {
            const QString file = m_dir.filePath(QString::fromLatin1(name));
            const Status saved = savePicture(view, file, {width, one}, 1, shown);
            return saved.ok() ? QImage(file) : QImage();
        };
        const QImage plain = save("plain.png");
        QCOMPARE(plain.size(), QSize(width, one));
        bench.selection().choose({1, 20, 20, 1, 3});
        bench.selection().hover(Spot::ofExpert(0, 2));
        bench.settle();
        QCOMPARE(save("marked.png"), plain);
        QCOMPARE(bench.selection().chosen().expert, 3);
    }

    void clickedChartsCanBeSavedAlone() {
        InspectorBench bench;
        Sample a(1, 60, 10);
        bench.model().setSource(a.source);
        InspectorView& view = bench.show(ViewKind::kLayers);
        QMenu menu;
        addSaveActions(menu, view, view.charts().front());
        QStringList texts;
        for (const QAction* action : menu.actions()) texts << action->text();
        QVERIFY2(texts.first().contains(view.charts().front()->chart().title()), qPrintable(texts.first()));
        QCOMPARE(texts.size(), 6);  // a figure and two of the chart, a line, two of the view
        // Of a chart that is named by its token, "&" is a letter.
        Sample b(3, 4);
        b.source->place(3, "& b", std::vector<TranscriptToken>{{0, 1, 0}}, allTokens(*b.log));
        bench.model().setSource(b.source);
        bench.selection().choose(Spot::ofToken(3, 0));
        InspectorView& details = bench.show(ViewKind::kDetails);
        QMenu of_token;
        addSaveActions(of_token, details, details.charts().front());
        QVERIFY2(of_token.actions().first()->text().contains(QStringLiteral("“&&”")),
                 qPrintable(of_token.actions().first()->text()));
    }

    /// A figure is as wide as asked for, on its own ground, says what it is of, and leaves the window as it is.
    void figuresAreOfOneChart() {
        InspectorBench bench;
        Sample a(1, 60, 10);
        bench.model().setSource(a.source);
        bench.model().setScope({.prompt = false, .text = {}});
        bench.model().setOrigin(QStringLiteral("Some model · Q4_K_M"));
        bench.show(ViewKind::kLayers);
        ChartWidget* widget = nullptr;
        QVERIFY(bench.chart<LayersChart>(&widget));
        const QStringList caption = figureCaption(*widget);
        QCOMPARE(caption, (QStringList{QStringLiteral("Layers × experts · Answer 1 · answer · 50 of 60 token(s)"),
                                       QStringLiteral("Some model · Q4_K_M")}));
        const QImage before = widget->grab().toImage();
        const auto save = [&](const char* name, const FigureOptions& options) {
            const QString file = m_dir.filePath(QString::fromLatin1(name));
            const Status saved = saveFigure(*widget, file, options);
            return saved.ok() ? file : QString::fromStdString(saved.message());
        };
        using Ground = FigureOptions::Ground;
        const QImage white(save("white.png", {Ground::kWhite, 127, true}));
        QCOMPARE(white.width(), 1500);  // 5 inches of 300 dots
        QCOMPARE(white.dotsPerMeterX(), 11811);
        QCOMPARE(white.pixel(2, 2), 0xffffffffu);
        const QImage clear(save("clear.png", {Ground::kTransparent, 127, true}));
        QCOMPARE(clear.size(), white.size());
        QCOMPARE(qAlpha(clear.pixel(2, 2)), 0);
        QVERIFY(qAlpha(clear.pixel(700, 300)) == 255);
        const QImage themed(save("themed.png", {Ground::kTheme, 127, true}));
        QCOMPARE(themed.pixel(2, 2), bench.themes.theme().panel.rgb());
        const QImage bare(save("bare.png", {Ground::kWhite, 127, false}));
        QVERIFY(bare.height() < white.height());
        QVERIFY(QImage(save("narrow.png", {Ground::kWhite, 60, false})).width() == 709);
        QSvgRenderer svg(save("figure.svg", {}));
        QVERIFY(svg.isValid());
        QVERIFY(read(save("figure.svg", {})).contains("50 of 60"));
        QVERIFY(read(save("figure.pdf", {})).startsWith("%PDF-"));
        QVERIFY(save("figure.gif", {}).contains(QStringLiteral(".png, .svg or .pdf")));
        QVERIFY(save("wide.png", {Ground::kWhite, 4000, false}).contains(QStringLiteral("4000 mm")));
        QCOMPARE(widget->grab().toImage(), before);
    }

    void menuOffersBoth() {
        InspectorBench bench;
        QMenu menu;
        addSaveActions(menu, *bench.dock.currentView());
        QCOMPARE(menu.actions().size(), 2);
        QCOMPARE(menu.actions()[0]->text(), QStringLiteral("Save picture…"));
        QCOMPARE(menu.actions()[1]->text(), QStringLiteral("Save data…"));
    }

    void textsThatASpreadsheetWouldCompute() {
        QCOMPARE(csvField(QStringLiteral("=1+2")), QStringLiteral("'=1+2"));
        QCOMPARE(csvField(QStringLiteral("+a")), QStringLiteral("'+a"));
        QCOMPARE(csvField(QStringLiteral("-")), QStringLiteral("'-"));
        QCOMPARE(csvField(QStringLiteral("@SUM(A1)")), QStringLiteral("'@SUM(A1)"));
        QCOMPARE(csvField(QStringLiteral("\t=1")), QStringLiteral("'\t=1"));
        QCOMPARE(csvField(QStringLiteral("\r=1")), QStringLiteral("\"'\r=1\""));
        QCOMPARE(csvField(QStringLiteral("=A,\"B\"")), QStringLiteral("\"'=A,\"\"B\"\"\""));
        QCOMPARE(csvField(QStringLiteral(" a=b")), QStringLiteral(" a=b"));
        QCOMPARE(csvField({}), QString());
    }
};

QTEST_MAIN(TestSaving)
#include "test_saving.moc"
