#include "ui/markdown/document.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/base/foreign_text.h"
#include "engine/markdown/attachment.h"

namespace moescope {

namespace {

/// How many units at the beginning of two blocks have the same text and style. Both must lie in the same blocks.
int commonUnits(const Block& a, const Block& b) {
    if (a.kind != b.kind || a.thought != b.thought || a.kind == BlockKind::kTable || a.level != b.level ||
        a.tight != b.tight || a.language != b.language || a.containers != b.containers) {
        return 0;
    }
    const Inlines& x = a.inlines;
    const Inlines& y = b.inlines;
    const auto same_style = [](const Run& r, const Run& s) {
        return r.from == s.from && r.begin == s.begin && r.style == s.style && r.verbatim == s.verbatim;
    };
    const auto link = [](const Inlines& inlines, const Run& run) {
        return run.link < 0 ? QString() : inlines.links[static_cast<std::size_t>(run.link)];
    };
    int units = 0;
    for (std::size_t i = 0; i < std::min(x.runs.size(), y.runs.size()); ++i) {
        const Run& r = x.runs[i];
        const Run& s = y.runs[i];
        if (!same_style(r, s) || link(x, r) != link(y, s)) break;
        units = r.from + std::min(r.length, s.length);
        if (r.length != s.length || r.end != s.end) break;
    }
    // What becomes a formula looks different although it is written the same.
    const auto formulas = std::mismatch(x.formulas.begin(), x.formulas.end(), y.formulas.begin(), y.formulas.end());
    if (formulas.first != x.formulas.end()) units = std::min(units, formulas.first->from);
    if (formulas.second != y.formulas.end()) units = std::min(units, formulas.second->from);
    const auto end = x.text.cbegin() + std::min<qsizetype>({units, x.text.size(), y.text.size()});
    return static_cast<int>(std::mismatch(x.text.cbegin(), end, y.text.cbegin()).first - x.text.cbegin());
}

/// "a.txt, b.md (lines 1-3 of 9)": those that a line has room for.
QString namesOf(const std::vector<markdown::AttachedFile>& files) {
    constexpr qsizetype kEnough = 200;
    QString names;
    for (const markdown::AttachedFile& file : files) {
        if (names.size() > kEnough) return names + QStringLiteral(", …");
        if (!names.isEmpty()) names += QLatin1String(", ");
        names += QString::fromStdString(harmless(shortened(file.name), true));
        if (!file.part.empty())
            names += QStringLiteral(" (%1)").arg(QString::fromStdString(harmless(shortened(file.part), true)));
    }
    return names;
}

/// Whether a question is meant as Markdown: it has a block between fences, or a formula, or code in a line.
bool isMarkdown(std::string_view text) {
    constexpr std::size_t kMostBytes = 64 << 10;  // what is longer was pasted
    if (text.size() > kMostBytes) return false;
    if (text.starts_with("```") || text.find("\n```") != std::string_view::npos) return true;
    const bool may_be = text.find_first_of("`$\\") != std::string_view::npos;
    if (!may_be) return false;
    const std::vector<Block> blocks = parseMarkdown(text);
    return std::any_of(blocks.begin(), blocks.end(), [](const Block& block) {
        const auto coded = [](const Inlines& inlines) {
            return std::any_of(inlines.runs.begin(), inlines.runs.end(),
                               [](const Run& run) { return (run.style & kCodeStyle) != 0; });
        };
        const bool text_block = block.kind == BlockKind::kParagraph || block.kind == BlockKind::kHeading;
        return text_block && (!block.inlines.formulas.empty() || coded(block.inlines));
    });
}

}  // namespace

/// Parses from the last safe point on, or from `base` on where nothing behind it is safe.
ParsedMarkdown MarkdownDocument::parse(std::string_view text, SafePoint base) {
    if (m_definitions || m_safe.byte < base.byte || m_safe.blocks < base.blocks) m_safe = base;
    ParsedMarkdown parsed = parseMarkdown(text, m_safe.byte);
    if (parsed.limited && m_safe.byte > base.byte) {
        m_safe = base;
        parsed = parseMarkdown(text, base.byte);
    }
    if (parsed.limited) parsed.safe = {base.byte, 0};
    return parsed;
}

/// A question, with the files before it folded.
std::vector<Block> MarkdownDocument::questionBlocks(std::string_view text) {
    const markdown::ReadQuestion read = markdown::readQuestion(text);
    m_thinking.reset();
    m_files.clear();
    if (read.files.empty()) return isMarkdown(text) ? parseMarkdown(text) : plainBlocks(text);
    m_thinking = markdown::Thinking{0, read.question, read.question, true};
    m_files = namesOf(read.files);
    std::vector<Block> all(1);
    all.front().kind = BlockKind::kThought;
    // One text, so that positions stay those of the message; of what stands before the question only the files' own
    // lines are seen, and where each begins if there are several.
    auto file = read.files.begin();
    const auto isSeen = [&](const Block& block) {
        // Blocks and files come in the order of the text.
        while (std::next(file) != read.files.end() && block.begin >= std::next(file)->begin) ++file;
        if (block.begin == file->begin) return read.files.size() > 1;
        const auto from = static_cast<std::size_t>(file->text.data() - text.data());
        return block.begin >= from && block.end <= from + file->text.size();
    };
    const bool asks = text.find_first_not_of(" \t\r\n", read.question) != std::string_view::npos;
    const bool marked = asks && isMarkdown(text.substr(read.question));
    for (Block& block : plainBlocks(text)) {
        block.thought = block.begin < read.question;
        if (block.thought ? isSeen(block) : asks && !marked) all.push_back(std::move(block));
    }
    if (marked) {
        ParsedMarkdown question = parseMarkdown(text, static_cast<std::uint32_t>(read.question));
        std::move(question.blocks.begin(), question.blocks.end(), std::back_inserter(all));
    }
    return all;
}

MarkdownDocument::Change MarkdownDocument::update(std::string_view text, bool streams) {
    std::vector<Block> fresh;  // behind the first `stable` ones
    std::size_t stable = 0;
    if (m_kind == Kind::kQuestion) {
        fresh = questionBlocks(text);
    } else {
        lookForDefinitions(text);
        const std::optional<markdown::Thinking> before = std::exchange(m_thinking, markdown::thinkingOf(text, streams));
        const bool was_closed = before && before->closed;
        if (m_thinking.has_value() != before.has_value()) m_safe = m_answer = {};
        const bool same_thought = m_thinking && before;
        SafePoint base = was_closed ? m_answer : SafePoint{};
        std::vector<Block> thought;
        if (m_thinking && !was_closed) {
            const ParsedMarkdown parsed =
                parse(text.substr(0, m_thinking->end), {static_cast<std::uint32_t>(m_thinking->begin), 1});
            stable = m_safe.blocks;
            thought = parsed.blocks;
            m_safe = {parsed.safe.byte, m_safe.blocks + parsed.safe.blocks};
            for (Block& block : thought) {
                block.thought = true;
                block.containers.insert(block.containers.begin(), Container());
            }
            if (!same_thought) {
                Block head;
                head.kind = BlockKind::kThought;
                thought.insert(thought.begin(), std::move(head));
                stable = 0;
            }
            base = {static_cast<std::uint32_t>(m_thinking->answer), stable + thought.size()};
            if (m_thinking->closed) m_safe = m_answer = base;
        }
        fresh = std::move(thought);
        if (!m_thinking || m_thinking->closed) {
            ParsedMarkdown parsed = parse(text, base);
            if (fresh.empty()) stable = m_safe.blocks;
            std::move(parsed.blocks.begin(), parsed.blocks.end(), std::back_inserter(fresh));
            m_safe = {parsed.safe.byte, m_safe.blocks + parsed.safe.blocks};
        }
    }
    m_size = text.size();

    const auto old_tail = m_blocks.begin() + static_cast<std::ptrdiff_t>(stable);
    const auto differs = std::mismatch(old_tail, m_blocks.end(), fresh.begin(), fresh.end());
    Change change{static_cast<std::size_t>(differs.first - m_blocks.begin()), 0};
    if (differs.first != m_blocks.end() && differs.second != fresh.end()) {
        change.units = commonUnits(*differs.first, *differs.second);
    }
    m_blocks.erase(differs.first, m_blocks.end());
    std::move(differs.second, fresh.end(), std::back_inserter(m_blocks));
    return change;
}

void MarkdownDocument::lookForDefinitions(std::string_view text) {
    constexpr std::string_view kMarkers = " \t>*+-0123456789.)";
    while (!m_definitions && m_line < text.size()) {
        const std::size_t end = std::min(text.find('\n', m_line), text.size());
        const std::string_view line = text.substr(m_line, end - m_line);
        const std::size_t first = line.find_first_not_of(kMarkers);
        if (first != std::string_view::npos && line[first] == '[') m_bracket_line = true;
        if (m_bracket_line && line.find("]:") != std::string_view::npos) m_definitions = true;
        if (end == text.size()) break;
        m_line = end + 1;
    }
}

}  // namespace moescope
