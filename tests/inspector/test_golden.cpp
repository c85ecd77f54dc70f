// Every chart of the inspector, and the views that paint more than charts, against pictures that were looked at; dark
// and light. A picture of a chart has a part for each kind of data (golden_stage.h).
//
// MOESCOPE_UPDATE_GOLDEN=1 writes them anew. What differs is written to the build folder, with a picture of where.

#include <QApplication>
#include <QDir>
#include <QFontInfo>
#include <QSet>
#include <QTest>

#include "tests/inspector/golden_stage.h"
#include "ui/inspector/views/live_view.h"
#include "ui/inspector/views/tokens_view.h"
#include "ui/widgets/small_choice.h"

using namespace moescope;
using namespace moescope::golden;

namespace {

/// A pixel may be off by this much of 255 in a channel, and a few pixels of a picture by more. Qt 6.4 with
/// FreeType 2.12 and Qt 6.8 with 2.13 paint the same, so nearly all of it is for how saveGolden() rounds.
constexpr int kTolerance = 12, kMostOff = 4;

constexpr int kPartWidth = 380;

QImage partOf(const Subject& subject, Data data, bool dark) {
    Stage stage(data, dark);
    const std::unique_ptr<Chart> chart = subject.make(stage);
    chart->refresh();
    const int height = static_cast<int>(std::ceil(chart->wholeHeight(kPartWidth)));
    QImage image(kPartWidth, height, QImage::Format_RGB32);
    image.fill(stage.theme().panel);
    QPainter p(&image);
    chart->paintWhole(p, QRectF(image.rect()));
    return image;
}

/// The parts in two columns; without those that look like one before (of charts that only count, or know no selection).
QImage sheetOf(const Subject& subject, bool dark) {
    std::vector<QImage> parts;
    for (const Data data : {Data::kNormal, Data::kChosen, Data::kNan, Data::kMany, Data::kOne, Data::kEmpty}) {
        if (data == Data::kMany && !subject.many) continue;
        const QImage part = partOf(subject, data, dark);
        if (std::ranges::find(parts, part) == parts.end()) parts.push_back(part);
    }
    int height = 0;
    for (std::size_t i = 0; i < parts.size(); i += 2)
        height += std::max(parts[i].height(), i + 1 < parts.size() ? parts[i + 1].height() : 0) + 1;
    const Theme theme = dark ? Theme::makeDark() : Theme::makeLight();
    QImage sheet(2 * kPartWidth + 1, height, QImage::Format_RGB32);
    sheet.fill(theme.line);
    QPainter p(&sheet);
    for (std::size_t i = 0, y = 0; i < parts.size(); i += 2) {
        int row = 0;
        for (std::size_t column = 0; column < 2 && i + column < parts.size(); ++column) {
            p.drawImage(static_cast<int>(column) * (kPartWidth + 1), static_cast<int>(y), parts[i + column]);
            row = std::max(row, parts[i + column].height());
        }
        y += static_cast<std::size_t>(row) + 1;
    }
    return sheet;
}

int apart(QRgb a, QRgb b) {
    return std::max({std::abs(qRed(a) - qRed(b)), std::abs(qGreen(a) - qGreen(b)), std::abs(qBlue(a) - qBlue(b))});
}

/// Small: colours in steps of 16, so that they are off by up to 8, and from a palette if they are few enough.
void saveGolden(const QImage& picture, const QString& path) {
    QImage coarse = picture;
    QSet<QRgb> colours;
    for (int y = 0; y < coarse.height(); ++y) {
        auto* line = reinterpret_cast<QRgb*>(coarse.scanLine(y));
        for (int x = 0; x < coarse.width(); ++x) {
            line[x] = (line[x] & 0xfff0f0f0u) | 0x080808u;
            colours.insert(line[x]);
        }
    }
    if (colours.size() <= 256) {
        QList<QRgb> palette = colours.values();
        std::ranges::sort(palette);  // the same file each time
        coarse = coarse.convertToFormat(QImage::Format_Indexed8, palette, Qt::ThresholdDither);
    }
    coarse.save(path, "PNG", 0);
}

/// "" if the picture is as it was, else what to look at.
QString compare(const QString& name, const QImage& drawn) {
    const QString path = QStringLiteral(MOESCOPE_INSPECTOR_GOLDEN "/%1.png").arg(name);
    if (qEnvironmentVariableIsSet("MOESCOPE_UPDATE_GOLDEN")) saveGolden(drawn, path);
    const QImage golden = QImage(path).convertToFormat(QImage::Format_RGB32);
    if (golden.isNull()) return QStringLiteral("%1 is missing; MOESCOPE_UPDATE_GOLDEN=1 makes it").arg(path);
    QImage difference(drawn.size(), QImage::Format_RGB32);
    difference.fill(Qt::black);
    int off = 0, most = 0;
    for (int y = 0; y < drawn.height() && golden.size() == drawn.size(); ++y) {
        for (int x = 0; x < drawn.width(); ++x) {
            const int here = apart(drawn.pixel(x, y), golden.pixel(x, y));
            most = std::max(most, here);
            off += here > kTolerance;
            difference.setPixel(x, y, here > kTolerance ? qRgb(255, 60, 60) : qRgb(0, 6 * here, 0));
        }
    }
    if (golden.size() == drawn.size() && off <= kMostOff) return {};
    const QDir out(QStringLiteral(MOESCOPE_INSPECTOR_GOLDEN_OUT));
    out.mkpath(QStringLiteral("."));
    const QString actual = out.filePath(name + QStringLiteral(".png")),
                  where = out.filePath(name + QStringLiteral("_difference.png"));
    drawn.save(actual);
    difference.save(where);
    const QString what = golden.size() != drawn.size()
                             ? QStringLiteral("is %1 x %2 pixels, was %3 x %4")
                                   .arg(drawn.width())
                                   .arg(drawn.height())
                                   .arg(golden.width())
                                   .arg(golden.height())
                             : QStringLiteral("%1 pixels differ, by up to %2 of 255").arg(off).arg(most);
    return QStringLiteral("%1: %2\n   was: %3\n   is:  %4\n   where: %5").arg(name, what, path, actual, where);
}

QString themed(const QString& name, bool dark) {
    return name + (dark ? QStringLiteral("_dark") : QStringLiteral("_light"));
}

}  // namespace

