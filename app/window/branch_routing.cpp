#include "app/window/branch_routing.h"

#include <algorithm>

namespace moescope {

std::vector<TokenRange> BranchRouting::newTokens(const RoutingLog& answer, std::optional<std::int64_t> cut,
                                                 std::optional<std::int32_t> begin) {
    std::vector<TokenRange> tokens;
    const std::size_t size = answer.size();
    if (size == 0) return tokens;
    std::int32_t from = 0;
    if (m_any && cut == m_cut) {
        from = std::min(m_covered, begin.value_or(m_covered));  // its own tokens are new
    } else if (m_any && answer.token(0).position == 0) {
        // Other turns were dropped, so that positions are others, and all that was left was read again.
        from = begin.value_or(0);
    }
    // As a rule nothing doubles, and this is one range.
    for (std::size_t t = 0; t < size; ++t) {
        if (answer.token(t).position < from) continue;
        if (!tokens.empty() && tokens.back().end == t) {
            ++tokens.back().end;
        } else {
            tokens.push_back({t, t + 1});
        }
        from = answer.token(t).position + 1;
    }
    m_any = true;
    m_cut = cut;
    m_covered = from;
    return tokens;
}

BranchRouting BranchRouting::upTo(std::int32_t position) const {
    BranchRouting result = *this;
    result.m_covered = std::min(m_covered, position);
    return result;
}

void BranchRouting::append(RoutingRuns& joined, const std::shared_ptr<const RoutingLog>& answer,
                           std::optional<std::int64_t> cut, std::optional<std::int32_t> begin) {
    for (const TokenRange& tokens : newTokens(*answer, cut, begin)) joined.append(answer, tokens);
}

}  // namespace moescope
