#pragma once
// Joins the routing of a branch's answers, so that no token counts twice.
//
// An answer's log has the prompt's tokens that were computed for it, then its own. Where the session had lost what it
// had computed (another chat came between, turns were dropped), older programs kept the records of all that was read
// again; and a second one of the last token, where an answer went on. The first record of a token is the one that
// stays.

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/routing/routing_runs.h"

namespace moescope {

class BranchRouting {
public:
    /// The tokens of the branch's next answer that it has no record of yet, as ranges of the answer's log.
    std::vector<TokenRange> newTokens(const RoutingLog& answer, std::optional<std::int64_t> cut,
                                      std::optional<std::int32_t> begin);
    /// The branch up to a position: what another answer to the same question goes on from.
    BranchRouting upTo(std::int32_t position) const;
    /// Adds the tokens of the branch's next answer to `joined`, which has the same shape; they stay in its log. `cut`:
    /// the message that its prompt began with (Message::context_start); `begin`: position of its first token, if that
    /// is known.
    void append(RoutingRuns& joined, const std::shared_ptr<const RoutingLog>& answer, std::optional<std::int64_t> cut,
                std::optional<std::int32_t> begin);

private:
    bool m_any = false;
    std::optional<std::int64_t> m_cut;
    std::int32_t m_covered = 0;  // positions that have records, as prompts with this cut count them
};

}  // namespace moescope
