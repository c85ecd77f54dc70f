#include "engine/sampling/copy_drafts.h"

#include <algorithm>

namespace moescope {
namespace {

constexpr std::size_t kShortest = 3;  // tokens that must repeat; two of them do so everywhere
constexpr std::size_t kMost = 16;     // of a proposal: more tokens need most experts of a layer anyway
constexpr std::size_t kShortestRest = 32, kLongestRest = 512;
// A batch takes about half a token's time for each token in it beyond the first, as it needs other experts.
constexpr double kPays = 0.4, kUnknown = 0.5, kNewest = 0.25;

/// Exact for vocabularies of up to two million tokens. Others may be proposed a wrong place, which costs time only.
std::uint64_t keyOf(std::span<const std::int32_t, kShortest> tokens) {
    std::uint64_t key = 0;
    for (const std::int32_t id : tokens) key = key << 21 ^ static_cast<std::uint32_t>(id);
    return key;
}

}  // namespace

CopyDrafts::CopyDrafts(std::span<const std::int32_t> text) : m_rest(kShortestRest), m_right(kUnknown) {
    m_text.reserve(text.size() + 1024);
    m_after.reserve(text.size() + 1024);
    for (const std::int32_t id : text) add(id);
}

void CopyDrafts::add(std::int32_t token) {
    const bool goes_on = m_repeated > 0 && m_text[m_source] == token;
    m_text.push_back(token);
    if (m_resting > 0) --m_resting;
    m_source += goes_on ? 1 : 0;
    m_repeated = goes_on ? m_repeated + 1 : 0;
    if (m_text.size() < kShortest) return;
    std::size_t& after = m_after[keyOf(std::span(m_text).last<kShortest>())];
    if (!goes_on && after > 0) {
        m_source = after;
        m_repeated = kShortest;
    }
    after = m_text.size();
}

std::span<const std::int32_t> CopyDrafts::propose(std::size_t most) const {
    if (m_repeated == 0 || m_resting > 0) return {};
    // A passage that has repeated for long will go on for long.
    const std::size_t count = std::min({most, m_repeated - 1, kMost, m_text.size() - m_source});
    return std::span(m_text).subspan(m_source, count);
}

void CopyDrafts::judge(std::size_t proposed, std::size_t right) {
    if (proposed == 0) return;
    m_right += kNewest * (static_cast<double>(right) / static_cast<double>(proposed) - m_right);
    if (m_right >= kPays) {
        m_rest = kShortestRest;
        return;
    }
    m_resting = m_rest;
    m_rest = std::min(2 * m_rest, kLongestRest);
}

}  // namespace moescope
