#pragma once
// From a stored branch to the tokens of a prompt, and what is left out when the context is full.

#include "app/window/engine_thread.h"

namespace moescope {

struct Prompt {
    std::vector<std::int32_t> ids;
    std::size_t first_turn = 0;  ///< of those that were used
};

/// Renders the turns (the last one is the question, or the answer to go on with). If they leave less than `reserve`
/// tokens of `context`, the oldest pairs of question and answer are dropped if `may_drop`. Errors: kOutOfRange if it
/// does not fit.
Result<Prompt> makePrompt(const Model& model, const AnswerJob& job, std::span<const MessageToken> continued_tokens,
                          int context, int reserve, bool may_drop);

}  // namespace moescope
