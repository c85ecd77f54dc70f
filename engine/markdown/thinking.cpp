#include "engine/markdown/thinking.h"

#include <algorithm>
#include <array>

#include "engine/markdown/characters.h"

namespace moescope::markdown {
namespace {

struct Tags {
    std::string_view open, close;
};
constexpr std::array kTags = {Tags{"<think>", "</think>"}, Tags{"<thinking>", "</thinking>"},
                              Tags{"◁think▷", "◁/think▷"}};

bool isSpace(char c) {
    return isBlank(c) || isLineEnd(c);
}

std::size_t skipSpace(std::string_view text, std::size_t at) {
    while (at < text.size() && isSpace(text[at])) ++at;
    return at;
}

/// Where a tag that is not whole yet begins at the text's end; the end if there is none.
std::size_t beforePartOf(std::string_view text, std::size_t from, std::string_view tag) {
    for (std::size_t size = std::min(tag.size() - 1, text.size() - from); size > 0; --size) {
        if (text.ends_with(tag.substr(0, size))) return text.size() - size;
    }
    return text.size();
}

}  // namespace

std::optional<Thinking> thinkingOf(std::string_view text, bool streams) {
    const std::size_t first = skipSpace(text, 0);
    const std::string_view rest = text.substr(first);
    const Tags* tags = nullptr;
    std::size_t begin = 0;
    for (const Tags& t : kTags) {
        if (rest.starts_with(t.open)) {
            tags = &t;
            begin = first + t.open.size();
            break;
        }
        if (streams && !rest.empty() && t.open.starts_with(rest))
            return Thinking{text.size(), text.size(), text.size()};
    }
    if (!tags) {
        // The prompt may have opened it. What closes in the middle of a line of text is talk about the tag.
        for (const Tags& t : kTags) {
            const std::size_t close = text.find(t.close);
            if (close == std::string_view::npos || text.substr(0, close).find('`') != std::string_view::npos) continue;
            const bool own_line = close == 0 || isLineEnd(text[close - 1]);
            const std::size_t behind = close + t.close.size();
            if (own_line || behind == text.size() || isLineEnd(text[behind])) tags = &t;
            if (tags) break;
        }
        if (!tags) return std::nullopt;
    }
    Thinking thinking;
    thinking.begin = skipSpace(text, begin);
    const std::size_t close = text.find(tags->close, begin);
    thinking.closed = close != std::string_view::npos;
    thinking.end = thinking.closed ? close : streams ? beforePartOf(text, begin, tags->close) : text.size();
    while (thinking.end > thinking.begin && isSpace(text[thinking.end - 1])) --thinking.end;
    thinking.begin = std::min(thinking.begin, thinking.end);
    thinking.answer = thinking.closed ? skipSpace(text, close + tags->close.size()) : text.size();
    return thinking;
}

std::string_view answerOf(std::string_view text) {
    const std::optional<Thinking> thinking = thinkingOf(text);
    return thinking ? text.substr(thinking->answer) : text;
}

std::string_view openedThought(std::string_view prompt) {
    while (!prompt.empty() && isSpace(prompt.back())) prompt.remove_suffix(1);
    for (const Tags& t : kTags) {
        if (prompt.ends_with(t.open)) return t.open;
    }
    return {};
}

void ThinkingWatch::add(std::string_view text) {
    if (m_state == State::kAnswers) return;
    m_seen += text;
    if (m_state == State::kUndecided) {
        const std::string_view rest = std::string_view(m_seen).substr(skipSpace(m_seen, 0));
        bool may_open = false;
        for (const Tags& t : kTags) {
            if (rest.starts_with(t.open)) {
                m_state = State::kThinks;
                m_close = t.close;
                m_seen = std::string(rest.substr(t.open.size()));
                break;
            }
            may_open = may_open || t.open.starts_with(rest);
        }
        if (m_state == State::kUndecided && !may_open) m_state = State::kAnswers;
    }
    if (m_state == State::kThinks) {
        if (m_seen.find(m_close) != std::string::npos) m_state = State::kAnswers;
        if (m_seen.size() >= m_close.size()) m_seen.erase(0, m_seen.size() - (m_close.size() - 1));
    }
    if (m_state == State::kAnswers) m_seen.clear();
}

}  // namespace moescope::markdown
