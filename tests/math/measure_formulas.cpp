// Prints how the formulas of a file (one a line, '#' begins a comment) are set, as JSON, a line each, for
// compare_with_latex.py:
//
//   {"source": "\\(x_1\\)", "width": 1.0, "height": 0.43, "depth": 0.15, "words": false, "letters": [["x", 0, 0], ...]}
//
// Lengths are in em. Letters are those that the font has under their own character, with the places of their origins;
// y grows downwards from the baseline. `words`: it has letters of the window's font, whose widths are not TeX's.

#include <QFile>
#include <QGuiApplication>
#include <QHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <cstdio>

#include "ui/math/font.h"
#include "ui/math/set_formula.h"

using namespace moescope;

namespace {

/// Characters by the glyph that they have by themselves.
QHash<std::uint32_t, char32_t> characters() {
    QHash<std::uint32_t, char32_t> found;
    for (char32_t code = 0x21; code < 0x1F000; ++code) {
        const hb_codepoint_t glyph = MathFont::instance().glyph(code);
        if (glyph != 0 && !found.contains(glyph)) found.insert(glyph, code);
    }
    return found;
}

}  // namespace

int main(int argc, char** argv) {
    QGuiApplication app(argc, argv);
    QFile file(argc > 1 ? QString::fromLocal8Bit(argv[1]) : QString());
    if (!file.open(QIODevice::ReadOnly)) {
        std::fputs("measure_formulas FILE: the file cannot be read\n", stderr);
        return 1;
    }
    const QHash<std::uint32_t, char32_t> codes = characters();
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
                const auto code = codes.constFind(mark.glyph);
                if (mark.kind != MathMark::kGlyph || code == codes.constEnd()) continue;
                letters.append(QJsonArray{QString::fromUcs4(&*code, 1), x + mark.x, mark.y});
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
