#pragma once
// A stretch of text that is laid out: wraps, knows the source byte of each unit, and finds and draws ranges of bytes.

#include <QPointF>
#include <QRectF>
#include <QTextLayout>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "ui/chat/transcript_message.h"
#include "ui/chat/transcript_style.h"
#include "ui/markdown/block.h"
#include "ui/markdown/highlight.h"
#include "ui/math/set_formula.h"

namespace moescope {

/// Bytes [begin, end) of a message's text.
struct ByteRange {
    std::uint32_t begin = 0, end = 0;
    bool empty() const { return begin >= end; }
};

/// What is under a point.
struct TextHit {
    std::uint32_t caret = 0;            ///< the byte before which a caret would stand
    std::optional<std::uint32_t> byte;  ///< of the character under the point, if there is one
    QString link;                       ///< address of the link under the point
};

class TextPart {
public:
    struct Setup {
        QFont font;
        QColor colour;
        int line = 20;           ///< distance of lines, pixels; taller letters take more
        double width = 100;      ///< to wrap at
        double first_inset = 0;  ///< less width for lines that begin above `inset_height`
        double inset_height = 0;
        Qt::Alignment alignment = Qt::AlignLeft;  ///< AlignLeft: where the text's direction begins
        bool right_to_left = false;               ///< the direction of the text
        bool display = false;                     ///< the text is a formula on lines of its own
        bool code = false;       ///< a block of code: runs to the right, and what is wrapped hangs behind a mark
        std::uint32_t byte = 0;  ///< where a text without runs stands in the source
    };

    /// Lays out units [from, to) of `inlines`. `source` is the message's text; empty when the text is not of a message,
    /// which makes it neither selectable nor hoverable. `colours` are spans of code relative to `from`.
    TextPart(const Setup& setup, const TranscriptStyle& style, const Inlines& inlines, std::string_view source,
             int from, int to, const std::vector<CodeSpan>& colours = {});

    int height() const { return m_height; }
    bool isRightToLeft() const { return m_right_to_left; }
    /// The lines' upper edges, and the end: where a page may break.
    const std::vector<int>& lineTops() const { return m_tops; }
    /// How much lower than usual the letters of the first line stand, as something in it is tall.
    int firstLineDrop() const { return m_first_drop; }
    double naturalWidth() const { return m_natural_width; }
    /// The upper edges of those lines that do not go on with the one before.
    const std::vector<int>& textLineTops() const { return m_text_tops; }
    ByteRange bytes() const;

    /// `point` is relative to the part.
    TextHit hit(QPointF point) const;
    /// Rectangles around the text of a range, one a line (more where directions mix).
    std::vector<QRectF> rects(ByteRange range) const;
    /// Around each of `tokens` that has text here: its index and rectangle. Kept until more tokens come.
    const std::vector<std::pair<int, QRectF>>& tokenRects(const std::vector<TranscriptToken>& tokens) const;
    /// The word (or other unit of double click) around a byte.
    ByteRange wordAt(std::uint32_t byte) const;
    /// The line of the text (not of the layout) around a byte.
    ByteRange lineAt(std::uint32_t byte) const;
    struct Link {
        QString address;
        ByteRange range;
    };
    std::vector<Link> links() const;

    /// Areas behind inline code; drawn before anything else.
    void drawAreas(QPainter* painter, QPointF origin, const TranscriptStyle& style) const;
    void draw(QPainter* painter, QPointF origin, ByteRange selection, const TranscriptStyle& style) const;

private:
    struct Units {
        int from = 0, to = 0;
    };
    /// A formula that is set. In the layout each of its segments is a blank of the segment's width.
    struct PlacedFormula {
        std::shared_ptr<const SetFormula> set;
        double em = 0;                      // pixels
        int unit = 0;                       // of the first segment; the others follow, with places to break between
        ByteRange bytes;                    // of the message
        std::vector<std::uint32_t> places;  // of the bytes of its source, where they do not simply follow each other
        int units() const { return 2 * static_cast<int>(set->segments.size()) - 1; }
        std::uint32_t byteOf(std::uint32_t offset) const {
            return places.empty() ? bytes.begin + offset : places[std::min<std::size_t>(offset, places.size() - 1)];
        }
    };
    struct PlacedSegment {
        const MathBox* box = nullptr;
        QPointF baseline;  // where it begins
    };
    void placeFormulas(const Setup& setup, const TranscriptStyle& style, const Inlines& inlines, int from,
                       QString* text);
    PlacedSegment segmentOf(const PlacedFormula& formula, int index) const;
    const PlacedFormula* formulaAt(std::uint32_t byte) const;
    std::optional<std::uint32_t> formulaByte(int unit, QPointF point) const;
    Units unitsOf(ByteRange range) const;
    std::vector<QRectF> unitRects(Units units) const;
    int textSize() const { return static_cast<int>(m_bytes.size()) - 1; }
    int visualLineAt(double y) const;
    const Run* runAt(int unit) const;
    QString isolated(QString text);
    void breakLines(const Setup& setup, const TranscriptStyle& style);

    std::unique_ptr<QTextLayout> m_layout;
    std::vector<int> m_tops;  // of the lines, and the end
    std::vector<int> m_text_tops;
    std::vector<std::uint32_t> m_bytes;  // of the units, and the end; empty without source
    std::vector<Run> m_runs;             // of this stretch, `from` relative to it
    std::vector<QString> m_links;        // of the runs
    std::vector<PlacedFormula> m_formulas;
    QColor m_colour;
    std::vector<QPointF> m_hanging;  // where marks of wrapped lines of code stand
    bool m_bidirectional = false, m_right_to_left = false;
    int m_height = 0, m_first_drop = 0;
    double m_width = 0, m_natural_width = 0;
    mutable std::vector<std::pair<int, QRectF>> m_token_rects;
    mutable std::size_t m_tokens_seen = 0;
};

/// The first token whose end is behind `byte`; tokens.size() if there is none.
std::size_t tokenAfter(const std::vector<TranscriptToken>& tokens, std::uint32_t byte);
/// The token that holds `byte`, or -1.
int tokenAt(const std::vector<TranscriptToken>& tokens, std::uint32_t byte);

}  // namespace moescope
