#include "ui/chat/message_layout.h"

#include <QFontMetrics>
#include <algorithm>
#include <cmath>

namespace moescope {

namespace {

/// User texts up to this size are laid out at once, so that the bubble is as wide as its text.
constexpr std::size_t kSnugBytes = 4000;
constexpr double kBubbleShare = 0.78;

}  // namespace

MessageLayout::MessageLayout(TranscriptRole role)
    : m_role(role),
      m_document(role == TranscriptRole::kUser ? MarkdownDocument::Kind::kQuestion
                                               : MarkdownDocument::Kind::kMarkdown) {}

int MessageLayout::contentWidth(const MessageContext& context) const {
    if (!isUser()) return context.width;
    return std::max(context.style.theme.px(40),
                    static_cast<int>(context.width * kBubbleShare) - 2 * context.style.bubble_padding_x);
}

QPointF MessageLayout::contentOrigin(const MessageContext& context) const {
    if (!isUser()) return {0, 0};
    return {static_cast<double>(context.width - context.style.bubble_padding_x - m_bubble_width), 0};
}

PieceContext MessageLayout::pieceContext(const MessageContext& context, std::size_t block) {
    const Block& b = m_document.blocks()[block];
    const std::vector<int>* columns = nullptr;
    if (b.kind == BlockKind::kTable) {
        auto found = m_columns.find(block);
        if (found == m_columns.end()) {
            const int width = contentWidth(context) - indentOf(b, context.style);
            found = m_columns.emplace(block, tableColumns(b, width, context.style)).first;
        }
        columns = &found->second;
    }
    const int label = b.kind == BlockKind::kCode ? codeLabelWidth(b.language, context.style) : 0;
    const auto moved = m_code_scrolled.find(block);
    return {m_document.blocks(),
            context.message.text,
            context.style,
            contentWidth(context),
            label,
            moved == m_code_scrolled.end() ? 0 : moved->second,
            isUser(),
            columns};
}

void MessageLayout::guessHeight(const MessageContext& context) {
    const TranscriptStyle& style = context.style;
    const std::string& text = context.message.text;
    const int line = isUser() ? style.user_line : style.body_line;
    const double pixels = static_cast<double>(text.size()) * (isUser() ? style.user_unit : style.body_unit);
    const double breaks = static_cast<double>(std::count(text.begin(), text.end(), '\n'));
    const int lines = 1 + static_cast<int>(pixels / contentWidth(context) + breaks * 0.6);
    m_body_top = context.message.cut_before ? style.cut_height : 0;
    m_text_bottom = m_body_bottom = m_body_top + lines * line + 2 * padding(context);
    m_height = m_body_bottom + below(context);
}

/// What is between the text and the next message: the row of actions stands in it, and adds to it only where it must
/// be seen: which version a question is, a second line.
int MessageLayout::below(const MessageContext& context) const {
    const TranscriptStyle& style = context.style;
    if (!isUser()) return style.turn_gap + std::max(0, m_row.height - style.row_height);
    return style.reply_gap + (m_row.always ? m_row.height : 0);
}

void MessageLayout::measureNotice(const MessageContext& context) {
    m_notice.reset();
    if (context.message.error.isEmpty()) return;
    const TranscriptStyle& style = context.style;
    TextPart::Setup setup;
    setup.font = style.user;
    setup.colour = style.theme.text;
    setup.line = style.user_line;
    setup.width = std::max(1, context.width - 2 * style.theme.px(14));
    Inlines inlines;
    inlines.text = context.message.error;
    m_notice =
        std::make_unique<TextPart>(setup, style, inlines, std::string_view(), 0, static_cast<int>(inlines.text.size()));
}

/// Brings blocks and pieces up to the text.
void MessageLayout::parse(const MessageContext& context) {
    m_streamed = context.message.state == TranscriptState::kStreaming;
    const MarkdownDocument::Change change = m_document.update(context.message.text, m_streamed);
    const std::vector<Block>& blocks = m_document.blocks();
    auto first = std::lower_bound(m_pieces.begin(), m_pieces.end(), change.block,
                                  [](const Piece& piece, std::size_t block) { return piece.block < block; });
    // Pieces of the changed block stay while they lie in its unchanged beginning, but for the last, which may grow.
    const auto old_end = std::find_if(first, m_pieces.end(), [&](const Piece& p) { return p.block != change.block; });
    while (first != old_end && first + 1 != old_end && first->to <= change.units) ++first;
    int from = 0;
    CodeState state = CodeState::kNone;
    if (first != m_pieces.begin() && (first - 1)->block == change.block) {
        from = (first - 1)->to;
        state = stateAfter(blocks[change.block], *(first - 1));
    }
    const auto kept = static_cast<std::size_t>(first - m_pieces.begin());
    for (auto piece = first; piece != m_pieces.end(); ++piece) m_layouts -= piece->layout ? 1 : 0;
    m_pieces.erase(first, m_pieces.end());
    m_columns.erase(m_columns.lower_bound(change.block), m_columns.end());
    m_code_scrolled.erase(m_code_scrolled.upper_bound(change.block), m_code_scrolled.end());
    for (std::size_t block = change.block; block < blocks.size(); ++block) {
        if (isFolded(context, blocks[block])) continue;
        appendPieces(blocks, block, from, state, context.message.text, isUser(), context.style, &m_pieces);
        from = 0;
        state = CodeState::kNone;
    }
    m_prepared = true;
    for (std::size_t i = kept; i < m_pieces.size(); ++i) {
        m_pieces[i].height = estimateHeight(m_pieces[i], pieceContext(context, m_pieces[i].block));
    }
    place(context, kept);
}

void MessageLayout::prepare(const MessageContext& context) {
    if (m_prepared) return;
    m_pieces.clear();
    parse(context);
}

int MessageLayout::update(const MessageContext& context) {
    m_row = layOutMessageRow(context.message, context.offered, context.last, context.width, context.style);
    measureNotice(context);
    if (!m_prepared) {
        guessHeight(context);
        return 0;
    }
    const int old_top = m_body_top;
    int changed = m_body_bottom - padding(context);
    const bool streams = context.message.state == TranscriptState::kStreaming;
    if (m_document.size() != context.message.text.size() || streams != m_streamed) {
        parse(context);
        // The first piece without a layout is the first that looks different.
        const auto fresh = std::find_if(m_pieces.begin(), m_pieces.end(), [](const Piece& p) { return !p.exact; });
        if (fresh != m_pieces.end())
            changed = std::min(changed, m_tops[static_cast<std::size_t>(fresh - m_pieces.begin())]);
    } else {
        place(context, 0);
    }
    return m_body_top != old_top || isUser() ? 0 : changed;
}

void MessageLayout::restyle(const MessageContext& context) {
    m_row = layOutMessageRow(context.message, context.offered, context.last, context.width, context.style);
    measureNotice(context);
    m_columns.clear();
    m_code_scrolled.clear();
    m_bubble_width = 0;
    m_layouts = 0;
    if (!m_prepared) return guessHeight(context);
    // Gaps and indents follow the style, so the pieces are made anew; the parsed blocks stay.
    m_pieces.clear();
    for (std::size_t block = 0; block < blocks().size(); ++block) {
        if (isFolded(context, blocks()[block])) continue;
        appendPieces(blocks(), block, 0, CodeState::kNone, context.message.text, isUser(), context.style, &m_pieces);
    }
    estimateAll(context);
    place(context, 0);
}

void MessageLayout::estimateAll(const MessageContext& context) {
    for (Piece& piece : m_pieces) piece.height = estimateHeight(piece, pieceContext(context, piece.block));
}

/// Stacks the pieces from `from` on, and what is around them.
void MessageLayout::place(const MessageContext& context, std::size_t from) {
    const TranscriptStyle& style = context.style;
    m_body_top = context.message.cut_before ? style.cut_height : 0;
    if (from > 0 && (from > m_tops.size() || m_tops[0] != m_body_top + padding(context))) from = 0;
    m_tops.resize(m_pieces.size());
    int y = from > 0 ? m_tops[from - 1] + m_pieces[from - 1].height : m_body_top + padding(context);
    for (std::size_t i = from; i < m_pieces.size(); ++i) {
        y += m_pieces[i].gap;
        m_tops[i] = y;
        y += m_pieces[i].height;
    }
    if (context.message.text.empty()) y = m_body_top;  // no line for nothing
    m_body_bottom = y + padding(context);
    if (m_notice)
        y = m_body_bottom + style.paragraph_gap + m_notice->height() + 2 * style.cell_padding_y;
    else
        y = m_body_bottom;
    if (isUser() && m_bubble_width == 0) m_bubble_width = contentWidth(context);
    m_text_bottom = y;
    m_height = y + below(context);
    if (isUser()) alignBubble(context);
}

/// Lines that begin at the right end where the bubble does, not where they might have wrapped.
void MessageLayout::alignBubble(const MessageContext& context) {
    for (Piece& piece : m_pieces) {
        if (!piece.layout || !piece.right_to_left) continue;
        for (PieceLayout::Placed& placed : piece.layout->parts)
            placed.origin.setX(m_bubble_width - contentWidth(context));
    }
}

bool MessageLayout::layOut(const MessageContext& context, int top, int bottom) {
    prepare(context);
    if (m_pieces.empty()) return false;
    const bool folded = m_document.thinking() && !m_thought_open;
    const std::size_t seen = context.message.text.size() - (folded ? m_document.thinking()->answer : 0);
    m_snug = isUser() && seen <= kSnugBytes;
    const std::size_t first = m_snug ? 0 : pieceAt(top);
    bool changed = false, made = false;
    std::size_t first_changed = m_pieces.size();
    int shift = 0;
    for (std::size_t i = first; i < m_pieces.size(); ++i) {
        if (!m_snug && m_tops[i] + shift >= bottom) break;
        Piece& piece = m_pieces[i];
        if (piece.layout) continue;
        const int before = piece.height;
        layOutPiece(&piece, pieceContext(context, piece.block));
        ++m_layouts;
        made = true;
        shift += piece.height - before;
        if (piece.height != before) {
            changed = true;
            first_changed = std::min(first_changed, i);
        }
    }
    if (made && m_snug) {
        double natural = 0;
        for (const Piece& piece : m_pieces) {
            for (const PieceLayout::Placed& placed : piece.layout->parts) {
                natural = std::max(natural, placed.part.naturalWidth());
            }
        }
        if (!m_document.files().isEmpty()) natural = std::max(natural, static_cast<double>(thoughtWidth(context)));
        // Frames and tables take all the room that there is.
        const bool wide = std::any_of(m_pieces.begin(), m_pieces.end(), [this](const Piece& piece) {
            const BlockKind kind = blocks()[piece.block].kind;
            return kind == BlockKind::kCode || kind == BlockKind::kTable || kind == BlockKind::kRule ||
                   piece.formula >= 0 || piece.indent > 0;
        });
        if (wide) natural = contentWidth(context);
        m_bubble_width = std::min(contentWidth(context), static_cast<int>(std::ceil(natural)));
        alignBubble(context);
    }
    if (changed) place(context, first_changed);
    return changed;
}

void MessageLayout::toggleThought(const MessageContext& context) {
    m_thought_open = !m_thought_open;
    restyle(context);
}

/// Of the line that stands for the thought.
QRect MessageLayout::thoughtRect(const MessageContext& context) const {
    if (m_pieces.empty() || blocks()[m_pieces.front().block].kind != BlockKind::kThought) return {};
    const int width = thoughtWidth(context);
    return {static_cast<int>(contentOrigin(context).x()), m_tops.front(), std::min(contentWidth(context), width),
            m_pieces.front().height};
}

int MessageLayout::thoughtWidth(const MessageContext& context) const {
    return QFontMetrics(context.style.small).horizontalAdvance(thoughtLabel(context)) + context.style.theme.px(24);
}

QString MessageLayout::thoughtLabel(const MessageContext& context) const {
    if (isUser()) return m_document.files();
    const std::optional<markdown::Thinking>& thinking = m_document.thinking();
    if (!thinking) return {};
    const TranscriptMessage& message = context.message;
    const auto end = static_cast<std::uint32_t>(thinking->answer);
    const auto tokens = static_cast<int>(tokenAfter(message.tokens, end == 0 ? 0 : end - 1));
    const bool goes_on = message.state == TranscriptState::kStreaming && !thinking->closed;
    if (tokens == 0) return goes_on ? MessageRow::tr("Thinking…") : MessageRow::tr("Thought");
    const QString counted = MessageRow::tr("%Ln token(s)", nullptr, tokens);
    if (goes_on) return MessageRow::tr("Thinking… %1").arg(counted);
    const AnswerFigures& figures = message.figures;
    const double rate =
        figures.thinking_tokens_per_second > 0 ? figures.thinking_tokens_per_second : figures.tokens_per_second;
    if (rate <= 0) return MessageRow::tr("Thought · %1").arg(counted);
    return MessageRow::tr("Thought for %1 s · %2").arg(QString::number(tokens / rate, 'f', 1), counted);
}

bool MessageLayout::scrollSideways(const MessageContext& context, QPoint point, int pixels) {
    if (m_pieces.empty() || !bodyRect(context).contains(point)) return false;
    Piece& piece = m_pieces[pieceAt(point.y())];
    if (blocks()[piece.block].kind == BlockKind::kCode) return moveCode(piece.block, piece.scrolled + pixels);
    if (!piece.layout || piece.overflow <= 0) return false;
    const int to = std::clamp(piece.scrolled + pixels, 0, piece.overflow);
    if (to == piece.scrolled) return false;
    for (PieceLayout::Placed& placed : piece.layout->parts) placed.origin.rx() -= to - piece.scrolled;
    piece.scrolled = to;
    return true;
}

void MessageLayout::release(int top, int bottom) {
    if (m_layouts == 0 || m_snug) return;
    for (std::size_t i = 0; i < m_pieces.size(); ++i) {
        Piece& piece = m_pieces[i];
        if (!piece.layout || (m_tops[i] + piece.height > top && m_tops[i] < bottom)) continue;
        piece.layout.reset();
        --m_layouts;
    }
}

MessageLayout::PageBreak MessageLayout::pageBreak(int from, int limit, bool whole_page) const {
    if (m_text_bottom <= limit || m_pieces.empty()) return {m_text_bottom, m_text_bottom, true};
    PageBreak best{from, from, false};
    const auto isHeading = [&](const Piece& piece) { return blocks()[piece.block].kind == BlockKind::kHeading; };
    for (std::size_t i = pieceAt(from); i < m_pieces.size() && m_tops[i] < limit; ++i) {
        const Piece& piece = m_pieces[i];
        if (piece.layout && piece.layout->parts.size() == 1 && blocks()[piece.block].kind != BlockKind::kTable) {
            const PieceLayout::Placed& placed = piece.layout->parts.front();
            for (const int top : placed.part.lineTops()) {
                const int y = m_tops[i] + static_cast<int>(placed.origin.y()) + top;
                if (top > 0 && y > from && y <= limit) best = {y, y, false};
            }
        }
        const int bottom = m_tops[i] + piece.height;
        if (bottom > from && bottom <= limit && !isHeading(piece))
            best = {bottom, i + 1 < m_pieces.size() ? m_tops[i + 1] : bottom, false};
    }
    if (best.cut == from && whole_page) return {limit, limit, false};  // a row that is taller than a page
    return best;
}

std::size_t MessageLayout::pieceAt(int y) const {
    const auto found = std::upper_bound(m_tops.begin(), m_tops.end(), y);
    return found == m_tops.begin() ? 0 : static_cast<std::size_t>(found - m_tops.begin()) - 1;
}

std::size_t MessageLayout::pieceOfByte(std::uint32_t byte) const {
    const auto found = std::upper_bound(m_pieces.begin(), m_pieces.end(), byte,
                                        [](std::uint32_t b, const Piece& piece) { return b < piece.begin; });
    return found == m_pieces.begin() ? 0 : static_cast<std::size_t>(found - m_pieces.begin()) - 1;
}

std::pair<std::size_t, std::size_t> MessageLayout::piecesOf(std::size_t block) const {
    const auto less = [](const Piece& piece, std::size_t b) { return piece.block < b; };
    const auto first = std::lower_bound(m_pieces.begin(), m_pieces.end(), block, less);
    const auto last = std::lower_bound(first, m_pieces.end(), block + 1, less);
    return {static_cast<std::size_t>(first - m_pieces.begin()), static_cast<std::size_t>(last - m_pieces.begin())};
}

QRect MessageLayout::bodyRect(const MessageContext& context) const {
    if (!isUser()) return {0, m_body_top, context.width, m_body_bottom - m_body_top};
    const int width = m_bubble_width + 2 * context.style.bubble_padding_x;
    return {context.width - width, m_body_top, width, m_body_bottom - m_body_top};
}

QRect MessageLayout::rowRect(const MessageContext& context) const {
    const int gap = context.style.theme.px(isUser() ? 2 : 5);
    return {0, m_text_bottom + gap, context.width, m_row.height};
}

MessageLayout::Placement MessageLayout::placementAt(const MessageContext& context, QPoint point) const {
    if (m_pieces.empty()) return {};
    const std::size_t index = pieceAt(point.y());
    const Piece& piece = m_pieces[index];
    if (!piece.layout) return {};
    const QPointF corner = contentOrigin(context) + QPointF(0, m_tops[index]);
    Placement nearest;
    for (const PieceLayout::Placed& placed : piece.layout->parts) {  // the cells of a row lie side by side
        const QPointF origin = corner + placed.origin;
        const bool before = origin.x() - context.style.cell_padding_x <= point.x();
        const bool nearer =
            nearest.part &&
            (before ? origin.x() > nearest.origin.x() || nearest.origin.x() - context.style.cell_padding_x > point.x()
                    : origin.x() < nearest.origin.x() && nearest.origin.x() - context.style.cell_padding_x > point.x());
        if (!nearest.part || nearer) nearest = {&placed.part, origin};
    }
    return nearest;
}

TextHit MessageLayout::hitText(const MessageContext& context, QPoint point) const {
    const Placement placement = placementAt(context, point);
    return placement.part ? placement.part->hit(QPointF(point) - placement.origin) : TextHit{};
}

ByteRange MessageLayout::wordAt(const MessageContext& context, QPoint point) const {
    const Placement placement = placementAt(context, point);
    if (!placement.part) return {};
    const TextHit hit = placement.part->hit(QPointF(point) - placement.origin);
    return placement.part->wordAt(hit.byte.value_or(hit.caret));
}

ByteRange MessageLayout::paragraphAt(const MessageContext& context, QPoint point) const {
    const Placement placement = placementAt(context, point);
    if (!placement.part) return {};
    const Block& block = blocks()[m_pieces[pieceAt(point.y())].block];
    if (block.kind != BlockKind::kCode && block.kind != BlockKind::kTable) return {block.begin, block.end};
    const TextHit hit = placement.part->hit(QPointF(point) - placement.origin);
    return placement.part->lineAt(hit.byte.value_or(hit.caret));
}

std::vector<QRectF> MessageLayout::rects(const MessageContext& context, ByteRange range) const {
    std::vector<QRectF> all;
    for (std::size_t i = pieceOfByte(range.begin); i < m_pieces.size() && m_pieces[i].begin < range.end; ++i) {
        if (!m_pieces[i].layout) continue;
        const QPointF corner = contentOrigin(context) + QPointF(0, m_tops[i]);
        for (const PieceLayout::Placed& placed : m_pieces[i].layout->parts) {
            for (QRectF rect : placed.part.rects(range)) {
                rect.translate(corner + placed.origin);
                const bool code = blocks()[m_pieces[i].block].kind == BlockKind::kCode;
                if (code && codeOverflow(m_pieces[i].block) > 0) rect &= QRectF(codeText(context, m_pieces[i].block));
                if (!code && m_pieces[i].overflow > 0)
                    rect &= QRectF(contentOrigin(context).x(), m_tops[i], contentWidth(context), m_pieces[i].height);
                all.push_back(rect);
            }
        }
    }
    return all;
}

MessageTarget MessageLayout::hitTarget(const MessageContext& context, QPoint point) const {
    MessageTarget target;
    const QRect row = rowRect(context);
    if (row.contains(point)) {
        for (const RowButton& button : m_row.buttons) {
            if (button.action == MessageAction::kNone || !button.rect.contains(point - row.topLeft())) continue;
            target.kind = MessageTarget::kAction;
            target.action = button.action;
        }
        return target;
    }
    if (m_pieces.empty() || point.y() < m_body_top || point.y() >= m_body_bottom) return target;
    if (thoughtRect(context).contains(point)) {
        target.kind = MessageTarget::kThought;
        return target;
    }
    const Piece& piece = m_pieces[pieceAt(point.y())];
    if (blocks()[piece.block].kind == BlockKind::kCode) {
        target = codeButtonAt(context, piece.block, point);
        if (target.kind != MessageTarget::kNothing) return target;
    }
    const TextHit hit = hitText(context, point);
    if (!hit.link.isEmpty()) {
        target.kind = MessageTarget::kLink;
        target.address = hit.link;
        target.range = {*hit.byte, *hit.byte + 1};
        const Placement placement = placementAt(context, point);
        for (const TextPart::Link& link : placement.part->links()) {
            if (link.range.begin <= *hit.byte && *hit.byte < link.range.end) target.range = link.range;
        }
    }
    return target;
}

std::vector<MessageTarget> MessageLayout::targets() const {
    std::vector<MessageTarget> targets;
    for (const Piece& piece : m_pieces) {
        const Block& block = blocks()[piece.block];
        if (block.kind == BlockKind::kThought) {
            MessageTarget target;
            target.kind = MessageTarget::kThought;
            targets.push_back(target);
        }
        if (block.kind == BlockKind::kCode && piece.from == 0) addCodeTargets(piece.block, &targets);
        if (!piece.layout) continue;
        for (const PieceLayout::Placed& placed : piece.layout->parts) {
            for (const TextPart::Link& link : placed.part.links()) {
                MessageTarget target;
                target.kind = MessageTarget::kLink;
                target.address = link.address;
                target.range = link.range;
                targets.push_back(target);
            }
        }
    }
    for (const RowButton& button : m_row.buttons) {
        if (button.action == MessageAction::kNone || !button.enabled) continue;
        MessageTarget target;
        target.kind = MessageTarget::kAction;
        target.action = button.action;
        targets.push_back(target);
    }
    return targets;
}

QRect MessageLayout::targetRect(const MessageContext& context, const MessageTarget& target) const {
    switch (target.kind) {
        case MessageTarget::kAction:
            for (const RowButton& button : m_row.buttons) {
                if (button.action == target.action) return button.rect.translated(rowRect(context).topLeft());
            }
            return {};
        case MessageTarget::kCopyCode:
        case MessageTarget::kSaveCode:
        case MessageTarget::kWrapCode:
        case MessageTarget::kNumberCode:
            return codeButton(context, target);
        case MessageTarget::kLink: {
            QRectF all;
            for (const QRectF& rect : rects(context, target.range)) all |= rect;
            return all.toAlignedRect();
        }
        case MessageTarget::kThought:
            return thoughtRect(context);
        case MessageTarget::kNothing:
            break;
    }
    return {};
}

QString MessageLayout::text(const MessageContext& context, ByteRange range) {
    prepare(context);
    QString all;
    const std::vector<Block>& list = blocks();
    const auto units = [&](const Inlines& inlines) {
        QString part;
        if (inlines.runs.empty() || inlines.runs.front().begin >= range.end || inlines.runs.back().end <= range.begin) {
            return part;
        }
        const int size = static_cast<int>(inlines.text.size());
        if (inlines.runs.front().begin >= range.begin && inlines.runs.back().end <= range.end) {
            part = inlines.text;
        } else {
            const std::vector<std::uint32_t> bytes = sourceBytes(inlines, context.message.text, 0, size);
            const auto at = [&](std::uint32_t byte) {
                return std::lower_bound(bytes.begin(), bytes.end() - 1, byte) - bytes.begin();
            };
            part = inlines.text.mid(at(range.begin), at(range.end) - at(range.begin));
        }
        return part.replace(QChar(QChar::LineSeparator), QLatin1Char('\n'));
    };
    bool any = false;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const Block& block = list[i];
        if (block.kind == BlockKind::kThought || isFolded(context, block)) continue;
        if (block.end < range.begin || block.begin >= range.end || (block.begin == block.end && !isUser())) continue;
        if (any) all += block.tight ? QStringLiteral("\n") : QStringLiteral("\n\n");
        any = true;
        if (!block.containers.empty() && block.containers.back().first && block.begin >= range.begin) {
            const Container& item = block.containers.back();
            all += QString(2 * (static_cast<qsizetype>(block.containers.size()) - 1), QLatin1Char(' '));
            all += item.kind == Container::kNumber ? QString::number(item.number) + QStringLiteral(". ")
                                                   : QStringLiteral("• ");
        }
        all += units(block.inlines);
        for (std::size_t cell = 0; cell < block.cells.size(); ++cell) {
            if (cell > 0) all += cell % block.columns.size() == 0 ? QLatin1Char('\n') : QLatin1Char('\t');
            all += units(block.cells[cell]);
        }
    }
    return all;
}

}  // namespace moescope
