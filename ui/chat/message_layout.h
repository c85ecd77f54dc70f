#pragma once
// The geometry of one message: its pieces from top to bottom, the row under it, and what stands around it. Positions
// are pixels relative to its upper left corner, in a column of a given width.

#include <QPoint>
#include <QRect>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "ui/chat/message_row.h"
#include "ui/chat/piece.h"
#include "ui/markdown/document.h"

namespace moescope {

/// What a message is laid out and painted with. Cheap to make.
struct MessageContext {
    const TranscriptStyle& style;
    const TranscriptMessage& message;
    MessageActions offered;
    bool last = false;
    int width = 0;
};

/// Something in a message that can be pressed.
struct MessageTarget {
    enum Kind { kNothing, kAction, kCopyCode, kSaveCode, kWrapCode, kNumberCode, kLink, kThought };
    Kind kind = kNothing;
    MessageAction action = MessageAction::kNone;
    std::size_t block = 0;  ///< of those for code
    QString address;        ///< of kLink
    ByteRange range;        ///< of kLink
    bool operator==(const MessageTarget& other) const {
        return kind == other.kind && action == other.action && block == other.block && range.begin == other.range.begin;
    }
};

/// How a message is painted.
struct MessageLook {
    ByteRange selection;
    int selected_token = -1;
    std::function<QColor(int token)> tint;  ///< empty: no tint
    bool ring = false;                      ///< has the focus of the keyboard
    bool actions = false;                   ///< the whole row is seen
    MessageTarget hovered, focused;
    std::optional<std::size_t> copied_block;  ///< its code has just been copied
    bool printed = false;                     ///< nothing can be pressed: no row, no buttons
};

class MessageLayout {
public:
    explicit MessageLayout(TranscriptRole role);

    int height() const { return m_height; }
    /// Whether the text is parsed; until then the height is a guess from its size.
    bool isPrepared() const { return m_prepared; }
    bool hasLayouts() const { return m_layouts > 0; }

    /// The message has changed: text was added, or state, figures, siblings. Gives the height from which on it looks
    /// different.
    int update(const MessageContext& context);
    /// Width, fonts or colours have changed.
    void restyle(const MessageContext& context);
    void prepare(const MessageContext& context);
    /// Lays out all pieces that touch [top, bottom). True if a height has changed.
    bool layOut(const MessageContext& context, int top, int bottom);
    /// Shows what the model thought aloud, or the files of a question, or only that there is something. To be laid out
    /// again.
    void toggleThought(const MessageContext& context);
    bool showsThought() const { return m_thought_open; }
    /// Whether a byte is of a thought that is not seen.
    bool isFoldedAt(std::uint32_t byte) const {
        return m_document.thinking() && !m_thought_open && byte < m_document.thinking()->answer;
    }
    /// Moves a formula or a block of code that is too wide sideways, if there is one at a point. False if nothing
    /// moves.
    bool scrollSideways(const MessageContext& context, QPoint point, int pixels);
    /// Moves all blocks of code.
    bool moveAllCode(int pixels);
    /// Moves code sideways so that the beginning of a range is seen.
    void showSideways(const MessageContext& context, ByteRange range);
    /// Forgets the layouts outside of [top, bottom); heights stay.
    void release(int top, int bottom);

    std::size_t pieceCount() const { return m_pieces.size(); }
    /// The piece at a height, or the nearest.
    std::size_t pieceAt(int y) const;
    int pieceTop(std::size_t piece) const { return m_tops[piece]; }
    const Piece& piece(std::size_t piece) const { return m_pieces[piece]; }
    std::size_t pieceOfByte(std::uint32_t byte) const;

    /// The body: the bubble of a user, the column of an answer.
    QRect bodyRect(const MessageContext& context) const;
    TextHit hitText(const MessageContext& context, QPoint point) const;
    MessageTarget hitTarget(const MessageContext& context, QPoint point) const;
    /// Rectangles of the laid out text of a range.
    std::vector<QRectF> rects(const MessageContext& context, ByteRange range) const;
    ByteRange wordAt(const MessageContext& context, QPoint point) const;
    ByteRange paragraphAt(const MessageContext& context, QPoint point) const;

    /// Links and code that are laid out, then the actions.
    std::vector<MessageTarget> targets() const;
    QRect targetRect(const MessageContext& context, const MessageTarget& target) const;
    const MessageRow& row() const { return m_row; }

    /// The text of a range as it is seen, of all pieces, laid out or not.
    QString text(const MessageContext& context, ByteRange range);
    QString code(std::size_t block) const { return m_document.blocks()[block].inlines.text; }
    QString codeLanguage(std::size_t block) const { return m_document.blocks()[block].language; }
    const std::vector<Block>& blocks() const { return m_document.blocks(); }

