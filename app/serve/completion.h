#pragma once
// One answer to one prompt: computed token by token, with what was asked to be known of each.

#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string_view>
#include <vector>

#include "app/serve/request.h"
#include "app/serve/session_pool.h"
#include "engine/generate.h"
#include "engine/routing/routing_log.h"
#include "engine/sampling/log_probabilities.h"

namespace moescope::serve {

/// Collects the records of tokens from a position on, each once: prompts may be computed in parts that overlap.
class RoutingRows : public RoutingSink {
public:
    RoutingRows(const RoutingShape& shape, int first_position) : m_first(first_position), log(shape) {}
    void onToken(const TokenRouting& token) override {
        if (token.position == known()) log.onToken(token);
    }
    /// The position of which the record comes next.
    int known() const { return m_first + static_cast<int>(log.size()); }

private:
    int m_first;

public:
    RoutingLog log;
};

/// What has come of an answer since the last call.
struct CompletionDelta {
    std::string_view text;              ///< valid UTF-8, may be empty
    std::span<const std::int32_t> ids;  ///< at most one
    const TokenScore* score = nullptr;  ///< of that token, if log-probabilities are wanted
};

struct CompletionJob {
    std::span<const std::int32_t> prompt;
    int max_tokens = 0;
    std::uint64_t seed = 0;
    const RoutingRows* before = nullptr;  ///< of another answer to the same prompt
    std::function<void(const std::vector<TokenScore>&)> on_prompt_scores;
    std::function<void(const CompletionDelta&)> on_delta;
    std::stop_token stop;
};

struct Completion {
    FinishReason finish = FinishReason::kEndOfText;  ///< or kLength, kContextFull, kStopped
    std::optional<std::string> stop_text;            ///< that ended it
    std::vector<std::int32_t> ids;                   ///< with the one that ended it
    std::optional<TokenScore> end_score;             ///< of the token that ended it, if log-probabilities are wanted
    int reused_tokens = 0;                           ///< of the prompt
    double prefill_seconds = 0, decode_seconds = 0;
    std::optional<RoutingRows> rows;  ///< if routing is wanted

    /// How many rows others' servers return: the last token that was chosen has not been through the model.
    std::size_t rowCount(std::size_t prompt_tokens, int start) const;
};

/// `request` says how. Errors: those of generate().
Result<Completion> complete(SessionPool::Lease& lease, const CompletionRequest& request, const CompletionJob& job);

}  // namespace moescope::serve
