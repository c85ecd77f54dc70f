#include <QGlyphRun>
#include <QPainter>
#include <QRawFont>
#include <algorithm>
#include <cmath>
#include <map>

#include "ui/math/font.h"
#include "ui/math/set_formula.h"
#include "ui/theme.h"

namespace moescope {
namespace {

/// The font at a size in pixels. Raw fonts belong to their thread.
const QRawFont& rawFont(double pixels) {
    thread_local std::map<int, QRawFont> fonts;
    constexpr std::size_t kMost = 64;
    const int key = static_cast<int>(std::lround(pixels * 16));
    auto found = fonts.find(key);
    if (found == fonts.end()) {
        if (fonts.size() >= kMost) fonts.clear();
        found = fonts.emplace(key, QRawFont(MathFont::instance().data(), key / 16.0, QFont::PreferNoHinting)).first;
    }
    return found->second;
}

/// The color, made lighter or darker until it can be told from the background.
QColor readable(char32_t rgb, const QColor& background) {
    QColor color(static_cast<QRgb>(rgb));
    constexpr double kLeast = 3;  // WCAG's for graphics and large letters
    const bool lighter = background.lightnessF() < 0.5;
    for (int step = 0; step < 20 && contrastRatio(color, background) < kLeast; ++step) {
        float h, s, l;
        color.getHslF(&h, &s, &l);
        color = QColor::fromHslF(std::max(0.0F, h), s, std::clamp(l + (lighter ? 0.05F : -0.05F), 0.0F, 1.0F));
    }
    return color;
}

}  // namespace

void drawMath(QPainter* painter, const MathBox& box, QPointF origin, double em, const MathColors& colors) {
    // Glyphs of one size and color go in one run.
    struct Run {
        double size;
        std::optional<char32_t> color;
        QList<quint32> glyphs;
        QList<QPointF> places;
    };
    std::vector<Run> runs;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    for (const MathMark& mark : box.marks) {
        const QColor color = mark.color ? readable(*mark.color, colors.background) : colors.text;
        const QPointF at = origin + em * QPointF(mark.x, mark.y);
        switch (mark.kind) {
            case MathMark::kGlyph: {
                auto run = std::find_if(runs.begin(), runs.end(),
                                        [&](const Run& r) { return r.size == mark.size && r.color == mark.color; });
                if (run == runs.end()) run = runs.insert(runs.end(), {mark.size, mark.color, {}, {}});
                run->glyphs.append(mark.glyph);
                run->places.append(at);
                break;
            }
            case MathMark::kRule: {
                // Never thinner than what a screen can show evenly.
                const double width = std::max(1.0, em * mark.width), height = std::max(1.0, em * mark.height);
                const bool flat = mark.width >= mark.height;
                const QRectF area(flat ? at.x() : std::round(at.x()), flat ? std::round(at.y()) : at.y(), width,
                                  flat ? std::max(1.0, std::round(height)) : height);
                painter->fillRect(area, color);
                break;
            }
            case MathMark::kStroke:
                painter->setPen(QPen(color, std::max(1.0, em * mark.size)));
                painter->drawLine(at, at + em * QPointF(mark.width, mark.height));
                break;
            case MathMark::kWord: {
                QFont font = Theme().sans(Theme::kReading);
                font.setPixelSize(std::max(1, static_cast<int>(std::lround(em * mark.size))));
                painter->setFont(font);
                painter->setPen(color);
                painter->drawText(at, mark.text);
                break;
            }
            case MathMark::kUnknown: {
                QFont font = Theme().mono(Theme::kReading);
                font.setPixelSize(std::max(1, static_cast<int>(std::lround(em * mark.size))));
                painter->setFont(font);
                painter->setPen(colors.quiet);
                painter->drawText(at, mark.text);
                break;
            }
        }
    }
    for (const Run& run : runs) {
        QGlyphRun glyphs;
        glyphs.setRawFont(rawFont(em * run.size));
        glyphs.setGlyphIndexes(run.glyphs);
        glyphs.setPositions(run.places);
        painter->setPen(run.color ? readable(*run.color, colors.background) : colors.text);
        painter->drawGlyphRun(QPointF(), glyphs);
    }
    painter->restore();
}

}  // namespace moescope
