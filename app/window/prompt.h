#pragma once
// From a stored branch to the tokens of a prompt, and what is left out when the context is full.

#include "app/window/engine_thread.h"

namespace moescope {

struct Prompt {
    std::vector<std::int32_t> ids;
    std::size_t first_turn = 0;  ///< of those that were used: an index of AnswerJob::turns
    /// Tokens up to the end of the last answer in it, without what the template puts after that: all that earlier
    /// answers of the branch may have had computed. 0: there is no earlier answer.
    int known = 0;
    int continued = 0;  ///< tokens at the end that are the beginning of the answer that goes on
};

/// Tokens that an answer may count on having: the prompt has the rest of the context.
int reserveFor(int context, int max_tokens);

/// Renders the turns (the last one is the question, or the answer to go on with). If they leave less than `reserve`
/// tokens of `context`, the oldest pairs of question and answer are dropped if `may_drop`, many at once (see
/// engine/text/turn_window.h). `previous`: index of the first turn that the conversation's last prompt had.
/// Errors: kOutOfRange if it does not fit.
Result<Prompt> makePrompt(const Model& model, const AnswerJob& job, std::span<const MessageToken> continued_tokens,
                          int context, int reserve, bool may_drop, std::size_t previous = 0);

/// Whether a question fits the context at all, alone. Error: kOutOfRange, a sentence with the numbers.
Status questionFits(const Model& model, const std::string& question, const std::string& system_prompt, int context,
                    int max_tokens);

/// The end of a question that fits, at the beginning of a character; "" if nothing fits.
std::string lastPartThatFits(const Model& model, const std::string& question, const std::string& system_prompt,
                             int context, int max_tokens);
/// The tokens of a question that fit.
int roomForQuestion(const Model& model, const std::string& system_prompt, int context, int max_tokens);

}  // namespace moescope
