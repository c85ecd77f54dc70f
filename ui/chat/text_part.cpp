#include "ui/chat/text_part.h"

#include <QFontMetricsF>
#include <QGlyphRun>
#include <QPainter>
#include <QTextBoundaryFinder>
#include <QTextLine>
#include <algorithm>
#include <cmath>

namespace moescope {

namespace {

// What stands for a formula in the layout: a blank as wide as it, at which no line is broken, and places for breaks.
constexpr QChar kBlank(0x00A0), kMayBreak(0x200B);

/// Whether some letter may run from right to left: Hebrew to Arabic Extended, presentation forms, marks, and the
/// surrogates of the planes with such scripts.
bool mayBeBidirectional(QStringView text) {
    return std::any_of(text.begin(), text.end(), [](QChar c) {
        const char16_t u = c.unicode();
        return u >= 0x0590 &&
               (u <= 0x08FF || (u >= 0xFB1D && u <= 0xFDFF) || (u >= 0xFE70 && u <= 0xFEFC) || u == 0x200F ||
                u == 0x202B || u == 0x202E || u == 0x2067 || u == 0xD802 || u == 0xD803 || u == 0xD83A || u == 0xD83B);
    });
}

QTextCharFormat formatOf(const Run& run, const TranscriptStyle& style, const QFont& font) {
    const Theme& theme = style.theme;
    QTextCharFormat format;
    if (run.style & kItalicStyle) format.setFontItalic(true);
    if (run.style & kBoldStyle) format.setFontWeight(QFont::DemiBold);
    if (run.style & kStrikeStyle) format.setFontStrikeOut(true);
    if (run.style & (kCodeStyle | kFormulaStyle)) {
        format.setFontFamilies(style.code.families());
        format.setProperty(QTextFormat::FontPixelSize, std::max(1, font.pixelSize() - theme.px(1)));
        format.setFontFixedPitch(true);
    }
    if (run.style & kImageStyle) {
        format.setFontItalic(true);
        format.setForeground(theme.dim);
    }
    if (run.link >= 0) format.setForeground(theme.blue);
    return format;
}

/// Ranges of simple letters that shall stay what they are: fonts of today join "->" or "!=" to one sign, which is not
/// what a code says, nor could it be read back from a file.
void keepLetters(QStringView text, int from, int to, QList<QTextLayout::FormatRange>* formats) {
    QTextCharFormat plain;
    plain.setFontStyleStrategy(QFont::PreferNoShaping);
    constexpr char16_t kFirstMark = 0x0300;
    for (int at = from; at < to;) {
        int end = at;
        while (end < to && text[end].unicode() < kFirstMark) ++end;
        // The letter before a mark belongs to it.
        const int simple = end < text.size() && text[end].isMark() ? end - 1 : end;
        if (simple > at) formats->append({at, simple - at, plain});
        while (end < to && text[end].unicode() >= kFirstMark) ++end;
        at = end;
    }
}

QColor colourOf(CodeColour colour, const Theme& theme) {
    switch (colour) {
        case CodeColour::kKeyword:
            return theme.code_keyword;
        case CodeColour::kString:
            return theme.code_string;
        case CodeColour::kComment:
            return theme.code_comment;
        case CodeColour::kNumber:
            return theme.code_number;
        case CodeColour::kAdded:
            return theme.ok;
        case CodeColour::kRemoved:
            return theme.danger;
    }
    return theme.text;
}

}  // namespace

TextPart::TextPart(const Setup& setup, const TranscriptStyle& style, const Inlines& inlines, std::string_view source,
                   int from, int to, const std::vector<CodeSpan>& colours)
    : m_colour(setup.colour), m_right_to_left(setup.right_to_left), m_width(setup.width) {
    QString text = inlines.text.mid(from, to - from);
    text.replace(QLatin1Char('\n'), QChar(QChar::LineSeparator));
    m_bidirectional = setup.right_to_left || mayBeBidirectional(text);
    if (!source.empty()) m_bytes = sourceBytes(inlines, source, from, to);
    if (!m_bytes.empty() && inlines.runs.empty()) m_bytes.assign(1, setup.byte);

    const auto first = std::lower_bound(inlines.runs.begin(), inlines.runs.end(), from,
                                        [](const Run& run, int at) { return run.from + run.length <= at; });
    for (auto each = first; each != inlines.runs.end() && each->from < to; ++each) {
        Run run = *each;
        const int end = std::min(run.from + run.length, to);
        run.from = std::max(run.from, from);
        run.length = end - run.from;
        run.from -= from;
        if (run.length <= 0 || (run.style == kPlainStyle && run.link < 0)) continue;
        if (run.link >= 0) {
            m_links.push_back(inlines.links[static_cast<std::size_t>(run.link)]);
            run.link = static_cast<int>(m_links.size()) - 1;
        }
        m_runs.push_back(run);
    }
    if (!inlines.formulas.empty()) placeFormulas(setup, style, inlines, from, &text);
    if (m_bidirectional && !setup.code) text = isolated(text);

    QList<QTextLayout::FormatRange> formats;
    QTextCharFormat plain;
    plain.setForeground(setup.colour);
    formats.append({0, static_cast<int>(text.size()), plain});
    const bool all_letters = setup.code || style.keep_letters;
    if (all_letters) keepLetters(text, 0, static_cast<int>(text.size()), &formats);
    for (const Run& run : m_runs) {
        formats.append({run.from, run.length, formatOf(run, style, setup.font)});
        if (!all_letters && (run.style & (kCodeStyle | kFormulaStyle)))
            keepLetters(text, run.from, run.from + run.length, &formats);
    }
    if (!m_formulas.empty()) {
        const double blank = QFontMetricsF(setup.font).horizontalAdvance(kBlank);
        for (const PlacedFormula& formula : m_formulas) {
            for (std::size_t i = 0; i < formula.set->segments.size(); ++i) {
                QTextCharFormat format;
                format.setFontFamilies(setup.font.families());
                format.setProperty(QTextFormat::FontPixelSize, setup.font.pixelSize());
                format.setFontFixedPitch(false);
                format.setFontItalic(false);
                format.setFontStyleStrategy(QFont::PreferDefault);
                format.setFontWeight(setup.font.weight());
                format.setFontLetterSpacingType(QFont::AbsoluteSpacing);
                format.setFontLetterSpacing(formula.em * formula.set->segments[i].width - blank);
                formats.append({formula.unit + 2 * static_cast<int>(i), 1, format});
            }
        }
    }
    for (const CodeSpan& span : colours) {
        QTextCharFormat format;
        format.setForeground(colourOf(span.colour, style.theme));
        formats.append({span.from, span.length, format});
    }

    m_layout = std::make_unique<QTextLayout>(text, setup.font);
    m_layout->setCacheEnabled(true);
    const bool leading = setup.alignment == Qt::AlignLeft;
    QTextOption option(leading && setup.right_to_left ? Qt::AlignRight : setup.alignment);
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    option.setTextDirection(setup.right_to_left ? Qt::RightToLeft : Qt::LeftToRight);
    option.setTabStopDistance(4 * style.code_unit);
    m_layout->setTextOption(option);
    m_layout->setFormats(formats);
    breakLines(setup, style);
}

/// Puts blanks in the places of formulas that can be set, before the layout is made.
void TextPart::placeFormulas(const Setup& setup, const TranscriptStyle& style, const Inlines& inlines, int from,
                             QString* text) {
    int moved = from;  // units of the inlines before those of `text`
    const int end = from + static_cast<int>(text->size());
    auto next = std::lower_bound(inlines.formulas.begin(), inlines.formulas.end(), from,
                                 [](const InlineFormula& f, int at) { return f.from < at; });
    for (; next != inlines.formulas.end() && next->from + next->length <= end; ++next) {
        const InlineFormula& formula = *next;
        const QString source = inlines.text.mid(formula.from, formula.length);
        PlacedFormula placed;
        placed.set = setFormula(source, !setup.display);
        if (!placed.set) continue;
        placed.em = mathEm(setup.font.pixelSize());
        double widest = 0;
        for (const MathBox& box : placed.set->segments) widest = std::max(widest, box.width);
        const double room = setup.width / (widest * placed.em);
        // What has no room is a little smaller; much smaller it could not be read.
        constexpr double kSmallest = 0.6;
        if (room < 1 && (!setup.display || style.keep_letters)) {
            if (room < kSmallest && !style.keep_letters) continue;
            placed.em *= room;
        }
        placed.unit = formula.from - moved;
        placed.bytes = {formula.begin, formula.end};
        QString blanks(kBlank);
        for (std::size_t i = 1; i < placed.set->segments.size(); ++i) blanks += QString(kMayBreak) + kBlank;
        // Lines may end beside the letters of Chinese, as they may between these.
        const auto wide = [](QChar c) { return c.unicode() >= 0x2E80 && !c.isLowSurrogate(); };
        const int after = placed.unit + formula.length;
        const QChar left = placed.unit > 0 ? text->at(placed.unit - 1) : QChar(u' ');
        const QChar right = after < text->size() ? text->at(after) : QChar(u' ');
        const bool break_left = wide(left) && left.category() != QChar::Punctuation_Open;
        const bool break_right = wide(right) && !right.isPunct();
        QString all = blanks;
        if (break_left) all.prepend(kMayBreak);
        if (break_right) all.append(kMayBreak);
        if (!m_bytes.empty()) {
            const auto first = m_bytes.begin() + placed.unit;
            const QByteArray utf8 = source.toUtf8();
            if (formula.end - formula.begin != static_cast<std::uint32_t>(utf8.size())) {
                int unit = 0;
                for (qsizetype i = 0; i < utf8.size(); ++i) {
                    const auto byte = static_cast<unsigned char>(utf8[i]);
                    placed.places.push_back(first[std::min(unit, formula.length - 1)]);
                    const bool last = i + 1 == utf8.size() || (static_cast<unsigned char>(utf8[i + 1]) & 0xC0) != 0x80;
                    if (last) ++unit;
                    if (byte >= 0xF0) ++unit;
                }
                placed.places.push_back(formula.end);
            }
            const std::vector<std::uint32_t> bytes(static_cast<std::size_t>(all.size()), formula.begin);
            const auto at = m_bytes.erase(first, first + formula.length);
            m_bytes.insert(at, bytes.begin(), bytes.end());
        }
        text->replace(placed.unit, formula.length, all);
        const int shift = static_cast<int>(all.size()) - formula.length;
        // One run for the formula, in the place of those that its source has.
        Run whole;
        bool had_run = false;
        for (auto run = m_runs.begin(); run != m_runs.end();) {
            if (run->from >= placed.unit + formula.length) {
                run->from += shift;
            } else if (run->from >= placed.unit) {
                if (!had_run) whole = *run;
                had_run = true;
                run = m_runs.erase(run);
                continue;
            }
            ++run;
        }
        if (break_left) ++placed.unit;
        whole.from = placed.unit;
        whole.length = static_cast<int>(blanks.size());
        whole.end = formula.end;
        if (had_run) {
            m_runs.insert(std::find_if(m_runs.begin(), m_runs.end(), [&](const Run& r) { return r.from > whole.from; }),
                          whole);
        }
        moved -= shift;
        m_formulas.push_back(std::move(placed));
    }
}

TextPart::PlacedSegment TextPart::segmentOf(const PlacedFormula& formula, int index) const {
    const int unit = formula.unit + 2 * index;
    const QTextLine line = m_layout->lineForTextPosition(unit);
    if (!line.isValid()) return {};
    return {&formula.set->segments[static_cast<std::size_t>(index)],
            {m_right_to_left ? std::min(line.cursorToX(unit), line.cursorToX(unit + 1)) : line.cursorToX(unit),
             line.y() + line.ascent()}};
}

/// The formula that a byte lies in, behind its first.
const TextPart::PlacedFormula* TextPart::formulaAt(std::uint32_t byte) const {
    const auto found = std::find_if(m_formulas.begin(), m_formulas.end(), [&](const PlacedFormula& f) {
        return f.bytes.begin <= byte && byte < f.bytes.end;
    });
    return found == m_formulas.end() ? nullptr : &*found;
}

/// The byte of what is nearest to a point in the formula at `unit`; none if there is no formula.
std::optional<std::uint32_t> TextPart::formulaByte(int unit, QPointF point) const {
    for (const PlacedFormula& formula : m_formulas) {
        if (unit < formula.unit || unit >= formula.unit + formula.units()) continue;
        const PlacedSegment segment = segmentOf(formula, (unit - formula.unit) / 2);
        if (!segment.box) return formula.bytes.begin;
        const QPointF at = (point - segment.baseline) / formula.em;
        double nearest = 1e9;
        std::uint32_t offset = 0;
        for (const MathMark& mark : segment.box->marks) {
            const QRectF rect = markRect(mark);
            const double dx = std::max({rect.left() - at.x(), at.x() - rect.right(), 0.0});
            const double dy = std::max({rect.top() - at.y(), at.y() - rect.bottom(), 0.0});
            const double distance = dx * dx + dy * dy + 1e-6 * rect.width() * rect.height();
            if (distance < nearest) {
                nearest = distance;
                offset = mark.begin;
            }
        }
        return formula.byteOf(offset);
    }
    return std::nullopt;
}

/// Code and formulas run in their own direction and do not turn what is beside them: each stands between signs that are
/// not seen and stand for no byte.
QString TextPart::isolated(QString text) {
    for (auto run = m_runs.begin(); run != m_runs.end(); ++run) {
        if (!(run->style & (kCodeStyle | kFormulaStyle))) continue;
        const int end = run->from + run->length;
        text.insert(end, QChar(0x2069));
        text.insert(run->from, QChar(0x2066));
        if (!m_bytes.empty()) {
            const std::uint32_t after = m_bytes[static_cast<std::size_t>(end)];
            m_bytes.insert(m_bytes.begin() + end, std::min(run->end, after));
            m_bytes.insert(m_bytes.begin() + run->from, m_bytes[static_cast<std::size_t>(run->from)]);
        }
        for (PlacedFormula& formula : m_formulas) {
            if (formula.unit >= run->from) formula.unit += formula.unit < end ? 1 : 2;
        }
        ++run->from;
        for (auto later = run + 1; later != m_runs.end(); ++later) later->from += 2;
    }
    return text;
}

void TextPart::breakLines(const Setup& setup, const TranscriptStyle& style) {
    const QString text = m_layout->text();
    constexpr int kHang = 2, kTab = 4;  // letters
    m_layout->beginLayout();
    int y = 0;
    while (true) {
        QTextLine line = m_layout->createLine();
        if (!line.isValid()) break;
        double width = std::max(1.0, setup.width - (y < setup.inset_height ? setup.first_inset : 0));
        double x = 0;
        const int start = line.textStart();
        const bool wrapped = setup.code && start > 0 && text[start - 1] != QChar(QChar::LineSeparator);
        if (wrapped) {
            // As far in as the line that it goes on with, and a little more.
            const qsizetype begin = text.lastIndexOf(QChar(QChar::LineSeparator), start - 1) + 1;
            int columns = kHang;
            for (qsizetype i = begin; i < start && (text[i] == u' ' || text[i] == u'\t'); ++i)
                columns += text[i] == u'\t' ? kTab : 1;
            x = std::min(columns * style.code_unit, width / 2);
            width -= x;
        }
        line.setLineWidth(width);
        int pitch = std::max(setup.line, static_cast<int>(std::ceil(line.height())));
        double above = std::floor((pitch - line.height()) / 2);  // of the letters
        // Formulas that are taller push the lines apart.
        double up = 0, down = 0;
        for (const PlacedFormula& formula : m_formulas) {
            for (std::size_t i = 0; i < formula.set->segments.size(); ++i) {
                const int unit = formula.unit + 2 * static_cast<int>(i);
                if (unit < start || unit >= start + line.textLength()) continue;
                up = std::max(up, formula.em * formula.set->segments[i].height + 1);
                down = std::max(down, formula.em * formula.set->segments[i].depth + 1);
            }
        }
        const int more_above = std::max(0, static_cast<int>(std::ceil(up - above - line.ascent())));
        const int more_below = std::max(0, static_cast<int>(std::ceil(down - (pitch - above - line.ascent()))));
        pitch += more_above + more_below;
        above += more_above;
        if (y == 0) m_first_drop = more_above;
        line.setPosition(QPointF(x, y + above));
        if (wrapped) m_hanging.emplace_back(x - style.code_unit, y + pitch / 2.0);
        m_natural_width = std::max(m_natural_width, x + line.naturalTextWidth());
        m_tops.push_back(y);
        if (!wrapped) m_text_tops.push_back(y);
        y += pitch;
    }
    m_layout->endLayout();
    if (m_tops.empty()) {
        m_tops.push_back(0);
        y = setup.line;
    }
    m_tops.push_back(y);
    m_height = y;
}

ByteRange TextPart::bytes() const {
    return m_bytes.empty() ? ByteRange{} : ByteRange{m_bytes.front(), m_bytes.back()};
}

int TextPart::visualLineAt(double y) const {
    const auto found = std::upper_bound(m_tops.begin(), m_tops.end() - 1, y);
    return std::clamp(static_cast<int>(found - m_tops.begin()) - 1, 0, m_layout->lineCount() - 1);
}

const Run* TextPart::runAt(int unit) const {
    const auto run = std::upper_bound(m_runs.begin(), m_runs.end(), unit,
                                      [](int at, const Run& r) { return at < r.from + r.length; });
    return run != m_runs.end() && run->from <= unit ? &*run : nullptr;
}

TextHit TextPart::hit(QPointF point) const {
    TextHit hit;
    if (m_bytes.empty() || m_layout->lineCount() == 0) return hit;
    const QTextLine line = m_layout->lineAt(visualLineAt(point.y()));
    const auto byte = [&](int unit) { return m_bytes[static_cast<std::size_t>(std::clamp(unit, 0, textSize()))]; };
    const int end = line.textStart() + line.textLength();
    int caret = line.xToCursor(point.x(), QTextLine::CursorBetweenCharacters);
    // The break that ends a line belongs to it, but a caret behind it would stand on the next.
    if (caret == end && end > line.textStart() && m_layout->text()[end - 1] == QChar(QChar::LineSeparator)) --caret;
    hit.caret = byte(caret);
    const QRectF natural = line.naturalTextRect();
    const bool inside =
        point.y() >= 0 && point.y() < m_height && point.x() >= natural.left() && point.x() < natural.right();
    if (!inside) return hit;
    const int unit = line.xToCursor(point.x(), QTextLine::CursorOnCharacter);
    if (unit < line.textStart() || unit >= end) return hit;
    hit.byte = formulaByte(unit, point).value_or(byte(unit));
    if (const Run* run = runAt(unit); run && run->link >= 0) hit.link = m_links[static_cast<std::size_t>(run->link)];
    return hit;
}

TextPart::Units TextPart::unitsOf(ByteRange range) const {
    if (m_bytes.empty() || range.empty()) return {};
    const auto at = [&](std::uint32_t byte) {
        return static_cast<int>(std::lower_bound(m_bytes.begin(), m_bytes.end() - 1, byte) - m_bytes.begin());
    };
    return {at(range.begin), at(range.end)};
}

std::vector<QRectF> TextPart::unitRects(Units units) const {
    std::vector<QRectF> rects;
    if (units.from >= units.to) return rects;
    int number = m_layout->lineForTextPosition(units.from).lineNumber();
    for (; number >= 0 && number < m_layout->lineCount(); ++number) {
        const QTextLine line = m_layout->lineAt(number);
        const int from = std::max(units.from, line.textStart());
        const int to = std::min(units.to, line.textStart() + line.textLength());
        if (line.textStart() >= units.to) break;
        if (from >= to) continue;
        const double top = m_tops[static_cast<std::size_t>(number)];
        const double height = m_tops[static_cast<std::size_t>(number) + 1] - top;
        if (!m_bidirectional) {
            const double x = line.cursorToX(from);
            rects.emplace_back(x, top, std::max(0.0, std::min(line.cursorToX(to), m_width) - x), height);
            continue;
        }
        for (const QGlyphRun& run : line.glyphRuns(from, to - from)) {
            const QRectF box = run.boundingRect();
            rects.emplace_back(box.left(), top, box.width(), height);
        }
    }
    return rects;
}

std::vector<QRectF> TextPart::rects(ByteRange range) const {
    Units units = unitsOf(range);
    std::vector<QRectF> all;
    for (const PlacedFormula& formula : m_formulas) {
        const ByteRange bytes = formula.bytes;
        if (bytes.end <= range.begin || range.end <= bytes.begin) continue;
        if (range.begin <= bytes.begin && bytes.end <= range.end) continue;
        // Of a formula that is in the range in part: around what the part has made.
        for (int i = 0; i < static_cast<int>(formula.set->segments.size()); ++i) {
            const PlacedSegment segment = segmentOf(formula, i);
            QRectF around;
            for (const MathMark& mark : segment.box ? segment.box->marks : std::vector<MathMark>()) {
                const std::uint32_t byte = formula.byteOf(mark.begin);
                if (byte < range.begin || byte >= range.end) continue;
                const QRectF rect = markRect(mark);
                around |= QRectF(rect.topLeft() * formula.em + segment.baseline, rect.size() * formula.em);
            }
            if (!around.isEmpty()) all.push_back(around.adjusted(-1, -2, 1, 2));
        }
        const std::vector<QRectF> before = unitRects({units.from, std::min(units.to, formula.unit)});
        all.insert(all.end(), before.begin(), before.end());
        units.from = std::max(units.from, formula.unit + formula.units());
    }
    const std::vector<QRectF> rest = unitRects(units);
    all.insert(all.end(), rest.begin(), rest.end());
    return all;
}

const std::vector<std::pair<int, QRectF>>& TextPart::tokenRects(const std::vector<TranscriptToken>& tokens) const {
    const bool same =
        m_tokens_seen == tokens.size() || (m_tokens_seen > 0 && m_tokens_seen < tokens.size() && !m_bytes.empty() &&
                                           tokens[m_tokens_seen].begin >= m_bytes.back());
    m_tokens_seen = tokens.size();
    if (same || m_bytes.empty()) return m_token_rects;
    m_token_rects.clear();
    for (std::size_t i = tokenAfter(tokens, m_bytes.front()); i < tokens.size() && tokens[i].begin < m_bytes.back();
         ++i) {
        for (const QRectF& rect : rects({tokens[i].begin, tokens[i].end})) {
            if (rect.width() > 0) m_token_rects.emplace_back(static_cast<int>(i), rect);
        }
    }
    return m_token_rects;
}

ByteRange TextPart::wordAt(std::uint32_t byte) const {
    if (const PlacedFormula* formula = formulaAt(byte)) return formula->bytes;
    const Units units = unitsOf({byte, byte + 1});
    if (m_bytes.size() < 2) return {};
    const QString text = m_layout->text();
    const int unit = std::clamp(units.from, 0, textSize() - 1);
    QTextBoundaryFinder finder(QTextBoundaryFinder::Word, text);
    finder.setPosition(unit);
    const qsizetype from = finder.isAtBoundary() ? unit : std::max<qsizetype>(0, finder.toPreviousBoundary());
    finder.setPosition(unit);
    qsizetype to = finder.toNextBoundary();
    if (to < 0) to = textSize();
    return {m_bytes[static_cast<std::size_t>(from)], m_bytes[static_cast<std::size_t>(to)]};
}

ByteRange TextPart::lineAt(std::uint32_t byte) const {
    if (m_bytes.empty()) return {};
    const QString text = m_layout->text();
    const int unit = unitsOf({byte, byte + 1}).from;
    qsizetype from = unit > 0 ? text.lastIndexOf(QChar(QChar::LineSeparator), unit - 1) + 1 : 0;
    qsizetype to = text.indexOf(QChar(QChar::LineSeparator), unit);
    if (to < 0) to = textSize();
    from = std::min<qsizetype>(from, to);
    return {m_bytes[static_cast<std::size_t>(from)], m_bytes[static_cast<std::size_t>(to)]};
}

std::vector<TextPart::Link> TextPart::links() const {
    std::vector<Link> links;
    for (const Run& run : m_runs) {
        if (run.link < 0 || m_bytes.empty()) continue;
        const QString& address = m_links[static_cast<std::size_t>(run.link)];
        const ByteRange range{m_bytes[static_cast<std::size_t>(run.from)],
                              m_bytes[static_cast<std::size_t>(run.from + run.length)]};
        if (!links.empty() && links.back().address == address && links.back().range.end >= run.begin) {
            links.back().range.end = range.end;
        } else {
            links.push_back({address, range});
        }
    }
    return links;
}

void TextPart::drawAreas(QPainter* painter, QPointF origin, const TranscriptStyle& style) const {
    const double margin = style.theme.px(3);
    for (const Run& run : m_runs) {
        if (!(run.style & kCodeStyle)) continue;
        painter->setPen(Qt::NoPen);
        painter->setBrush(style.theme.hover);
        for (const QRectF& rect : unitRects({run.from, run.from + run.length})) {
            const QRectF pill = rect.adjusted(-margin * 0.7, margin, margin * 0.7, -margin).translated(origin);
            painter->drawRoundedRect(pill, Theme::kRadiusSmall, Theme::kRadiusSmall);
        }
    }
}

void TextPart::draw(QPainter* painter, QPointF origin, ByteRange selection, const TranscriptStyle& style) const {
    for (const QRectF& rect : rects(selection)) painter->fillRect(rect.translated(origin), style.theme.selection);
    m_layout->draw(painter, origin);
    const MathColors colors{m_colour, style.theme.dim, style.theme.background};
    for (const PlacedFormula& formula : m_formulas) {
        for (int i = 0; i < static_cast<int>(formula.set->segments.size()); ++i) {
            const PlacedSegment segment = segmentOf(formula, i);
            if (segment.box) drawMath(painter, *segment.box, origin + segment.baseline, formula.em, colors);
        }
        const QPointF first = segmentOf(formula, 0).baseline;
        for (const SetFormula::Tag& tag : formula.set->tags) {
            const double x = formula.set->display ? m_width - formula.em * tag.box.width
                                                  : first.x() + formula.em * (formula.set->width() + 1);
            drawMath(painter, tag.box, origin + QPointF(x, first.y() + formula.em * tag.y), formula.em, colors);
        }
    }
    if (m_hanging.empty()) return;
    // A hook: what stands here goes on from the line above.
    painter->setPen(QPen(style.theme.faint, 1, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter->setBrush(Qt::NoBrush);
    const double size = style.code_unit * 0.45;
    for (const QPointF& at : m_hanging) {
        const QPointF c = origin + at;
        painter->drawPolyline(
            QPolygonF({c + QPointF(-size, -size * 1.4), c + QPointF(-size, 0), c + QPointF(size, 0)}));
        painter->drawPolyline(QPolygonF(
            {c + QPointF(size * 0.3, -size * 0.7), c + QPointF(size, 0), c + QPointF(size * 0.3, size * 0.7)}));
    }
}

std::size_t tokenAfter(const std::vector<TranscriptToken>& tokens, std::uint32_t byte) {
    const auto found = std::upper_bound(tokens.begin(), tokens.end(), byte,
                                        [](std::uint32_t b, const TranscriptToken& token) { return b < token.end; });
    return static_cast<std::size_t>(found - tokens.begin());
}

int tokenAt(const std::vector<TranscriptToken>& tokens, std::uint32_t byte) {
    const std::size_t index = tokenAfter(tokens, byte);
    return index < tokens.size() && tokens[index].begin <= byte ? static_cast<int>(index) : -1;
}

}  // namespace moescope
