#pragma once
// What a formula is set to: boxes with marks in them. Lengths are in em of the formula's font; y grows downwards from
// the baseline.

#include <QString>
#include <cstdint>
#include <optional>
#include <vector>

namespace moescope {

struct MathMark {
    enum Kind : std::uint8_t {
        kGlyph,    ///< `glyph` of the font of formulas, its origin at (x, y)
        kRule,     ///< an area, `width` x `height` from (x, y) on
        kStroke,   ///< a line from (x, y) to (x + width, y + height)
        kWord,     ///< `text` in the window's font, its origin at (x, y)
        kUnknown,  ///< `text` as it is written: a command that is not known
    };
    Kind kind = kGlyph;
    double x = 0, y = 0;
    double width = 0, height = 0;
    double size = 1;  ///< of the letters, in em
    std::uint32_t glyph = 0;
    std::uint32_t begin = 0, end = 0;    ///< bytes of the formula's source
    std::optional<char32_t> color = {};  ///< 0xRRGGBB; none: that of the text
    QString text = {};
};

struct MathBox {
    double width = 0, height = 0, depth = 0;  ///< above and below the baseline
    double italic = 0;                        ///< of a glyph: the correction behind it
    std::optional<double> accent;             ///< where the middle of an accent stands
    bool single = false;                      ///< one character, whose scripts are placed by the font's own measures
    std::vector<MathMark> marks;

    /// Puts `other` at (x, y) and grows upwards and downwards as it needs; the width stays.
    void place(MathBox&& other, double x, double y = 0);
    /// Puts `other` behind what there is.
    void append(MathBox&& other) {
        const double x = width;
        width += other.width;
        place(std::move(other), x);
    }
};

}  // namespace moescope
