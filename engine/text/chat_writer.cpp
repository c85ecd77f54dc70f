#include "engine/text/chat_writer.h"

#include <algorithm>

namespace moescope {

void ChatWriter::own(std::string_view text, const ControlTokens& controls) {
    while (const auto found = controls.first(text)) {
        fixed(text.substr(0, found->at));
        special(found->id);
        text.remove_prefix(found->at + found->bytes);
    }
    fixed(text);
}

void ChatWriter::message(std::string_view text, std::int32_t index, std::uint32_t from) {
    const auto begin = static_cast<std::uint32_t>(m_run.size());
    m_run += text;
    if (index >= 0 && !text.empty()) m_parts.push_back({index, begin, static_cast<std::uint32_t>(m_run.size()), from});
}

void ChatWriter::special(std::optional<std::int32_t> id) {
    endRun();
    if (id) m_chat.tokens.push_back({*id, -1, 0, 0});
}

void ChatWriter::endRun() {
    for (const TokenSpan& span : m_tokenizer.encode(m_run)) m_chat.tokens.push_back(place(span));
    m_run.clear();
    m_parts.clear();
}

RenderedChat ChatWriter::take() {
    endRun();
    return std::move(m_chat);
}

RenderedChat::Token ChatWriter::place(const TokenSpan& span) const {
    const auto part = std::ranges::partition_point(m_parts, [&](const Part& p) { return p.end <= span.begin; });
    if (part == m_parts.end()) return {span.id, -1, 0, 0};
    const std::uint32_t begin = std::max(span.begin, part->begin), end = std::min(span.end, part->end);
    if (begin >= end) return {span.id, -1, 0, 0};
    return {span.id, part->message, part->from + (begin - part->begin), part->from + (end - part->begin)};
}

}  // namespace moescope
