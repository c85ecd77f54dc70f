// Prints how the formulas of a file (one a line, '#' begins a comment) are set, as JSON, a line each, for
// compare_with_latex.py:
//
//   {"source": "\\(x_1\\)", "width": 1.0, "height": 0.43, "depth": 0.15, "words": false, "letters": [[3069, 0, 0],
//   ...]}
//
// Lengths are in em. Letters are the font's glyphs with the places of their origins; y grows downwards from the
// baseline. `words`: it has letters of the window's font, whose widths are not TeX's.

#include <QFile>
#include <QGuiApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <cstdio>

#include "ui/math/set_formula.h"

using namespace moescope;

int main(int argc, char** argv) {
    QGuiApplication app(argc, argv);
    QFile file(argc > 1 ? QString::fromLocal8Bit(argv[1]) : QString());
    if (!file.open(QIODevice::ReadOnly)) {
        std::fputs("measure_formulas FILE: the file cannot be read\n", stderr);
        return 1;
    }
    const QStringList lines = QString::fromUtf8(file.readAll()).split(QLatin1Char('\n'));
    for (const QString& source : lines) {
        if (source.isEmpty() || source.startsWith(QLatin1Char('#'))) continue;
        const auto formula = setFormula(source);
        if (!formula) continue;
        QJsonArray letters;
        bool words = false;
        double x = 0;
        for (const MathBox& box : formula->segments) {
            for (const MathMark& mark : box.marks) {
                words = words || mark.kind == MathMark::kWord || mark.kind == MathMark::kUnknown;
                if (mark.kind != MathMark::kGlyph) continue;
                letters.append(QJsonArray{static_cast<qint64>(mark.glyph), x + mark.x, mark.y});
            }
            x += box.width;
        }
        const QJsonObject line{{QStringLiteral("source"), source},
                               {QStringLiteral("width"), formula->width()},
                               {QStringLiteral("height"), formula->height()},
                               {QStringLiteral("depth"), formula->depth()},
                               {QStringLiteral("words"), words},
                               {QStringLiteral("letters"), letters}};
        std::puts(QJsonDocument(line).toJson(QJsonDocument::Compact).constData());
    }
    return 0;
}