class TestGolden : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// Only the fonts of this folder are there, with the widths that the pictures were made with.
    void initTestCase() {
        QVERIFY(QFontInfo(Theme::makeDark().sans(Theme::kBody)).family() == QLatin1String("Inter"));
        QVERIFY(QFontInfo(Theme::makeDark().mono(Theme::kBody)).family() == QLatin1String("JetBrains Mono"));
        QCOMPARE(QFontMetricsF(Theme::makeDark().mono(20)).horizontalAdvance(QStringLiteral("0.123")), 59.375);
    }

    void charts_data() {
        QTest::addColumn<int>("subject");
        QTest::addColumn<bool>("dark");
        for (int i = 0; const Subject& subject : subjects()) {
            for (const bool dark : {true, false})
                QTest::newRow(qPrintable(themed(QString::fromLatin1(subject.name), dark))) << i << dark;
            ++i;
        }
    }
    void charts() {
        QFETCH(int, subject);
        QFETCH(bool, dark);
        const Subject chosen = subjects()[static_cast<std::size_t>(subject)];
        const QString wrong = compare(themed(QString::fromLatin1(chosen.name), dark), sheetOf(chosen, dark));
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
    }

    void live_data() { themes(); }
    void live() {
        QFETCH(bool, dark);
        Stage stage(Data::kChosen, dark);
        LiveView view(stage.model(), stage.themes());
        const QSize size(kPartWidth, view.pictureHeight(kPartWidth));
        QString wrong = compare(themed(QStringLiteral("view_live"), dark), paint(view, size));
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
    }

    /// The heatmap with axes, legend, lanes and selection, in each map that can be chosen.
    void tokens_data() { themes(); }
    void tokens() {
        QFETCH(bool, dark);
        for (const char* map : {"cividis", "viridis", "magma"}) {
            Stage stage(Data::kNan, dark);
            TokensView view(stage.model(), stage.themes());
            QVERIFY(choose(view, "Colors", map));
            QString wrong = compare(themed(QStringLiteral("view_tokens_%1").arg(QLatin1String(map)), dark),
                                    paint(view, {kPartWidth, 220}));
            QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
        }
        Stage stage(Data::kMany, dark);
        TokensView view(stage.model(), stage.themes());
        QVERIFY(choose(view, "Layers", "all"));
        QString wrong = compare(themed(QStringLiteral("view_tokens_stacked"), dark), paint(view, {kPartWidth, 220}));
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
    }

private:
    static void themes() {
        QTest::addColumn<bool>("dark");
        QTest::newRow("dark") << true;
        QTest::newRow("light") << false;
    }
    static QImage paint(InspectorView& view, const QSize& size) {
        QImage image(size, QImage::Format_RGB32);
        QPainter p(&image);
        view.paintView(p, size);
        return image;
    }
    static bool choose(InspectorView& view, const char* control, const char* what) {
        for (auto* choice : view.findChildren<SmallChoice*>()) {
            if (choice->accessibleName() != QLatin1String(control)) continue;
            choice->choose(QString::fromLatin1(what));
            return true;
        }
        return false;
    }
};

int main(int argc, char** argv) {
    // Neither the machine's fonts nor its graphics card may matter.
    qputenv("FONTCONFIG_FILE", MOESCOPE_TEST_FONTS "/fonts.conf");
    qputenv("MOESCOPE_HEATMAP", "cpu");
    QApplication app(argc, argv);
    QLocale::setDefault(QLocale::c());
    TestGolden test;
    return QTest::qExec(&test, argc, argv);
}

#include "test_golden.moc"
