#include "engine/text/control_tokens.h"

#include <algorithm>

namespace moescope {

ControlTokens::ControlTokens(const Tokenizer& tokenizer) {
    const auto add = [&](std::int32_t id) {
        const std::string name = tokenizer.name(id);
        if (name.empty() || !m_ids.emplace(name, id).second) return;
        m_begins[static_cast<unsigned char>(name[0])] = true;
        if (std::ranges::find(m_lengths, name.size()) == m_lengths.end()) m_lengths.push_back(name.size());
    };
    // First, since of two tokens with one written form these are meant.
    if (tokenizer.bos()) add(*tokenizer.bos());
    if (tokenizer.eos()) add(*tokenizer.eos());
    for (std::int32_t id = 0; id < tokenizer.size(); ++id) {
        if (tokenizer.isControl(id)) add(id);
    }
    std::ranges::sort(m_lengths, std::greater{});
}

std::optional<ControlTokens::Found> ControlTokens::first(std::string_view text) const {
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (!m_begins[static_cast<unsigned char>(text[at])]) continue;
        for (const std::size_t bytes : m_lengths) {
            if (bytes > text.size() - at) continue;
            const auto found = m_ids.find(std::string(text.substr(at, bytes)));
            if (found != m_ids.end()) return Found{at, bytes, found->second};
        }
    }
    return std::nullopt;
}

}  // namespace moescope
