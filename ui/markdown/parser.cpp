#include "ui/markdown/parser.h"

#include <algorithm>
#include <array>
#include <optional>

#include "engine/base/utf8.h"
#include "engine/markdown/reader.h"
#include "engine/math/formula.h"
#include "ui/markdown/utf8.h"

namespace moescope {

namespace {

/// Runs are kept short, so that the bytes of a unit are found quickly in a line of a megabyte.
constexpr std::size_t kRunBytes = 4096;

bool isLineEnd(char c) {
    return c == '\n' || c == '\r';
}

/// Makes blocks of what the reader tells. Text without a place (breaks, expanded tabs) stands for the source between
/// its neighbours.
class Builder : public markdown::Sink {
public:
    Builder(std::string_view text, std::uint32_t from) : m_text(text), m_last_end(from) { m_result.safe.byte = from; }

    void enter(const markdown::BlockStart& block) override;
    void leave(markdown::Block block) override;
    void enter(const markdown::SpanStart& span) override;
    void leave(markdown::Span span) override;
    void text(const markdown::TextPiece& piece) override;
    void lineBreak() override;
    ParsedMarkdown take() { return std::move(m_result); }

private:
    struct List {
        bool ordered = false, tight = false;
        unsigned next = 1;
    };

    void open(BlockKind kind);
    void close();
    void closeText();
    void closeIfOpen() {
        if (m_open) close();
    }
    void openIfClosed();
    void noteFormula();
    void noteSafePoint();
    void appendVerbatim(std::string_view part, std::uint32_t at);
    void appendRun(std::string_view part, std::optional<std::uint32_t> at, bool verbatim, const QString& units);
    std::string_view m_text;
    ParsedMarkdown m_result;
    std::vector<Container> m_containers;
    std::vector<List> m_lists;
    std::vector<std::size_t> m_items;  // blocks before each open item
    Block m_block;
    Inlines m_inlines;
    bool m_open = false;                        // a leaf is being built
    std::uint32_t m_last_end;                   // end of the last text that came from the source
    std::optional<std::uint32_t> m_first_text;  // of the leaf
    std::vector<std::size_t> m_pending;         // runs that end where the next text begins
    std::array<int, 8> m_spans{};               // open ones, by kind
    std::vector<int> m_links;
    std::optional<int> m_formula;                  // where the open one begins, in units
    std::optional<std::uint32_t> m_formula_begin;  // and in bytes, from its first text on
};

void Builder::open(BlockKind kind) {
    m_block = Block();
    m_block.kind = kind;
    m_block.containers = m_containers;
    for (Container& container : m_containers) container.first = false;
    m_inlines = Inlines();
    m_first_text.reset();
    m_pending.clear();
    m_open = true;
}

/// An item of a tight list has no paragraph of its own.
void Builder::openIfClosed() {
    if (m_open) return;
    open(BlockKind::kParagraph);
    m_block.tight = true;
}

void Builder::appendRun(std::string_view part, std::optional<std::uint32_t> at, bool verbatim, const QString& units) {
    Run run;
    run.from = static_cast<int>(m_inlines.text.size());
    if (verbatim) {
        appendUtf8(&m_inlines.text, part);
    } else {
        m_inlines.text += units;
    }
    run.length = static_cast<int>(m_inlines.text.size()) - run.from;
    run.verbatim = verbatim;
    const auto on = [&](markdown::Span span) { return m_spans[static_cast<std::size_t>(span)] > 0; };
    const bool formula = on(markdown::Span::kFormula);
    run.style = static_cast<std::uint8_t>(
        (on(markdown::Span::kEmphasis) && !formula ? kItalicStyle : 0) |
        (on(markdown::Span::kStrong) ? kBoldStyle : 0) | (on(markdown::Span::kCode) ? kCodeStyle : 0) |
        (on(markdown::Span::kStrike) ? kStrikeStyle : 0) | (on(markdown::Span::kImage) ? kImageStyle : 0) |
        (formula ? kFormulaStyle : 0));
    run.link = m_links.empty() ? -1 : m_links.back();
    if (at) {
        for (const std::size_t pending : m_pending) {
            Run& before = m_inlines.runs[pending];
            // The first stands for all that is between.
            if (!m_first_text || pending != m_pending.front()) before.begin = *at;
            before.end = *at;
        }
        m_pending.clear();
        if (!m_first_text) m_first_text = at;
        run.begin = *at;
        run.end = *at + static_cast<std::uint32_t>(part.size());
        m_last_end = run.end;
        const bool begins_formula = m_formula && !m_formula_begin;
        if (begins_formula) m_formula_begin = at;
        if (!m_inlines.runs.empty() && !begins_formula) {
            Run& before = m_inlines.runs.back();
            if (verbatim && before.verbatim && before.end == run.begin && before.style == run.style &&
                before.link == run.link && before.length + run.length <= static_cast<int>(kRunBytes)) {
                before.length += run.length;
                before.end = run.end;
                return;
            }
        }
    } else {
        run.begin = run.end = m_last_end;
        if (run.length > 0) m_pending.push_back(m_inlines.runs.size());
    }
    if (run.length > 0) m_inlines.runs.push_back(run);
}

void Builder::appendVerbatim(std::string_view part, std::uint32_t at) {
    for (std::size_t done = 0; done < part.size();) {
        const std::size_t size = wholeCharacters(part.substr(done), kRunBytes);
        appendRun(part.substr(done, size), at + static_cast<std::uint32_t>(done), true, {});
        done += size;
    }
}

void Builder::text(const markdown::TextPiece& piece) {
    openIfClosed();
    if (piece.at && piece.verbatim) return appendVerbatim(piece.text, *piece.at);
    if (piece.at) return appendRun(m_text.substr(*piece.at, piece.size), piece.at, false, fromUtf8(piece.text));
    if (piece.text == "\n" && m_first_text && m_pending.empty() && m_last_end < m_text.size() &&
        m_text[m_last_end] == '\n') {
        appendRun(m_text.substr(m_last_end, 1), m_last_end, true, {});  // a line of code ends where the source's does
    } else {
        appendRun(piece.text, std::nullopt, false, fromUtf8(piece.text));
    }
}

void Builder::lineBreak() {
    openIfClosed();
    appendRun({}, std::nullopt, false, QString(QChar(QChar::LineSeparator)));
}

/// Inlines are complete: fixes their ends.
void Builder::closeText() {
    for (const std::size_t pending : m_pending) {
        if (pending < m_inlines.runs.size()) m_inlines.runs[pending].end = m_last_end;
    }
    m_pending.clear();
    const bool code = m_block.kind == BlockKind::kCode;
    if (code && m_inlines.text.endsWith(QLatin1Char('\n'))) {
        m_inlines.text.chop(1);
        Run& last = m_inlines.runs.back();
        if (last.verbatim) --last.end;
        if (--last.length == 0) m_inlines.runs.pop_back();
    }
}

void Builder::close() {
    closeText();
    if (m_block.kind == BlockKind::kTable) {
        m_block.inlines = {};
    } else {
        m_block.inlines = std::move(m_inlines);
    }
    m_block.begin = m_block.end = m_last_end;
    const auto firstRun = [](const Inlines& inlines) { return inlines.runs.empty() ? nullptr : &inlines.runs.front(); };
    if (const Run* run = firstRun(m_block.inlines)) {
        m_block.begin = run->begin;
        m_block.end = m_block.inlines.runs.back().end;
    }
    for (auto cell = m_block.cells.rbegin(); cell != m_block.cells.rend(); ++cell) {
        if (const Run* run = firstRun(*cell)) m_block.begin = run->begin;
    }
    noteSafePoint();
    m_result.blocks.push_back(std::move(m_block));
    m_open = false;
}

/// See document.h for what makes a place safe and why.
void Builder::noteSafePoint() {
    const BlockKind kind = m_block.kind;
    const bool text = kind == BlockKind::kParagraph || kind == BlockKind::kHeading || kind == BlockKind::kTable;
    if (!text || !m_block.containers.empty() || !m_first_text) return;
    std::size_t line = *m_first_text;
    while (line > 0 && !isLineEnd(m_text[line - 1])) --line;
    if (m_text.find('\n', line) == std::string_view::npos) return;
    // A line that is indented like code is text only because of what was before it.
    if (const std::size_t indent = m_text.find_first_not_of(' ', line); indent > line + 3 || m_text[indent] == '\t')
        return;
    std::size_t before = line;
    if (before > 0) {
        before -= before > 1 && m_text[before - 1] == '\n' && m_text[before - 2] == '\r' ? 2 : 1;
        while (before > 0 && (m_text[before - 1] == ' ' || m_text[before - 1] == '\t')) --before;
        if (before > 0 && !isLineEnd(m_text[before - 1])) return;
    }
    if (line >= m_result.safe.byte) m_result.safe = {static_cast<std::uint32_t>(line), m_result.blocks.size()};
}

void Builder::enter(const markdown::BlockStart& block) {
    if (block.kind != markdown::Block::kRow && block.kind != markdown::Block::kCell) closeIfOpen();
    switch (block.kind) {
        case markdown::Block::kQuote:
            m_containers.push_back({Container::kQuote, Container::kNoTask, false, 0});
            break;
        case markdown::Block::kList:
            m_lists.push_back({block.ordered, block.tight, block.start});
            break;
        case markdown::Block::kItem: {
            List& list = m_lists.back();
            Container container{list.ordered ? Container::kNumber : Container::kBullet, Container::kNoTask, true,
                                list.next};
            if (block.task != markdown::Task::kNone)
                container.task = block.task == markdown::Task::kOpen ? Container::kOpen : Container::kDone;
            ++list.next;
            m_containers.push_back(container);
            m_items.push_back(m_result.blocks.size());
            break;
        }
        case markdown::Block::kRule:
            open(BlockKind::kRule);
            break;
        case markdown::Block::kHeading:
            open(BlockKind::kHeading);
            m_block.level = block.level;
            break;
        case markdown::Block::kCode:
            open(BlockKind::kCode);
            m_block.language = fromUtf8(block.language);
            break;
        case markdown::Block::kParagraph:
            open(BlockKind::kParagraph);
            break;
        case markdown::Block::kTable:
            open(BlockKind::kTable);
            break;
        case markdown::Block::kRow:
            break;
        case markdown::Block::kCell:
            if (block.head) {
                m_block.columns.push_back(block.alignment == markdown::Alignment::kCenter ? CellAlignment::kCenter
                                          : block.alignment == markdown::Alignment::kTrailing
                                              ? CellAlignment::kTrailing
                                              : CellAlignment::kLeading);
            }
            m_inlines = Inlines();
            break;
    }
}

void Builder::leave(markdown::Block block) {
    switch (block) {
        case markdown::Block::kQuote:
            closeIfOpen();
            m_containers.pop_back();
            break;
        case markdown::Block::kList:
            m_lists.pop_back();
            break;
        case markdown::Block::kItem:
            closeIfOpen();
            if (m_items.back() == m_result.blocks.size()) {
                open(BlockKind::kParagraph);
                m_block.tight = true;
                close();
            }
            m_items.pop_back();
            m_containers.pop_back();
            break;
        case markdown::Block::kCell:
            closeText();
            m_block.cells.push_back(std::move(m_inlines));
            m_inlines = Inlines();
            break;
        case markdown::Block::kRow:
            break;
        default:
            closeIfOpen();
            break;
    }
}

void Builder::enter(const markdown::SpanStart& span) {
    openIfClosed();
    ++m_spans[static_cast<std::size_t>(span.kind)];
    if (span.kind == markdown::Span::kFormula) m_formula = static_cast<int>(m_inlines.text.size());
    if (span.kind != markdown::Span::kLink && span.kind != markdown::Span::kImage) return;
    if (m_links.empty()) {  // a picture in a link is the link
        if (!span.address.empty()) m_inlines.links.push_back(fromUtf8(span.address));
        m_links.push_back(span.address.empty() ? -1 : static_cast<int>(m_inlines.links.size()) - 1);
    } else {
        m_links.push_back(m_links.back());
    }
}

/// A formula ends. One that streams is text until it is closed.
void Builder::noteFormula() {
    const int from = m_formula.value_or(0), to = static_cast<int>(m_inlines.text.size());
    const std::uint32_t begin = m_formula_begin.value_or(m_last_end);
    m_formula.reset();
    m_formula_begin.reset();
    const math::Marks marks = math::marksOf(m_text.substr(begin, m_last_end - begin));
    if (from < to && marks.closed) m_inlines.formulas.push_back({from, to - from, begin, m_last_end, marks.display});
}

void Builder::leave(markdown::Span span) {
    --m_spans[static_cast<std::size_t>(span)];
    if (span == markdown::Span::kFormula) noteFormula();
    if (span == markdown::Span::kLink || span == markdown::Span::kImage) m_links.pop_back();
}

}  // namespace

ParsedMarkdown parseMarkdown(std::string_view text, std::uint32_t from) {
    for (const bool definitions : {true, false}) {
        Builder build(text, from);
        if (!markdown::read(text, from, &build, definitions)) continue;
        ParsedMarkdown parsed = build.take();
        parsed.limited = !definitions;
        return parsed;
    }
    ParsedMarkdown parsed;
    parsed.blocks = plainBlocks(text.substr(from));
    parsed.safe = {from, 0};
    parsed.limited = true;
    return parsed;
}

std::vector<Block> plainBlocks(std::string_view text) {
    std::vector<Block> blocks;
    std::size_t at = 0;
    while (true) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::size_t size = end - at;
        if (size > 0 && text[end - 1] == '\r') --size;
        Block block;
        block.tight = true;
        block.begin = static_cast<std::uint32_t>(at);
        block.end = static_cast<std::uint32_t>(at + size);
        for (std::size_t done = 0; done < size;) {
            const std::size_t bytes = wholeCharacters(text.substr(at + done, size - done), kRunBytes);
            const auto begin = static_cast<std::uint32_t>(at + done);
            const auto from = static_cast<int>(block.inlines.text.size());
            appendUtf8(&block.inlines.text, text.substr(begin, bytes));
            block.inlines.runs.push_back({from, static_cast<int>(block.inlines.text.size()) - from, begin,
                                          begin + static_cast<std::uint32_t>(bytes), kPlainStyle, true, -1});
            done += bytes;
        }
        blocks.push_back(std::move(block));
        if (end == text.size()) break;
        at = end + 1;
    }
    return blocks;
}

