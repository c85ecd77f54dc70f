#include "engine/routing/trace/masked.h"

#include <fmt/format.h>

namespace moescope {

bool isMasked(std::span<const std::int32_t> slots) {
    std::size_t named = 0;
    std::int32_t first = -1;
    for (const std::int32_t e : slots) {
        if (e < 0) continue;
        if (named++ == 0) first = e;
        if (e != first) return false;
    }
    return named != 1;
}

void MaskCount::add(std::size_t masked, std::size_t layers) {
    ++m_all;
    if (masked > 0 && masked == layers) {
        ++m_tokens;
    } else {
        m_records += masked;
    }
}

void MaskCount::say(std::vector<std::string>& notes) const {
    if (m_tokens > 0) {
        notes.push_back(
            fmt::format("{} of {} tokens {} no record (-1, null, or one id in all slots); figures leave them out.",
                        m_tokens, m_all, m_tokens == 1 ? "has" : "have"));
    }
    if (m_records > 0) {
        notes.push_back(fmt::format("{} record{} of single layers {} not known (-1, null, or one id in all slots).",
                                    m_records, m_records == 1 ? "" : "s", m_records == 1 ? "is" : "are"));
    }
}

}  // namespace moescope
