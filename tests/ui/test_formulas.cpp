// Formulas as they are set: against pictures that were looked at, in both themes. If these fail, the mathematics of
// answers looks different from before.
//
// MOESCOPE_UPDATE_GOLDEN=1 writes them anew. What differs is written to the build folder.

#include <QApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QPainter>
#include <QTest>
#include <cmath>
#include <fstream>

#include "ui/math/set_formula.h"
#include "ui/theme.h"

using namespace moescope;

namespace {

/// A pixel may be off by this much of 255 in a channel, and a few pixels of a picture by more.
constexpr int kTolerance = 40, kMostOff = 60;
constexpr double kEm = 18;

/// The formulas of tests/data/math/formulas.txt by their headings.
struct Chapter {
    QString name;
    QStringList formulas;
};
QList<Chapter> chapters() {
    QList<Chapter> list;
    std::ifstream file(MOESCOPE_TEST_DATA "/math/formulas.txt");
    for (std::string line; std::getline(file, line);) {
        const QString text = QString::fromStdString(line);
        if (text.startsWith(QLatin1Char('#'))) {
            list.append({text.mid(2).toLower().replace(QLatin1Char(' '), QLatin1Char('-')), {}});
        } else if (!text.isEmpty()) {
            list.last().formulas.append(text);
        }
    }
    return list;
}

/// Letters of the window's font are other ones on other machines: they are left out of the pictures.
void withoutWords(MathBox* box) {
    std::erase_if(box->marks,
                  [](const MathMark& mark) { return mark.kind == MathMark::kWord || mark.kind == MathMark::kUnknown; });
}

QImage pictureOf(const QStringList& formulas, bool dark, bool words) {
    constexpr int kWidth = 760, kMargin = 8;
    const Theme theme = dark ? Theme::makeDark() : Theme::makeLight();
    const MathColors colors{theme.text, theme.dim, theme.background};
    std::vector<std::shared_ptr<const SetFormula>> set;
    double height = kMargin;
    for (const QString& source : formulas) {
        set.push_back(setFormula(source));
        if (set.back()) height += std::ceil(kEm * (set.back()->height() + set.back()->depth())) + kMargin;
    }
    QImage image(kWidth, static_cast<int>(height), QImage::Format_RGB32);
    image.fill(theme.background);
    QPainter painter(&image);
    double y = kMargin;
    for (const auto& formula : set) {
        if (!formula) continue;
        const double baseline = std::round(y + kEm * formula->height());
        double x = kMargin;
        for (MathBox box : formula->segments) {
            if (!words) withoutWords(&box);
            drawMath(&painter, box, {x, baseline}, kEm, colors);
            x += kEm * box.width;
        }
        for (const SetFormula::Tag& tag : formula->tags) {
            drawMath(&painter, tag.box, {kWidth - kMargin - kEm * tag.box.width, baseline + kEm * tag.y}, kEm, colors);
        }
        y += std::ceil(kEm * (formula->height() + formula->depth())) + kMargin;
    }
    return image;
}

int pixelsOff(const QImage& a, const QImage& b) {
    if (a.size() != b.size()) return a.width() * a.height();
    int off = 0;
    for (int y = 0; y < a.height(); ++y) {
        for (int x = 0; x < a.width(); ++x) {
            const QRgb p = a.pixel(x, y), q = b.pixel(x, y);
            const int most =
                std::max({std::abs(qRed(p) - qRed(q)), std::abs(qGreen(p) - qGreen(q)), std::abs(qBlue(p) - qBlue(q))});
            off += most > kTolerance ? 1 : 0;
        }
    }
    return off;
}

}  // namespace

class FormulasTest : public QObject {
    Q_OBJECT

private slots:
    void pictures_data();
    void pictures();
    void looks();
    void everythingFits();
    void partsOfLines();
    void marksKnowTheirSource();
};

void FormulasTest::pictures_data() {
    QTest::addColumn<QStringList>("formulas");
    QTest::addColumn<bool>("dark");
    for (const Chapter& chapter : chapters()) {
        for (const bool dark : {false, true}) {
            QTest::addRow("%s-%s", qPrintable(chapter.name), dark ? "dark" : "light") << chapter.formulas << dark;
        }
    }
}

