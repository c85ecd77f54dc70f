#include "engine/text/stop_texts.h"

#include <algorithm>
#include <utility>

namespace moescope {

StopTexts::StopTexts(std::vector<std::string> texts) : m_texts(std::move(texts)) {
    std::erase_if(m_texts, [](const std::string& text) { return text.empty(); });
}

std::string StopTexts::push(std::string_view piece) {
    if (m_found) return {};
    m_pending += piece;
    const std::string* first = nullptr;
    std::size_t first_begin = 0, first_end = 0;
    for (const std::string& text : m_texts) {
        const std::size_t begin = m_pending.find(text), end = begin + text.size();
        if (begin == std::string::npos) continue;
        if (first && std::pair(end, begin) >= std::pair(first_end, first_begin)) continue;
        first = &text;
        first_begin = begin;
        first_end = end;
    }
    const std::size_t through = first ? first_begin : heldFrom();
    std::string out = m_pending.substr(0, through);
    m_pending.erase(0, through);
    if (first) {
        m_found = *first;
        m_pending.clear();
    }
    return out;
}

std::string StopTexts::finish() {
    return std::exchange(m_pending, {});
}

/// Where the longest end of the text begins that one of the texts begins with.
std::size_t StopTexts::heldFrom() const {
    std::size_t held = 0;
    for (const std::string& text : m_texts) {
        for (std::size_t size = std::min(text.size() - 1, m_pending.size()); size > held; --size) {
            if (m_pending.ends_with(std::string_view(text).substr(0, size))) held = size;
        }
    }
    return m_pending.size() - held;
}

}  // namespace moescope