std::vector<std::uint32_t> sourceBytes(const Inlines& inlines, std::string_view source, int from, int to) {
    std::vector<std::uint32_t> bytes;
    bytes.reserve(static_cast<std::size_t>(to - from) + 1);
    auto run = std::upper_bound(inlines.runs.begin(), inlines.runs.end(), from,
                                [](int at, const Run& r) { return at < r.from + r.length; });
    std::uint32_t end = run != inlines.runs.end() ? run->begin : inlines.runs.empty() ? 0 : inlines.runs.back().end;
    for (; run != inlines.runs.end() && run->from < to; ++run) {
        if (!run->verbatim) {
            for (int unit = std::max(from, run->from); unit < std::min(to, run->from + run->length); ++unit) {
                bytes.push_back(run->begin);
                end = run->end;
            }
            continue;
        }
        std::size_t byte = run->begin;
        for (int unit = run->from; unit < to && byte < run->end;) {
            const DecodedCharacter character = decodeUtf8(source.substr(0, run->end), byte);
            for (int i = 0; i < character.units(); ++i, ++unit) {
                if (unit >= from && unit < to) bytes.push_back(static_cast<std::uint32_t>(byte));
            }
            byte += static_cast<std::size_t>(character.bytes);
            if (unit > from) end = static_cast<std::uint32_t>(byte);
        }
    }
    bytes.resize(static_cast<std::size_t>(to - from), end);
    bytes.push_back(end);
    return bytes;
}

}  // namespace moescope
