#include "ui/math/set_formula.h"

#include <QCache>
#include <QMutex>
#include <algorithm>

#include "engine/math/formula.h"
#include "ui/math/layout.h"

namespace moescope {
namespace {

constexpr int kKept = 1 << 22;  // bytes of what is kept, roughly

struct Kept {
    std::shared_ptr<const SetFormula> formula;
};

std::shared_ptr<const SetFormula> layOut(const QString& source, bool inline_only) {
    const math::Formula parsed = math::parse(source.toStdString());
    if (!parsed.canBeSet()) return nullptr;
    auto set = std::make_shared<SetFormula>();
    set->display = parsed.display && !inline_only;
    MathLayout layout;
    set->segments = layout.segments(parsed.root, set->display ? math::Style::kDisplay : math::Style::kText);
    for (MathLayout::Tag& tag : layout.takeTags()) set->tags.push_back({std::move(tag.box), tag.y});
    if (!parsed.tag.isEmptyRow()) set->tags.push_back({layout.row(parsed.tag, math::Style::kText, false), 0});
    return set;
}

}  // namespace

double SetFormula::width() const {
    double width = 0;
    for (const MathBox& box : segments) width += box.width;
    return width;
}

double SetFormula::height() const {
    double height = 0;
    for (const MathBox& box : segments) height = std::max(height, box.height);
    return height;
}

double SetFormula::depth() const {
    double depth = 0;
    for (const MathBox& box : segments) depth = std::max(depth, box.depth);
    return depth;
}

std::shared_ptr<const SetFormula> setFormula(const QString& source, bool inline_only) {
    static QMutex mutex;
    static QCache<QString, Kept> kept(kKept);
    const QString key = (inline_only ? u'i' : u'd') + source;
    {
        const QMutexLocker lock(&mutex);
        if (const Kept* found = kept.object(key)) return found->formula;
    }
    std::shared_ptr<const SetFormula> set = layOut(source, inline_only);
    qsizetype bytes = 2 * key.size() + 100;
    if (set) {
        for (const MathBox& box : set->segments) {
            bytes += static_cast<qsizetype>(sizeof(MathBox) + box.marks.size() * sizeof(MathMark));
        }
    }
    const QMutexLocker lock(&mutex);
    kept.insert(key, new Kept{set}, static_cast<int>(bytes));
    return set;
}

double mathEm(double font_pixels) {
    return 1.18 * font_pixels;
}

QRectF markRect(const MathMark& mark) {
    switch (mark.kind) {
        case MathMark::kGlyph: {
            const GlyphMeasures m = MathFont::instance().measures(mark.glyph);
            return {mark.x + m.left * mark.size, mark.y - m.height * mark.size, (m.right - m.left) * mark.size,
                    (m.height + m.depth) * mark.size};
        }
        case MathMark::kRule:
        case MathMark::kStroke:
            return QRectF(mark.x, mark.y, mark.width, mark.height).normalized();
        case MathMark::kWord:
        case MathMark::kUnknown:
            return {mark.x, mark.y - 0.8 * mark.size, mark.width, mark.size};
    }
    return {};
}

}  // namespace moescope
