#include "engine/markdown/reader.h"

#include <md4c.h>

#include <algorithm>
#include <utility>

#include "engine/base/foreign_text.h"
#include "engine/markdown/characters.h"
#include "engine/markdown/entities.h"
#include "engine/markdown/mask.h"

namespace moescope::markdown {
namespace {

constexpr unsigned kFlags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS | MD_FLAG_NOHTML;
constexpr int kAbort = -1;  // md4c 0.4 goes on after a positive one

/// From md4c's events on the masked copy to a Sink's on the text.
class Reader {
public:
    Reader(std::string_view text, std::uint32_t from, const Masked& masked, Sink* sink)
        : m_text(text), m_from(from), m_masked(masked), m_sink(sink) {}

    int enterBlock(MD_BLOCKTYPE type, void* detail);
    int leaveBlock(MD_BLOCKTYPE type);
    int enterSpan(MD_SPANTYPE type, void* detail);
    int leaveSpan(MD_SPANTYPE type);
    int addText(MD_TEXTTYPE type, std::string_view part);

private:
    /// Bytes of the text, from m_from on, that an event stands for.
    struct Place {
        std::size_t begin = 0, end = 0;
        bool added = false;  ///< in the copy only
    };

    std::optional<std::size_t> copyOffset(const char* at) const;
    Place placeOf(std::size_t copy, std::size_t size) const;
    std::string attribute(const MD_ATTRIBUTE& attribute) const;
    std::string_view source(std::size_t begin, std::size_t end) const {
        return m_text.substr(m_from + begin, end - begin);
    }
    void beginHeading();
    void flushPending();
    void emit(std::size_t begin, std::size_t end);
    void emitPlain(std::size_t begin, std::size_t end);
    void emitLink(const BareLink& link);
    std::size_t formulaIndent() const;
    void closeFormula();
    void breakLine();

    std::string_view m_text;
    std::uint32_t m_from;
    const Masked& m_masked;
    Sink* m_sink;