    /// Where a page that shows the message from height `from` on and has room until `limit` may end, and where the next
    /// begins: between lines, not behind a heading; `whole_page` says that there is no more room on another. All
    /// until `limit` is laid out.
    struct PageBreak {
        int cut = 0, next = 0;
        bool last = false;  ///< the message ends here
    };
    PageBreak pageBreak(int from, int limit, bool whole_page) const;

    /// Paints what touches `clip`, both relative to `origin`, the message's corner.
    void draw(QPainter* painter, QPoint origin, const QRect& clip, const MessageContext& context,
              const MessageLook& look) const;

private:
    struct Placement {
        const TextPart* part = nullptr;
        QPointF origin;
    };

    bool isUser() const { return m_role == TranscriptRole::kUser; }
    int padding(const MessageContext& context) const { return isUser() ? context.style.bubble_padding_y : 0; }
    int contentWidth(const MessageContext& context) const;
    QPointF contentOrigin(const MessageContext& context) const;
    PieceContext pieceContext(const MessageContext& context, std::size_t block);
    void parse(const MessageContext& context);
    bool isFolded(const MessageContext& context, const Block& block) const {
        return block.thought && !m_thought_open && (isUser() || !context.style.keep_letters);
    }
    void estimateAll(const MessageContext& context);
    void measureNotice(const MessageContext& context);
    void place(const MessageContext& context, std::size_t from);
    void guessHeight(const MessageContext& context);
    int below(const MessageContext& context) const;
    void alignBubble(const MessageContext& context);
    Placement placementAt(const MessageContext& context, QPoint point) const;
    // Code (message_code.cpp).
    QRect codeFrame(const MessageContext& context, std::size_t block) const;
    /// Where its lines are seen.
    QRect codeText(const MessageContext& context, std::size_t block) const;
    QRect codeButton(const MessageContext& context, const MessageTarget& target) const;
    MessageTarget codeButtonAt(const MessageContext& context, std::size_t block, QPoint point) const;
    static void addCodeTargets(std::size_t block, std::vector<MessageTarget>* targets);
    int codeOverflow(std::size_t block) const;
    bool moveCode(std::size_t block, int to);
    std::pair<std::size_t, std::size_t> piecesOf(std::size_t block) const;
    QRect rowRect(const MessageContext& context) const;

    void drawBubble(QPainter* painter, const MessageContext& context) const;
    void drawCodeFrame(QPainter* painter, const MessageContext& context, const MessageLook& look,
                       std::size_t block) const;
    void drawLineNumbers(QPainter* painter, const MessageContext& context, std::size_t piece) const;
    void drawMarkers(QPainter* painter, const MessageContext& context, std::size_t piece) const;
    QString thoughtLabel(const MessageContext& context) const;
    QRect thoughtRect(const MessageContext& context) const;
    int thoughtWidth(const MessageContext& context) const;
    void drawThought(QPainter* painter, const MessageContext& context, const MessageLook& look) const;
    void drawScrolled(QPainter* painter, const QRectF& groove, int scrolled, int overflow, const Theme& theme) const;
    void drawTokens(QPainter* painter, const MessageContext& context, const MessageLook& look, const TextPart& part,
                    QPointF origin) const;
    void drawSelectedToken(QPainter* painter, const MessageContext& context, int token) const;
    void drawCutMark(QPainter* painter, const MessageContext& context) const;

    TranscriptRole m_role;
    MarkdownDocument m_document;
    bool m_prepared = false;
    bool m_streamed = false;      // at the last parsing
    bool m_thought_open = false;  // what was thought is seen
    std::vector<Piece> m_pieces;
    std::vector<int> m_tops;                            // of the pieces
    std::map<std::size_t, std::vector<int>> m_columns;  // of tables, by block
    std::map<std::size_t, int> m_code_scrolled;         // of code, by block
    std::unique_ptr<TextPart> m_notice;                 // an error's sentence
    MessageRow m_row;
    int m_body_top = 0, m_body_bottom = 0;  // paddings included
    int m_text_bottom = 0;                  // of the body, or of the notice below it
    int m_height = 0;
    int m_bubble_width = 0;  // text only
    bool m_snug = false;     // the bubble is as wide as its text
    int m_layouts = 0;       // pieces that have one
};

/// Of a button over code, for tool tips.
QString codeButtonName(MessageTarget::Kind kind);
/// The label of a block of code that is printed.
int codeLabelWidth(const QString& language, const TranscriptStyle& style);

}  // namespace moescope
