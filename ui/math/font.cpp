#include "ui/math/font.h"

#include <QFile>
#include <QFontMetricsF>
#include <algorithm>
#include <array>

#include "ui/theme.h"

static void initializeResources() {
    Q_INIT_RESOURCE(math);
}

namespace moescope {
namespace {

/// Of the font's feature "ssty".
std::vector<unsigned> scriptLookups(hb_face_t* face) {
    constexpr hb_tag_t kScript = HB_TAG('m', 'a', 't', 'h'), kFeature = HB_TAG('s', 's', 't', 'y');
    unsigned script = 0, feature = 0;
    hb_tag_t chosen = 0;
    if (!hb_ot_layout_table_select_script(face, HB_OT_TAG_GSUB, 1, &kScript, &script, &chosen) ||
        !hb_ot_layout_language_find_feature(face, HB_OT_TAG_GSUB, script, HB_OT_LAYOUT_DEFAULT_LANGUAGE_INDEX, kFeature,
                                            &feature))
        return {};
    std::array<unsigned, 8> lookups{};
    unsigned count = lookups.size();
    hb_ot_layout_feature_get_lookups(face, HB_OT_TAG_GSUB, feature, 0, &count, lookups.data());
    return {lookups.begin(), lookups.begin() + count};
}

}  // namespace

const MathFont& MathFont::instance() {
    static const MathFont kFont;
    return kFont;
}

MathFont::MathFont() {
    initializeResources();
    QFile file(QStringLiteral(":/fonts/latinmodern-math.otf"));
    if (!file.open(QIODevice::ReadOnly)) qFatal("the font of formulas is not in the program");
    m_data = file.readAll();
    hb_blob_t* blob = hb_blob_create(m_data.constData(), static_cast<unsigned>(m_data.size()), HB_MEMORY_MODE_READONLY,
                                     nullptr, nullptr);
    m_face = hb_face_create(blob, 0);
    hb_blob_destroy(blob);
    m_font = hb_font_create(m_face);
    m_em = hb_face_get_upem(m_face);
    hb_font_make_immutable(m_font);
    m_script_lookups = scriptLookups(m_face);
}

MathFont::~MathFont() {
    hb_font_destroy(m_font);
    hb_face_destroy(m_face);
}

hb_codepoint_t MathFont::glyph(char32_t code) const {
    hb_codepoint_t glyph = 0;
    return hb_font_get_nominal_glyph(m_font, code, &glyph) ? glyph : 0;
}

hb_codepoint_t MathFont::scriptForm(hb_codepoint_t glyph, unsigned level) const {
    for (const unsigned lookup : m_script_lookups) {
        std::array<hb_codepoint_t, 2> forms{};
        unsigned count = forms.size();
        if (hb_ot_layout_lookup_get_glyph_alternates(m_face, lookup, glyph, 0, &count, forms.data()) == 0) continue;
        return forms[std::min(level, count) - 1];
    }
    return glyph;
}

GlyphMeasures MathFont::measures(hb_codepoint_t glyph) const {
    GlyphMeasures m;
    m.advance = hb_font_get_glyph_h_advance(m_font, glyph) / m_em;
    hb_glyph_extents_t ink{};
    if (hb_font_get_glyph_extents(m_font, glyph, &ink)) {
        m.left = ink.x_bearing / m_em;
        m.right = (ink.x_bearing + ink.width) / m_em;
        m.height = ink.y_bearing / m_em;
        m.depth = -(ink.y_bearing + ink.height) / m_em;  // the height is negative there
    }
    m.italic = hb_ot_math_get_glyph_italics_correction(m_font, glyph) / m_em;
    const double accent = hb_ot_math_get_glyph_top_accent_attachment(m_font, glyph) / m_em;
    if (accent != 0) m.accent = accent;
    return m;
}

double MathFont::constant(hb_ot_math_constant_t which) const {
    return hb_ot_math_get_constant(m_font, which) / m_em;
}

double MathFont::factor(hb_ot_math_constant_t which) const {
    return hb_ot_math_get_constant(m_font, which) / 100.0;
}

namespace {

constexpr unsigned kMostForms = 32;
constexpr int kMostRepeats = 400;

hb_direction_t direction(bool vertical) {
    return vertical ? HB_DIRECTION_BTT : HB_DIRECTION_LTR;
}

}  // namespace

Stretched MathFont::stretched(hb_codepoint_t glyph, double size, bool vertical) const {
    std::array<hb_ot_math_glyph_variant_t, kMostForms> forms{};
    unsigned count = forms.size();
    hb_ot_math_get_glyph_variants(m_font, glyph, direction(vertical), 0, &count, forms.data());
    Stretched result;
    if (glyph == 0) return result;
    const auto alone = [&](hb_codepoint_t form, double advance) {
        result.parts = {{form, 0}};
        result.size = advance;
    };
    const GlyphMeasures plain = measures(glyph);
    alone(glyph, vertical ? plain.height + plain.depth : plain.advance);
    if (result.size >= size) return result;
    for (unsigned i = 0; i < count; ++i) {
        alone(forms[i].glyph, forms[i].advance / m_em);
        if (result.size >= size) return result;
    }
    Stretched whole = assembled(glyph, size, vertical);
    return whole.parts.empty() ? result : whole;
}

Stretched MathFont::assembled(hb_codepoint_t glyph, double size, bool vertical) const {
    Stretched result;
    std::array<hb_ot_math_glyph_part_t, kMostForms> parts{};
    unsigned part_count = parts.size();
    hb_position_t italic = 0;
    hb_ot_math_get_glyph_assembly(m_font, glyph, direction(vertical), 0, &part_count, parts.data(), &italic);
    if (part_count == 0) return result;
    const double least = hb_ot_math_get_min_connector_overlap(m_font, direction(vertical)) / m_em;
    const auto sequence = [&](int repeats) {
        std::vector<hb_ot_math_glyph_part_t> list;
        for (unsigned i = 0; i < part_count; ++i) {
            const bool extends = parts[i].flags & HB_OT_MATH_GLYPH_PART_FLAG_EXTENDER;
            list.insert(list.end(), extends ? static_cast<std::size_t>(repeats) : 1, parts[i]);
        }
        return list;
    };
    const auto length = [&](const std::vector<hb_ot_math_glyph_part_t>& list, double overlap) {
        double sum = 0;
        for (const auto& part : list) sum += part.full_advance / m_em;
        return sum - overlap * static_cast<double>(std::max<std::size_t>(list.size(), 1) - 1);
    };
    std::vector<hb_ot_math_glyph_part_t> list = sequence(0);
    for (int repeats = 1; repeats < kMostRepeats && (list.empty() || length(list, least) < size); ++repeats) {
        const double before = length(list, least);
        list = sequence(repeats);
        if (repeats > 1 && length(list, least) <= before) break;
    }
    if (list.empty()) return result;
    // Joints overlap more, so that the whole is as long as wanted.
    double overlap = least;
    if (list.size() > 1) {
        double most = 1e9;
        for (std::size_t i = 0; i + 1 < list.size(); ++i) {
            most = std::min({most, list[i].end_connector_length / m_em, list[i + 1].start_connector_length / m_em});
        }
        const double wanted = least + (length(list, least) - size) / static_cast<double>(list.size() - 1);
        overlap = std::clamp(wanted, least, std::max(least, most));
    }
    double at = 0;
    for (const auto& part : list) {
        result.parts.push_back({part.glyph, at});
        at += part.full_advance / m_em - overlap;
    }
    result.size = at + overlap;
    return result;
}

hb_codepoint_t MathFont::widest(hb_codepoint_t glyph, double size) const {
    std::array<hb_ot_math_glyph_variant_t, kMostForms> forms{};
    unsigned count = forms.size();
    hb_ot_math_get_glyph_variants(m_font, glyph, HB_DIRECTION_LTR, 0, &count, forms.data());
    hb_codepoint_t best = glyph;
    for (unsigned i = 0; i < count; ++i) {
        if (forms[i].advance / m_em <= size) best = forms[i].glyph;
    }
    return best;
}

Stretched MathFont::spanning(hb_codepoint_t glyph, double size) const {
    if (glyph == 0) return {};
    Stretched whole = assembled(glyph, size, false);
    if (!whole.parts.empty() && whole.size <= size + 0.05) return whole;
    const hb_codepoint_t form = widest(glyph, size);
    return {{{form, 0}}, measures(form).advance};
}

double wordWidth(const QString& word) {
    constexpr int kPixels = 64;
    QFont font = Theme().sans(kPixels);
    font.setPixelSize(kPixels);
    return QFontMetricsF(font).horizontalAdvance(word) / kPixels;
}

}  // namespace moescope