void FormulasTest::pictures() {
    QFETCH(QStringList, formulas);
    QFETCH(bool, dark);
    const QString name = QString::fromLatin1(QTest::currentDataTag()) + QStringLiteral(".png");
    const QImage image = pictureOf(formulas, dark, false);
    const QString golden = QDir(QStringLiteral(MOESCOPE_MATH_GOLDEN)).filePath(name);
    if (qEnvironmentVariableIsSet("MOESCOPE_UPDATE_GOLDEN")) {
        QVERIFY(image.convertToFormat(QImage::Format_RGB16).save(golden, "PNG", 5));  // rounded, for smaller files
        return;
    }
    const QImage wanted(golden);
    QVERIFY2(!wanted.isNull(), qPrintable(golden));
    const int off = pixelsOff(image, wanted.convertToFormat(QImage::Format_RGB32));
    if (off > kMostOff) {
        QDir().mkpath(QStringLiteral(MOESCOPE_MATH_GOLDEN_OUT));
        image.save(QDir(QStringLiteral(MOESCOPE_MATH_GOLDEN_OUT)).filePath(name));
    }
    QVERIFY2(off <= kMostOff, qPrintable(QStringLiteral("%1: %2 pixels are off").arg(name).arg(off)));
}

/// Not compared: with the words too, for those who look at them. MOESCOPE_MATH_LOOKS is the folder.
void FormulasTest::looks() {
    const QString folder = qEnvironmentVariable("MOESCOPE_MATH_LOOKS");
    if (folder.isEmpty()) QSKIP("MOESCOPE_MATH_LOOKS names no folder");
    for (const Chapter& chapter : chapters()) {
        QVERIFY(pictureOf(chapter.formulas, false, true).save(QDir(folder).filePath(chapter.name + "-light.png")));
        QVERIFY(pictureOf(chapter.formulas, true, true).save(QDir(folder).filePath(chapter.name + "-dark.png")));
    }
}

/// What is set has sizes that are numbers, and its marks lie in its box, up to accents and the slant of letters.
void FormulasTest::everythingFits() {
    for (const Chapter& chapter : chapters()) {
        for (const QString& source : chapter.formulas) {
            const auto formula = setFormula(source);
            QVERIFY2(formula, qPrintable(source));
            QVERIFY(!formula->segments.empty());
            for (const MathBox& box : formula->segments) {
                QVERIFY2(std::isfinite(box.width) && box.width > -0.5 && box.width < 60, qPrintable(source));
                QVERIFY2(std::isfinite(box.height) && std::isfinite(box.depth), qPrintable(source));
                QVERIFY2(box.height < 12 && box.depth < 12, qPrintable(source));
                if (source.contains(QStringLiteral("smash"))) continue;
                for (const MathMark& mark : box.marks) {
                    const QRectF rect = markRect(mark);
                    QVERIFY2(rect.left() > -0.5 && rect.right() < box.width + 0.6, qPrintable(source));
                    QVERIFY2(rect.top() > -box.height - 0.2 && rect.bottom() < box.depth + 0.2, qPrintable(source));
                }
            }
        }
    }
}

void FormulasTest::partsOfLines() {
    QCOMPARE(setFormula(QStringLiteral("\\(a = b\\)"))->segments.size(), std::size_t{1});
    const auto broken = setFormula(QStringLiteral("\\(aaaaaa + bbbbbb = \\left(c + d\\right) - e\\)"));
    QCOMPARE(broken->segments.size(), std::size_t{4});
    const auto display = setFormula(QStringLiteral("\\[aaaaaa + bbbbbb = cccccc\\]"));
    QCOMPARE(display->segments.size(), std::size_t{1});
    QVERIFY(display->display);
    QVERIFY(!setFormula(QStringLiteral("\\[a + b\\]"), true)->display);
    QVERIFY(!setFormula(QStringLiteral("\\(a + ")));
    QVERIFY(!setFormula(QStringLiteral("\\(\\frac{a}\\)")));
    QCOMPARE(setFormula(QStringLiteral("\\[a\\tag{1}\\]"))->tags.size(), std::size_t{1});
    QCOMPARE(setFormula(QStringLiteral("\\begin{align}a&=b\\tag{1}\\\\c&=d\\tag{2}\\end{align}"))->tags.size(),
             std::size_t{2});
    // A display's fractions are larger.
    const auto inLine = setFormula(QStringLiteral("\\[\\frac{a}{b}\\]"), true);
    const auto alone = setFormula(QStringLiteral("\\[\\frac{a}{b}\\]"));
    QVERIFY(alone->height() > inLine->height() + 0.1);
}

void FormulasTest::marksKnowTheirSource() {
    const QString source = QStringLiteral("\\(x_1 + \\frac{ab}{c}\\)");
    const auto formula = setFormula(source);
    QStringList seen;
    for (const MathBox& box : formula->segments) {
        for (const MathMark& mark : box.marks) {
            seen << source.mid(static_cast<int>(mark.begin), static_cast<int>(mark.end - mark.begin));
        }
    }
    seen.sort();
    QCOMPARE(seen, (QStringList{"+", "1", "\\frac", "a", "b", "c", "x"}));
}

QTEST_MAIN(FormulasTest)
#include "test_formulas.moc"
