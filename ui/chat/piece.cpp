#include "ui/chat/piece.h"

#include <QFontMetricsF>
#include <algorithm>
#include <cmath>

namespace moescope {

namespace {

constexpr int kPieceUnits = 4000;
constexpr int kPieceLines = 32;
constexpr int kDeepestIndent = 320;

/// Wide letters: from Hangul Jamo on, which is near enough for estimates.
int wideUnits(QStringView text) {
    return static_cast<int>(
        std::count_if(text.begin(), text.end(), [](QChar c) { return c.unicode() >= 0x1100 && !c.isLowSurrogate(); }));
}

/// The first formula on lines of its own from a unit on; behind the last if there is none.
std::size_t nextDisplay(const Block& block, int from) {
    const std::vector<InlineFormula>& formulas = block.inlines.formulas;
    if (block.kind != BlockKind::kParagraph) return formulas.size();
    const auto first = std::lower_bound(formulas.begin(), formulas.end(), from,
                                        [](const InlineFormula& f, int at) { return f.from < at; });
    const auto found = std::find_if(first, formulas.end(), [](const InlineFormula& f) { return f.display; });
    return static_cast<std::size_t>(found - formulas.begin());
}

bool isSpace(QChar c) {
    return c == QLatin1Char(' ') || c == QLatin1Char('\t') || c == QChar(QChar::LineSeparator);
}

int lineCount(QStringView text) {
    return static_cast<int>(text.count(u'\n')) + 1;
}

/// Where the piece that begins at `from` ends: at a line's end in code, behind a space in text, never inside a
/// surrogate pair.
int pieceEnd(const QString& text, int from, bool code) {
    const int size = static_cast<int>(text.size());
    const int limit = std::min(size, from + kPieceUnits);
    if (code) {
        int lines = 0;
        int end = from;
        while (lines < kPieceLines) {
            const qsizetype next = text.indexOf(QLatin1Char('\n'), end);
            if (next < 0) {
                if (size <= limit) return size;
                break;
            }
            if (next + 1 > limit) break;
            end = static_cast<int>(next) + 1;
            ++lines;
        }
        if (end > from) return end;
    } else if (size <= limit) {
        return size;
    } else {
        const qsizetype space = text.lastIndexOf(QLatin1Char(' '), limit - 1);
        if (space >= from + kPieceUnits / 2) return static_cast<int>(space) + 1;
    }
    return limit < size && text[limit].isLowSurrogate() ? limit - 1 : limit;
}

int gapBefore(const std::vector<Block>& blocks, std::size_t index, bool user, const TranscriptStyle& style) {
    if (index == 0) return 0;
    const Block& block = blocks[index];
    if (user && block.tight && block.containers.empty()) return 0;  // a line of a text that is shown as it is
    const Block& before = blocks[index - 1];
    if (block.kind == BlockKind::kHeading) return style.heading_gap;
    if (block.tight && !before.containers.empty()) return style.tight_gap;
    return style.paragraph_gap;
}

/// The direction of a block: of its first letter that has one. Code runs from left to right.
bool isRightToLeft(const Block& block) {
    if (block.kind == BlockKind::kCode) return false;
    if (block.kind != BlockKind::kTable) return block.inlines.text.isRightToLeft();
    return std::any_of(
        block.cells.begin(),
        block.cells.begin() + static_cast<std::ptrdiff_t>(std::min(block.columns.size(), block.cells.size())),
        [](const Inlines& cell) { return cell.text.isRightToLeft(); });
}

/// What a table's words are measured with.
struct CellFonts {
    explicit CellFonts(const TranscriptStyle& style)
        : pixels(style.user.pixelSize()), plain(style.user), bold(style.table_head), code(codeFont(style)) {}
    static QFont codeFont(const TranscriptStyle& style) {
        QFont font = style.code;
        font.setPixelSize(std::max(1, style.user.pixelSize() - style.theme.px(1)));  // as TextPart has it
        return font;
    }
    int pixels;
    QFontMetricsF plain, bold, code;
};

double cellWidth(const Inlines& cell, bool head, const CellFonts& fonts) {
    double width = 0, line = 0;
    auto formula = cell.formulas.begin();
    const double em = mathEm(fonts.pixels);
    for (const Run& run : cell.runs) {
        while (formula != cell.formulas.end() && formula->from + formula->length <= run.from) ++formula;
        if (formula != cell.formulas.end() && formula->from <= run.from) {
            const auto set = setFormula(cell.text.mid(formula->from, formula->length), true);
            if (set) {
                if (formula->from == run.from) line += em * set->width();
                width = std::max(width, line);
                continue;
            }
        }
        const QString text = cell.text.mid(run.from, run.length);
        const QFontMetricsF& metrics = (run.style & (kCodeStyle | kFormulaStyle)) ? fonts.code
                                       : head || (run.style & kBoldStyle)         ? fonts.bold
                                                                                  : fonts.plain;
        line = text.contains(QChar(QChar::LineSeparator)) ? 0 : line + metrics.horizontalAdvance(text);
        width = std::max(width, line);
    }
    return width;
}

bool wrapsCode(const TranscriptStyle& style) {
    return style.wrap_code || style.keep_letters;
}

/// From the upper edge of a block of code to its first line: its header, or a margin where it is printed.
int aboveCode(const CodeEdges& edges, const TranscriptStyle& style) {
    if (!edges.first) return 0;
    return style.keep_letters ? style.code_padding_y : style.code_header;
}

TextPart::Setup textSetup(const Block& block, const PieceContext& context) {
    const TranscriptStyle& style = context.style;
    const bool quoted = std::any_of(block.containers.begin(), block.containers.end(),
                                    [](const Container& c) { return c.kind == Container::kQuote; });
    TextPart::Setup setup;
    setup.colour = quoted ? style.theme.dim : style.theme.text;
    if (block.kind == BlockKind::kHeading) {
        setup.font = style.headingFont(block.level);
        setup.line = style.headingLine(block.level);
    } else if (block.kind == BlockKind::kCode) {
        setup.font = style.code;
        setup.line = style.code_line;
    } else if (context.user) {
        setup.font = style.user;
        setup.line = style.user_line;
    } else {
        setup.font = style.body;
        setup.line = style.body_line;
    }
    setup.byte = block.begin;
    setup.code = block.kind == BlockKind::kCode;
    setup.right_to_left = isRightToLeft(block);
    return setup;
}

void layOutRow(Piece* piece, const PieceContext& context) {
    const TranscriptStyle& style = context.style;
    const Block& table = context.blocks[piece->block];
    const std::size_t columns = table.columns.size();
    int x = piece->indent;
    int height = style.user_line;
    for (std::size_t column = 0; column < columns; ++column) {
        const std::size_t index = static_cast<std::size_t>(piece->from) * columns + column;
        if (index >= table.cells.size()) break;
        const Inlines& cell = table.cells[index];
        const int column_width = (*context.columns)[column];
        TextPart::Setup setup;
        setup.font = piece->from == 0 ? style.table_head : style.user;
        setup.colour = style.theme.text;
        setup.line = style.user_line;
        setup.width = std::max(1, column_width - 2 * style.cell_padding_x);
        setup.alignment = table.columns[column] == CellAlignment::kCenter     ? Qt::AlignHCenter
                          : table.columns[column] == CellAlignment::kTrailing ? Qt::AlignRight
                                                                              : Qt::AlignLeft;
        setup.byte = piece->begin;
        setup.right_to_left = cell.text.isRightToLeft();
        if (piece->right_to_left && cell.text.isEmpty()) setup.right_to_left = true;
        const int left = piece->right_to_left ? context.width - x - column_width : x;
        piece->layout->parts.push_back(
            {TextPart(setup, style, cell, context.source, 0, static_cast<int>(cell.text.size())),
             QPointF(left + style.cell_padding_x, style.cell_padding_y)});
        height = std::max(height, piece->layout->parts.back().part.height());
        x += column_width;
    }
    piece->height = height + 2 * style.cell_padding_y;
}

/// In the middle of the column; what is too wide begins at its left edge and can be scrolled, or is as it is written if
/// it cannot be set.
void layOutFormula(Piece* piece, TextPart::Setup setup, const PieceContext& context) {
    const Block& block = context.blocks[piece->block];
    const InlineFormula& formula = block.inlines.formulas[static_cast<std::size_t>(piece->formula)];
    const auto set = setFormula(block.inlines.text.mid(formula.from, formula.length));
    const double room = setup.width;
    if (set && set->display) {
        setup.display = true;
        setup.right_to_left = false;
        setup.alignment = Qt::AlignHCenter;
        double tags = 0;
        for (const SetFormula::Tag& tag : set->tags) tags = std::max(tags, tag.box.width + 1);
        const double wanted = mathEm(setup.font.pixelSize()) * (set->width() + 2 * tags) + 2;
        if (!context.style.keep_letters) setup.width = std::max(room, wanted);
    }
    piece->overflow = static_cast<int>(std::ceil(setup.width - room));
    piece->scrolled = std::clamp(piece->scrolled, 0, piece->overflow);
    const double left = piece->right_to_left ? 0 : piece->indent;
    piece->layout->parts.push_back(
        {TextPart(setup, context.style, block.inlines, context.source, formula.from, formula.from + formula.length),
         QPointF(left - piece->scrolled, 0)});
    piece->height = piece->layout->parts.back().part.height() + (piece->overflow > 0 ? context.style.theme.px(8) : 0);
}

}  // namespace

int containerIndent(const Container& container, const TranscriptStyle& style) {
    if (container.kind == Container::kQuote) return style.theme.px(16);
    if (container.kind == Container::kBullet) return style.indent;
    int digits = 2;
    for (unsigned n = container.number; n >= 100; n /= 10) ++digits;
    return style.theme.px(12 + 8 * digits);
}

int indentOf(const Block& block, const TranscriptStyle& style) {
    int indent = 0;
    for (const Container& container : block.containers) indent += containerIndent(container, style);
    // However deep it stands, a text has room.
    return std::min(indent, style.theme.px(kDeepestIndent));
}

void appendPieces(const std::vector<Block>& blocks, std::size_t index, int from, CodeState state,
                  std::string_view source, bool user, const TranscriptStyle& style, std::vector<Piece>* pieces) {
    const Block& block = blocks[index];
    const bool right_to_left = isRightToLeft(block);
    int formula = -1;
    bool formula_edge = false;  // a formula on lines of its own begins or ends here
    int line = 0;               // of code
    const auto add = [&](int begin_unit, int end_unit, std::uint32_t byte) {
        Piece piece;
        piece.block = index;
        piece.from = begin_unit;
        piece.to = end_unit;
        piece.begin = byte;
        piece.formula = formula;
        piece.gap = begin_unit == 0 ? gapBefore(blocks, index, user, style) : formula_edge ? style.paragraph_gap : 0;
        piece.indent = indentOf(block, style);
        piece.right_to_left = right_to_left;
        piece.state = state;
        piece.line = line;
        pieces->push_back(std::move(piece));
    };
    if (block.kind == BlockKind::kTable) {
        const std::size_t columns = std::max<std::size_t>(1, block.columns.size());
        std::uint32_t byte = block.begin;
        for (std::size_t row = static_cast<std::size_t>(from); row * columns < block.cells.size(); ++row) {
            for (std::size_t column = columns; column-- > 0;) {
                const std::size_t cell = row * columns + column;
                if (cell < block.cells.size() && !block.cells[cell].runs.empty())
                    byte = block.cells[cell].runs[0].begin;
            }
            add(static_cast<int>(row), static_cast<int>(row) + 1, byte);
        }
        return;
    }
    const QString& text = block.inlines.text;
    const bool code = block.kind == BlockKind::kCode;
    const Language* language = code ? findLanguage(block.language) : nullptr;
    formula_edge = from > 0;
    if (code) line = static_cast<int>(QStringView(text).left(from).count(u'\n'));
    do {
        int end = 0;
        const std::size_t next = nextDisplay(block, from);
        const bool any = next < block.inlines.formulas.size();
        const int display = any ? block.inlines.formulas[next].from : static_cast<int>(text.size());
        if (any && std::all_of(text.begin() + from, text.begin() + display, isSpace)) {
            formula = static_cast<int>(next);
            formula_edge = true;
            end = display + block.inlines.formulas[next].length;
            while (end < text.size() && isSpace(text[end])) ++end;
        } else {
            formula = -1;
            end = std::min(display, pieceEnd(text, from, code));
        }
        add(from, end, from == 0 ? block.begin : sourceBytes(block.inlines, source, from, std::min(from + 1, end))[0]);
        if (language && end < text.size()) {
            state = highlightCode(language, QStringView(text).mid(from, end - from), state, nullptr);
        }
        if (code) line += static_cast<int>(QStringView(text).mid(from, end - from).count(u'\n'));
        from = end;
        formula_edge = formula >= 0;
    } while (from < text.size());
}

CodeState stateAfter(const Block& block, const Piece& piece) {
    if (block.kind != BlockKind::kCode) return CodeState::kNone;
    return highlightCode(findLanguage(block.language),
                         QStringView(block.inlines.text).mid(piece.from, piece.to - piece.from), piece.state, nullptr);
}

CodeEdges codeEdges(const std::vector<Block>& blocks, const Piece& piece) {
    const Block& block = blocks[piece.block];
    if (block.kind != BlockKind::kCode) return {};
    return {piece.from == 0, piece.to >= block.inlines.text.size()};
}

int codeGutter(const Block& block, const TranscriptStyle& style) {
    if (!style.number_code || style.keep_letters) return 0;
    const auto digits = QString::number(lineCount(block.inlines.text)).size();
    return static_cast<int>(std::ceil(style.code_unit * static_cast<double>(std::max<qsizetype>(2, digits)))) +
           style.theme.px(12);
}

std::vector<int> tableColumns(const Block& table, int width, const TranscriptStyle& style) {
    const std::size_t columns = table.columns.size();
    std::vector<int> natural(columns, 0);
    // Measuring is for tables of a usual size; in large ones letters are counted.
    const bool measure = table.cells.size() <= 400;
    const CellFonts fonts(style);
    for (std::size_t i = 0; i < table.cells.size(); ++i) {
        const QString& text = table.cells[i].text;
        int& column = natural[i % columns];
        const double counted = static_cast<double>(text.size()) * style.user_unit;
        if (measure && text.size() < 200) {
            column = std::max(column, static_cast<int>(std::ceil(cellWidth(table.cells[i], i < columns, fonts))) + 2);
        } else {
            column =
                std::max(column, static_cast<int>(std::min(counted * 1.15 + wideUnits(text) * style.user_unit, 1e6)));
        }
    }
    for (int& column : natural) column += 2 * style.cell_padding_x;
    // Columns that need no more than an equal share get what they need, the others share the rest.
    std::vector<int> widths = natural;
    std::vector<bool> settled(columns, false);
    int rest = width;
    std::size_t open = columns;
    for (bool again = true; again && open > 0;) {
        again = false;
        const int share = rest / static_cast<int>(open);
        for (std::size_t i = 0; i < columns && open > 0; ++i) {
            if (settled[i] || natural[i] > share) continue;
            settled[i] = again = true;
            rest -= natural[i];
            --open;
        }
    }
    for (std::size_t i = 0; i < columns; ++i) {
        if (!settled[i]) widths[i] = std::max(1, rest / static_cast<int>(open));
    }
    return widths;
}

int estimateHeight(const Piece& piece, const PieceContext& context) {
    const TranscriptStyle& style = context.style;
    const Block& block = context.blocks[piece.block];
    const int width = context.width - piece.indent;
    if (block.kind == BlockKind::kRule) return style.theme.px(9);
    if (block.kind == BlockKind::kThought) return style.row_height;
    if (block.kind == BlockKind::kTable) return style.user_line + 2 * style.cell_padding_y;
    const QStringView text = QStringView(block.inlines.text).mid(piece.from, piece.to - piece.from);
    const int units = static_cast<int>(text.size());
    if (block.kind == BlockKind::kCode) {
        const CodeEdges edges = codeEdges(context.blocks, piece);
        int lines = lineCount(text) - (edges.last ? 0 : 1);
        if (wrapsCode(style)) {
            const int room = width - 2 * style.code_padding_x - codeGutter(block, style);
            lines = std::max(lines, TranscriptStyle::estimateLines(units, 0, style.code_unit, room));
        }
        return lines * style.code_line + aboveCode(edges, style) + edges.last * style.code_padding_y;
    }
    const TextPart::Setup setup = textSetup(block, context);
    if (piece.formula >= 0) return static_cast<int>(setup.line * 2 * (1 + text.count(QStringLiteral("\\\\"))));
    return setup.line * TranscriptStyle::estimateLines(units, wideUnits(text),
                                                       context.user ? style.user_unit : style.body_unit, width);
}

void layOutPiece(Piece* piece, const PieceContext& context) {
    const TranscriptStyle& style = context.style;
    const Block& block = context.blocks[piece->block];
    piece->layout = std::make_unique<PieceLayout>();
    piece->exact = true;
    if (block.kind == BlockKind::kRule || block.kind == BlockKind::kThought) {
        piece->height = estimateHeight(*piece, context);
        return;
    }
    if (block.kind == BlockKind::kTable) return layOutRow(piece, context);
    TextPart::Setup setup = textSetup(block, context);
    setup.width = std::max(1, context.width - piece->indent);
    if (piece->formula >= 0) return layOutFormula(piece, setup, context);
    if (block.kind != BlockKind::kCode) {
        // What is between it and a formula on lines of its own would make an empty line.
        int to = piece->to;
        const QString& text = block.inlines.text;
        const std::size_t next = nextDisplay(block, to);
        const bool before_formula =
            next < block.inlines.formulas.size() && block.inlines.formulas[next].from == piece->to;
        while (before_formula && piece->from < to && isSpace(text[to - 1])) --to;
        piece->layout->parts.push_back({TextPart(setup, style, block.inlines, context.source, piece->from, to),
                                        QPointF(piece->right_to_left ? 0 : piece->indent, 0)});
        piece->height = piece->layout->parts.back().part.height();
        return;
    }
    const CodeEdges edges = codeEdges(context.blocks, *piece);
    const int gutter = codeGutter(block, style);
    const double room = std::max(1.0, setup.width - 2 * style.code_padding_x - gutter);
    constexpr double kUnbroken = 1e6;
    setup.width = wrapsCode(style) ? room : kUnbroken;
    if (edges.first && style.keep_letters) {
        setup.first_inset = context.code_label;
        setup.inset_height = style.code_line;
    }
    // The break that ends the last line of the piece would make an empty line.
    const int end = !edges.last && piece->to > piece->from && block.inlines.text[piece->to - 1] == QLatin1Char('\n')
                        ? piece->to - 1
                        : piece->to;
    std::vector<CodeSpan> colours;
    highlightCode(findLanguage(block.language), QStringView(block.inlines.text).mid(piece->from, end - piece->from),
                  piece->state, &colours);
    piece->layout->parts.push_back(
        {TextPart(setup, style, block.inlines, context.source, piece->from, end, colours),
         QPointF(piece->indent + style.code_padding_x + gutter - context.code_scrolled, aboveCode(edges, style))});
    const TextPart& part = piece->layout->parts.back().part;
    piece->overflow = wrapsCode(style) ? 0 : std::max(0, static_cast<int>(std::ceil(part.naturalWidth() - room)));
    piece->scrolled = context.code_scrolled;
    piece->height = part.height() + aboveCode(edges, style) + edges.last * style.code_padding_y;
}

}  // namespace moescope
