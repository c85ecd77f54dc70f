#pragma once
// The font of formulas: Latin Modern Math, with the measures of its OpenType MATH table. All lengths are in em.

#include <hb-ot.h>

#include <QByteArray>
#include <QString>
#include <optional>
#include <vector>

namespace moescope {

struct GlyphMeasures {
    double advance = 0;
    double left = 0, right = 0;    ///< of the ink, from the origin
    double height = 0, depth = 0;  ///< of the ink, above and below the baseline
    double italic = 0;             ///< the correction behind it
    std::optional<double> accent;  ///< where an accent's middle stands, if the font says so
};

/// A stretched glyph: what it is put together from, from the bottom or the left.
struct Stretched {
    struct Part {
        hb_codepoint_t glyph = 0;
        double at = 0;
    };
    std::vector<Part> parts;
    double size = 0;
};

/// One for the program, made when it is first asked for. Thread-safe: nothing in it changes.
class MathFont {
public:
    static const MathFont& instance();
    MathFont(const MathFont&) = delete;
    MathFont& operator=(const MathFont&) = delete;
    ~MathFont();

    /// The file.
    const QByteArray& data() const { return m_data; }
    /// 0 if the font lacks the character.
    hb_codepoint_t glyph(char32_t code) const;
    /// The form for scripts (`level` 1) or for scripts of scripts (2), which is drawn for small sizes: wider and
    /// bolder, and of primes lower. The glyph itself if it has none.
    hb_codepoint_t scriptForm(hb_codepoint_t glyph, unsigned level) const;
    GlyphMeasures measures(hb_codepoint_t glyph) const;
    double constant(hb_ot_math_constant_t which) const;
    /// A constant in percent, as a factor.
    double factor(hb_ot_math_constant_t which) const;
    /// The smallest form that is at least `size` tall (or wide), else the largest; put together from parts if the
    /// font can. Nothing for glyph 0.
    Stretched stretched(hb_codepoint_t glyph, double size, bool vertical) const;
    /// The widest form of at most `size`, else the glyph itself.
    hb_codepoint_t widest(hb_codepoint_t glyph, double size) const;
    /// As wide as `size`, put together from parts; the widest form of at most `size` if the parts are wider.
    /// Nothing for glyph 0.
    Stretched spanning(hb_codepoint_t glyph, double size) const;

private:
    MathFont();
    /// `size` long or longer; no parts if the font has none for it.
    Stretched assembled(hb_codepoint_t glyph, double size, bool vertical) const;

    QByteArray m_data;
    hb_face_t* m_face;
    hb_font_t* m_font;
    double m_em;
    std::vector<unsigned> m_script_lookups;  ///< where the font has its forms for scripts
};

/// Widths, in em, of words that the font of formulas lacks letters for; they are set in the window's font.
double wordWidth(const QString& word);

}  // namespace moescope
