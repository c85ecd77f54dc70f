#include "ui/markdown/parser.h"

#include <md4c.h>

#include <algorithm>
#include <optional>

#include "ui/markdown/entities.h"
#include "ui/markdown/utf8.h"

namespace moescope {

namespace {

/// Runs are kept short, so that the bytes of a unit are found quickly in a line of a megabyte.
constexpr std::size_t kRunBytes = 4096;

/// The size of the longest beginning of `text` of at most `limit` bytes that ends between characters.
std::size_t wholeCharacters(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) return text.size();
    std::size_t size = limit;
    while (size > limit - 4 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
    return size;
}

bool isLineEnd(char c) {
    return c == '\n' || c == '\r';
}

QString attributeText(const MD_ATTRIBUTE& attribute) {
    QString text;
    for (int i = 0; attribute.size > 0 && attribute.substr_offsets[i] < attribute.size; ++i) {
        const MD_OFFSET begin = attribute.substr_offsets[i], end = attribute.substr_offsets[i + 1];
        const std::string_view part(attribute.text + begin, end - begin);
        switch (attribute.substr_types[i]) {
            case MD_TEXT_ENTITY:
                text += decodeEntity(part);
                break;
            case MD_TEXT_NULLCHAR:
                text += QChar(0xFFFD);
                break;
            default:
                appendUtf8(&text, part);
                break;
        }
    }
    return text;
}

/// Turns md4c's events into blocks. md4c gives most text as pointers into the source, from which the positions come;
/// the rest (breaks, expanded tabs) stands for the source between its neighbours.
class Builder {
public:
    Builder(std::string_view text, std::uint32_t from) : m_text(text), m_last_end(from) { m_result.safe.byte = from; }