    int m_nested = 0;
    int m_links = 0, m_code = 0;  // spans of links and pictures, and of code
    bool m_in_code_block = false, m_in_cell = false;
    bool m_heading_waits = false, m_heading_added = false;  // a heading is not told before its first text
    int m_heading_level = 0;
    bool m_skip_break = false;   // what was before it is in the copy only
    std::string m_pending;       // blanks of a line of code, told with the line
    std::size_t m_last_end = 0;  // of the last text
    std::size_t m_formula = 0;   // the first that is not behind
    bool m_formula_open = false;
    std::size_t m_formula_begin = 0;  // of the open one
    std::size_t m_link = 0;
    std::size_t m_address_bytes = 0;
    std::size_t m_most_address_bytes = 0;

public:
    void allowAddresses(std::size_t bytes) { m_most_address_bytes = bytes; }
};

std::optional<std::size_t> Reader::copyOffset(const char* at) const {
    const auto begin = reinterpret_cast<std::uintptr_t>(m_masked.copy.data());
    const auto place = reinterpret_cast<std::uintptr_t>(at);
    if (place < begin || place >= begin + m_masked.copy.size()) return std::nullopt;
    return place - begin;
}

/// The bytes at the beginning of [copy, copy + size) that are of one kind; `end - begin` is their number.
Reader::Place Reader::placeOf(std::size_t copy, std::size_t size) const {
    const auto after = std::upper_bound(m_masked.insertions.begin(), m_masked.insertions.end(), copy,
                                        [](std::size_t at, const Insertion& i) { return at < i.copy; });
    std::size_t end = copy + size;
    if (after != m_masked.insertions.end()) end = std::min(end, after->copy);
    if (after == m_masked.insertions.begin()) return {copy, end, false};
    const Insertion& before = *(after - 1);
    const std::size_t behind = before.copy + before.size;
    if (copy < behind) return {copy, std::min(end, behind), true};
    return {before.at + (copy - behind), before.at + (end - behind), false};
}

std::string Reader::attribute(const MD_ATTRIBUTE& attribute) const {
    std::string text;
    // Where nothing was escaped, md4c points into the copy: the text has what was masked.
    if (const auto copy = attribute.size > 0 ? copyOffset(attribute.text) : std::nullopt) {
        const Place place = placeOf(*copy, attribute.size);
        if (!place.added && place.end - place.begin == attribute.size)
            return std::string(source(place.begin, place.end));
    }
    for (int i = 0; attribute.size > 0 && attribute.substr_offsets[i] < attribute.size; ++i) {
        const MD_OFFSET begin = attribute.substr_offsets[i], end = attribute.substr_offsets[i + 1];
        const std::string_view part(attribute.text + begin, end - begin);
        if (attribute.substr_types[i] == MD_TEXT_ENTITY) {
            text += decodedEntity(part);
        } else if (attribute.substr_types[i] == MD_TEXT_NULLCHAR) {
            text += "\uFFFD";
        } else {
            text += part;
        }
    }
    return text;
}

void Reader::beginHeading() {
    if (!m_heading_waits) return;
    m_heading_waits = false;
    BlockStart block{Block::kHeading};
    block.level = m_heading_level;
    m_sink->enter(block);
}

int Reader::enterBlock(MD_BLOCKTYPE type, void* detail) {
    closeFormula();
    m_skip_break = false;
    m_pending.clear();
    BlockStart block;
    switch (type) {
        case MD_BLOCK_QUOTE:
            if (++m_nested > kMostNested) return kAbort;
            block.kind = Block::kQuote;
            break;
        case MD_BLOCK_UL:
            block.kind = Block::kList;
            block.tight = static_cast<MD_BLOCK_UL_DETAIL*>(detail)->is_tight != 0;
            break;
        case MD_BLOCK_OL:
            block.kind = Block::kList;
            block.ordered = true;
            block.tight = static_cast<MD_BLOCK_OL_DETAIL*>(detail)->is_tight != 0;
            block.start = static_cast<MD_BLOCK_OL_DETAIL*>(detail)->start;
            break;
        case MD_BLOCK_LI: {
            if (++m_nested > kMostNested) return kAbort;
            const auto* item = static_cast<MD_BLOCK_LI_DETAIL*>(detail);
            block.kind = Block::kItem;
            if (item->is_task) block.task = item->task_mark == ' ' ? Task::kOpen : Task::kDone;
            break;
        }
        case MD_BLOCK_HR:
            block.kind = Block::kRule;
            break;
        case MD_BLOCK_H:
            m_heading_waits = true;
            m_heading_level = static_cast<int>(static_cast<MD_BLOCK_H_DETAIL*>(detail)->level);
            return 0;
        case MD_BLOCK_CODE:
            block.kind = Block::kCode;
            block.language = shortened(attribute(static_cast<MD_BLOCK_CODE_DETAIL*>(detail)->lang), kLongestLanguage);
            m_in_code_block = true;
            break;
        case MD_BLOCK_P:
            block.kind = Block::kParagraph;
            break;
        case MD_BLOCK_TABLE:
            block.kind = Block::kTable;
            break;
        case MD_BLOCK_TR:
            block.kind = Block::kRow;
            break;
        case MD_BLOCK_TH:
        case MD_BLOCK_TD: {
            const MD_ALIGN align = static_cast<MD_BLOCK_TD_DETAIL*>(detail)->align;
            block.kind = Block::kCell;
            block.head = type == MD_BLOCK_TH;
            block.alignment = align == MD_ALIGN_CENTER  ? Alignment::kCenter
                              : align == MD_ALIGN_RIGHT ? Alignment::kTrailing
                                                        : Alignment::kLeading;
            m_in_cell = true;
            break;
        }
        default:
            return 0;
    }
    m_sink->enter(block);
    return 0;
}

int Reader::leaveBlock(MD_BLOCKTYPE type) {
    closeFormula();
    switch (type) {
        case MD_BLOCK_QUOTE:
            --m_nested;
            m_sink->leave(Block::kQuote);
            break;
        case MD_BLOCK_UL:
        case MD_BLOCK_OL:
            m_sink->leave(Block::kList);
            break;
        case MD_BLOCK_LI:
            --m_nested;
            m_sink->leave(Block::kItem);
            break;
        case MD_BLOCK_HR:
            m_sink->leave(Block::kRule);
            break;
        case MD_BLOCK_H:
            if (!m_heading_added) {
                beginHeading();
                m_sink->leave(Block::kHeading);
            }
            m_heading_waits = m_heading_added = false;
            break;
        case MD_BLOCK_CODE:
            m_in_code_block = false;
            m_sink->leave(Block::kCode);
            break;
        case MD_BLOCK_P:
            m_sink->leave(Block::kParagraph);
            break;
        case MD_BLOCK_TABLE:
            m_sink->leave(Block::kTable);
            break;
        case MD_BLOCK_TR:
            m_sink->leave(Block::kRow);
            break;
        case MD_BLOCK_TH:
        case MD_BLOCK_TD:
            m_in_cell = false;
            m_sink->leave(Block::kCell);
            break;
        default:
            break;
    }
    return 0;
}

int Reader::enterSpan(MD_SPANTYPE type, void* detail) {
    closeFormula();
    beginHeading();
    SpanStart span;
    switch (type) {
        case MD_SPAN_EM:
            span.kind = Span::kEmphasis;
            break;
        case MD_SPAN_STRONG:
            span.kind = Span::kStrong;
            break;
        case MD_SPAN_DEL:
            span.kind = Span::kStrike;
            break;
        case MD_SPAN_CODE:
            ++m_code;
            span.kind = Span::kCode;
            break;
        case MD_SPAN_A:
        case MD_SPAN_IMG: {
            ++m_links;
            span.kind = type == MD_SPAN_A ? Span::kLink : Span::kImage;
            const auto* link = static_cast<MD_SPAN_A_DETAIL*>(detail);
            const auto* picture = static_cast<MD_SPAN_IMG_DETAIL*>(detail);
            const MD_ATTRIBUTE& address = type == MD_SPAN_A ? link->href : picture->src;
            const MD_ATTRIBUTE& title = type == MD_SPAN_A ? link->title : picture->title;
            m_address_bytes += address.size + title.size;  // md4c reads both each time
            if (m_address_bytes > m_most_address_bytes) return kAbort;
            if (address.size <= kLongestAddress) span.address = attribute(address);
            break;
        }
        default:
            return 0;
    }
    m_sink->enter(span);
    return 0;
}

int Reader::leaveSpan(MD_SPANTYPE type) {
    closeFormula();
    switch (type) {
        case MD_SPAN_EM:
            m_sink->leave(Span::kEmphasis);
            break;
        case MD_SPAN_STRONG:
            m_sink->leave(Span::kStrong);
            break;
        case MD_SPAN_DEL:
            m_sink->leave(Span::kStrike);
            break;
        case MD_SPAN_CODE:
            --m_code;
            m_sink->leave(Span::kCode);
            break;
        case MD_SPAN_A:
        case MD_SPAN_IMG:
            --m_links;
            m_sink->leave(type == MD_SPAN_A ? Span::kLink : Span::kImage);
            break;
        default:
            break;
    }
    return 0;
}

void Reader::flushPending() {
    if (m_pending.empty()) return;
    m_sink->text({m_pending, std::nullopt, 0, true});
    m_pending.clear();
}

void Reader::closeFormula() {
    if (m_formula_open) m_sink->leave(Span::kFormula);
    m_formula_open = false;
}

/// A stretch of the text in which no formula or link of ours begins or ends.
void Reader::emitPlain(std::size_t begin, std::size_t end) {
    if (begin >= end) return;
    const auto tell = [&](std::size_t from, std::size_t to) {
        if (from < to)
            m_sink->text({source(from, to), static_cast<std::uint32_t>(m_from + from),
                          static_cast<std::uint32_t>(to - from), true});
    };
    if (m_in_cell && m_code > 0) {
        // "\|" in the code of a cell means the bar: the backslash only keeps the cell together.
        for (std::size_t at = begin; at + 1 < end; ++at) {
            if (m_text[m_from + at] != '\\' || m_text[m_from + at + 1] != '|') continue;
            tell(begin, at);
            begin = at + 1;
            ++at;
        }
    }
    tell(begin, end);
}

void Reader::emitLink(const BareLink& link) {
    const std::string_view shown = source(link.begin, link.end);
    SpanStart span{Span::kLink};
    const char* before = link.kind == BareLink::kWww ? "http://" : link.kind == BareLink::kMail ? "mailto:" : "";
    if (shown.size() <= kLongestAddress) span.address = before + std::string(shown);
    m_sink->enter(span);
    emitPlain(link.begin, link.end);
    m_sink->leave(Span::kLink);
}

/// What the first line of the open formula has before its text: marks of quotes and items, of which the next lines have
/// as much in blanks.
std::size_t Reader::formulaIndent() const {
    std::size_t line = m_formula_begin;
    while (line > 0 && m_formula_begin - line < kLongestAddress && !isLineEnd(m_text[m_from + line - 1])) --line;
    const std::string_view before = source(line, m_formula_begin);
    const bool marks = before.find_first_not_of(" \t>-+*.)0123456789") == std::string_view::npos;
    return marks ? before.size() : std::min(before.find_first_not_of(" \t>"), before.size());
}

/// A stretch of the text, outside of code: with its formulas and links.
void Reader::emit(std::size_t begin, std::size_t end) {
    const auto& formulas = m_masked.formulas;
    const auto& links = m_masked.links;
    while (begin < end) {
        while (m_formula < formulas.size() && formulas[m_formula].end <= begin) ++m_formula;
        while (m_link < links.size() && links[m_link].begin < begin) ++m_link;
        const std::size_t formula = m_formula < formulas.size() ? formulas[m_formula].begin : end;
        if (formula <= begin) {
            const Formula& f = formulas[m_formula];
            if (!m_formula_open) {
                SpanStart span{Span::kFormula};
                span.display = f.display;
                m_sink->enter(span);
                m_formula_open = true;
                m_formula_begin = f.begin;
            }
            const std::size_t to = std::min(end, f.end);
            emitPlain(begin, to);
            begin = to;
            if (begin == f.end) closeFormula();
            continue;
        }
        std::size_t to = std::min(end, formula);
        const bool link = m_link < links.size() && links[m_link].begin < to && links[m_link].end <= end && m_links == 0;
        if (link) to = links[m_link].begin;
        emitPlain(begin, to);
        begin = to;
        if (!link) continue;
        emitLink(links[m_link]);
        begin = links[m_link++].end;
    }
}

/// The end of a line of a paragraph. In a formula it is one of its characters.
void Reader::breakLine() {
    if (std::exchange(m_skip_break, false)) return;
    if (!m_formula_open) return m_sink->lineBreak();
    std::size_t at = m_from + m_last_end;
    while (at < m_text.size() && isBlank(m_text[at])) ++at;
    std::size_t next = at;
    if (next < m_text.size() && m_text[next] == '\r') ++next;
    if (next < m_text.size() && m_text[next] == '\n') ++next;
    m_sink->text({"\n", static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(next - at),
                  next - at == 1 && m_text[at] == '\n'});
    // Blanks that a line has more than the first belong to the formula; md4c leaves out these two.
    std::size_t text = next;
    while (text < m_text.size() && (m_text[text] == ' ' || m_text[text] == '\t' || m_text[text] == '>')) ++text;
    const std::size_t kept = std::min(text, next + formulaIndent());
    if (kept < text && m_text.substr(kept, text - kept).find('>') == std::string_view::npos) {
        emitPlain(kept - m_from, text - m_from);
    }
}

int Reader::addText(MD_TEXTTYPE type, std::string_view part) {
    if (type == MD_TEXT_BR || type == MD_TEXT_SOFTBR) {
        breakLine();
        return 0;
    }
    if (type == MD_TEXT_NULLCHAR) {
        beginHeading();
        flushPending();
        m_sink->text({"\uFFFD", std::nullopt, 0, false});
        return 0;
    }
    std::optional<std::size_t> copy = part.empty() ? std::nullopt : copyOffset(part.data());
    if (!copy) {
        if (m_in_code_block && part == "\n" && std::exchange(m_skip_break, false)) return 0;
        if (m_in_code_block && part != "\n") {
            m_pending += part;
            return 0;
        }
        beginHeading();
        flushPending();
        m_sink->text({part, std::nullopt, 0, true});
        return 0;
    }
    for (std::size_t at = *copy, end = *copy + part.size(); at < end;) {
        const Place place = placeOf(at, end - at);
        at += place.end - place.begin;
        if (place.added) {
            if (place.end - place.begin < part.size()) continue;  // dashes in a line of the text
            m_skip_break = true;
            m_heading_added = m_heading_waits;
            m_pending.clear();
            continue;
        }
        beginHeading();
        flushPending();
        m_last_end = place.end;
        if (type == MD_TEXT_ENTITY) {
            const std::string decoded = decodedEntity(source(place.begin, place.end));
            m_sink->text({decoded, static_cast<std::uint32_t>(m_from + place.begin),
                          static_cast<std::uint32_t>(place.end - place.begin), false});
        } else if (type == MD_TEXT_CODE) {
            emitPlain(place.begin, place.end);
        } else {
            emit(place.begin, place.end);
        }
    }
    return 0;
}

Reader* reader(void* user) {
    return static_cast<Reader*>(user);
}

}  // namespace

bool read(std::string_view text, std::uint32_t from, Sink* sink, bool definitions) {
    const Masked mask = masked(text.substr(from), {definitions});
    MD_PARSER parser = {};
    parser.flags = kFlags;
    parser.enter_block = [](MD_BLOCKTYPE type, void* detail, void* user) {
        return reader(user)->enterBlock(type, detail);
    };
    parser.leave_block = [](MD_BLOCKTYPE type, void*, void* user) { return reader(user)->leaveBlock(type); };
    parser.enter_span = [](MD_SPANTYPE type, void* detail, void* user) {
        return reader(user)->enterSpan(type, detail);
    };
    parser.leave_span = [](MD_SPANTYPE type, void*, void* user) { return reader(user)->leaveSpan(type); };
    parser.text = [](MD_TEXTTYPE type, const MD_CHAR* part, MD_SIZE size, void* user) {
        return reader(user)->addText(type, {part, size});
    };
    Reader state(text, from, mask, sink);
    state.allowAddresses(kAddressRoom + kAddressFactor * text.size());
    return md_parse(mask.copy.data(), static_cast<MD_SIZE>(mask.copy.size()), &parser, &state) == 0;
}

}  // namespace moescope::markdown