    void enterBlock(MD_BLOCKTYPE type, void* detail);
    void leaveBlock(MD_BLOCKTYPE type);
    void enterSpan(MD_SPANTYPE type, void* detail);
    void leaveSpan(MD_SPANTYPE type);
    void addText(MD_TEXTTYPE type, std::string_view part);
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
    void noteSafePoint();
    void appendVerbatim(std::string_view part, std::uint32_t at);
    void appendRun(std::string_view part, std::optional<std::uint32_t> at, bool verbatim, const QString& units);
    std::optional<std::uint32_t> positionOf(std::string_view part) const;

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
    std::vector<int> m_spans = std::vector<int>(16, 0);
    std::vector<int> m_links;
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

std::optional<std::uint32_t> Builder::positionOf(std::string_view part) const {
    const auto begin = reinterpret_cast<std::uintptr_t>(m_text.data());
    const auto at = reinterpret_cast<std::uintptr_t>(part.data());
    if (part.empty() || at < begin || at >= begin + m_text.size()) return std::nullopt;
    return static_cast<std::uint32_t>(at - begin);
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
    const auto on = [&](MD_SPANTYPE type) { return m_spans[static_cast<std::size_t>(type)] > 0; };
    run.style = static_cast<std::uint8_t>((on(MD_SPAN_EM) ? kItalicStyle : 0) | (on(MD_SPAN_STRONG) ? kBoldStyle : 0) |
                                          (on(MD_SPAN_CODE) ? kCodeStyle : 0) | (on(MD_SPAN_DEL) ? kStrikeStyle : 0) |
                                          (on(MD_SPAN_IMG) ? kImageStyle : 0));
    run.link = m_links.empty() ? -1 : m_links.back();
    if (at) {
        for (const std::size_t pending : m_pending) {
            Run& before = m_inlines.runs[pending];
            if (!m_first_text) before.begin = *at;
            before.end = *at;
        }
        m_pending.clear();
        if (!m_first_text) m_first_text = at;
        run.begin = *at;
        run.end = *at + static_cast<std::uint32_t>(part.size());
        m_last_end = run.end;
        if (!m_inlines.runs.empty()) {
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

void Builder::addText(MD_TEXTTYPE type, std::string_view part) {
    if (!m_open) {
        open(BlockKind::kParagraph);  // an item of a tight list has no paragraph of its own
        m_block.tight = true;
    }
    const std::optional<std::uint32_t> at = positionOf(part);
    switch (type) {
        case MD_TEXT_BR:
            appendRun(part, std::nullopt, false, QString(QChar(QChar::LineSeparator)));
            break;
        case MD_TEXT_SOFTBR:
            appendRun(part, std::nullopt, false, QStringLiteral(" "));
            break;
        case MD_TEXT_NULLCHAR:
            appendRun(part, std::nullopt, false, QString(QChar(0xFFFD)));
            break;
        case MD_TEXT_ENTITY:
            appendRun(part, at, false, decodeEntity(part));
            break;
        default:
            if (at) {
                appendVerbatim(part, *at);
            } else if (part == "\n" && m_first_text && m_pending.empty() && m_last_end < m_text.size() &&
                       m_text[m_last_end] == '\n') {
                appendRun(m_text.substr(m_last_end, 1), m_last_end, true, {});
            } else {
                appendRun(part, std::nullopt, false, fromUtf8(part));
            }
            break;
    }
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
    std::size_t before = line;
    if (before > 0) {
        before -= before > 1 && m_text[before - 1] == '\n' && m_text[before - 2] == '\r' ? 2 : 1;
        while (before > 0 && (m_text[before - 1] == ' ' || m_text[before - 1] == '\t')) --before;
        if (before > 0 && !isLineEnd(m_text[before - 1])) return;
    }
    if (line >= m_result.safe.byte) m_result.safe = {static_cast<std::uint32_t>(line), m_result.blocks.size()};
}

void Builder::enterBlock(MD_BLOCKTYPE type, void* detail) {
    switch (type) {
        case MD_BLOCK_QUOTE:
            closeIfOpen();
            m_containers.push_back({Container::kQuote, Container::kNoTask, false, 0});
            break;
        case MD_BLOCK_UL:
            closeIfOpen();
            m_lists.push_back({false, static_cast<MD_BLOCK_UL_DETAIL*>(detail)->is_tight != 0, 0});
            break;
        case MD_BLOCK_OL: {
            closeIfOpen();
            const auto* list = static_cast<MD_BLOCK_OL_DETAIL*>(detail);
            m_lists.push_back({true, list->is_tight != 0, list->start});
            break;
        }
        case MD_BLOCK_LI: {
            const auto* item = static_cast<MD_BLOCK_LI_DETAIL*>(detail);
            List& list = m_lists.back();
            Container container{list.ordered ? Container::kNumber : Container::kBullet, Container::kNoTask, true,
                                list.next};
            if (item->is_task) container.task = item->task_mark == ' ' ? Container::kOpen : Container::kDone;
            ++list.next;
            m_containers.push_back(container);
            m_items.push_back(m_result.blocks.size());
            break;
        }
        case MD_BLOCK_HR:
            closeIfOpen();
            open(BlockKind::kRule);
            break;
        case MD_BLOCK_H:
            closeIfOpen();
            open(BlockKind::kHeading);
            m_block.level = static_cast<int>(static_cast<MD_BLOCK_H_DETAIL*>(detail)->level);
            break;
        case MD_BLOCK_CODE:
            closeIfOpen();
            open(BlockKind::kCode);
            m_block.language = attributeText(static_cast<MD_BLOCK_CODE_DETAIL*>(detail)->lang);
            break;
        case MD_BLOCK_P:
            closeIfOpen();
            open(BlockKind::kParagraph);
            break;
        case MD_BLOCK_TABLE:
            closeIfOpen();
            open(BlockKind::kTable);
            break;
        case MD_BLOCK_TH:
        case MD_BLOCK_TD: {
            if (type == MD_BLOCK_TH) {
                const MD_ALIGN align = static_cast<MD_BLOCK_TD_DETAIL*>(detail)->align;
                m_block.columns.push_back(align == MD_ALIGN_CENTER  ? CellAlignment::kCenter
                                          : align == MD_ALIGN_RIGHT ? CellAlignment::kTrailing
                                                                    : CellAlignment::kLeading);
            }
            m_inlines = Inlines();
            break;
        }
        default:
            break;
    }
}

void Builder::leaveBlock(MD_BLOCKTYPE type) {
    switch (type) {
        case MD_BLOCK_QUOTE:
            closeIfOpen();
            m_containers.pop_back();
            break;
        case MD_BLOCK_UL:
        case MD_BLOCK_OL:
            m_lists.pop_back();
            break;
        case MD_BLOCK_LI:
            closeIfOpen();
            if (m_items.back() == m_result.blocks.size()) {
                open(BlockKind::kParagraph);
                m_block.tight = true;
                close();
            }
            m_items.pop_back();
            m_containers.pop_back();
            break;
        case MD_BLOCK_TH:
        case MD_BLOCK_TD:
            closeText();
            m_block.cells.push_back(std::move(m_inlines));
            m_inlines = Inlines();
            break;
        case MD_BLOCK_HR:
        case MD_BLOCK_H:
        case MD_BLOCK_CODE:
        case MD_BLOCK_P:
        case MD_BLOCK_TABLE:
            closeIfOpen();
            break;
        default:
            break;
    }
}

void Builder::enterSpan(MD_SPANTYPE type, void* detail) {
    if (!m_open) {
        open(BlockKind::kParagraph);
        m_block.tight = true;
    }
    ++m_spans[static_cast<std::size_t>(type)];
    if (type == MD_SPAN_A || type == MD_SPAN_IMG) {
        const MD_ATTRIBUTE& address = type == MD_SPAN_A ? static_cast<MD_SPAN_A_DETAIL*>(detail)->href
                                                        : static_cast<MD_SPAN_IMG_DETAIL*>(detail)->src;
        if (m_links.empty()) m_inlines.links.push_back(attributeText(address));  // a picture in a link is the link
        m_links.push_back(static_cast<int>(m_inlines.links.size()) - 1);
    }
}

void Builder::leaveSpan(MD_SPANTYPE type) {
    --m_spans[static_cast<std::size_t>(type)];
    if (type == MD_SPAN_A || type == MD_SPAN_IMG) m_links.pop_back();
}

Builder* builder(void* user) {
    return static_cast<Builder*>(user);
}

}  // namespace

ParsedMarkdown parseMarkdown(std::string_view text, std::uint32_t from) {
    MD_PARSER parser = {};
    parser.flags = MD_DIALECT_GITHUB | MD_FLAG_NOHTML;
    parser.enter_block = [](MD_BLOCKTYPE type, void* detail, void* user) {
        builder(user)->enterBlock(type, detail);
        return 0;
    };
    parser.leave_block = [](MD_BLOCKTYPE type, void*, void* user) {
        builder(user)->leaveBlock(type);
        return 0;
    };
    parser.enter_span = [](MD_SPANTYPE type, void* detail, void* user) {
        builder(user)->enterSpan(type, detail);
        return 0;
    };
    parser.leave_span = [](MD_SPANTYPE type, void*, void* user) {
        builder(user)->leaveSpan(type);
        return 0;
    };
    parser.text = [](MD_TEXTTYPE type, const MD_CHAR* part, MD_SIZE size, void* user) {
        builder(user)->addText(type, {part, size});
        return 0;
    };
    Builder build(text, from);
    if (md_parse(text.data() + from, static_cast<MD_SIZE>(text.size() - from), &parser, &build) != 0) {
        return {plainBlocks(text.substr(from)), {from, 0}};  // out of memory, or md4c gave up
    }
    return build.take();
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
