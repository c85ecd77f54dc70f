#pragma once
// From a branch of messages to the tokens of a prompt, and what is left out when the context is full.

#include <variant>

#include "app/chat/answerer.h"
#include "engine/engine.h"

namespace moescope {

struct Prompt {
    std::vector<std::int32_t> ids;
    AnswerBegin begin;  ///< all but goes_on_from
};

/// Tokens that an answer may count on having: the prompt has the rest of the context.
int reserveFor(int context, int max_tokens);

/// Renders the request's turns, or with `raw` the text after BOS, if the model wants one. If they leave less than its
/// reserve of `context`, the oldest pairs of question and answer are dropped where its policy says so, many at once
/// (see engine/text/turn_window.h). `previous`: index of the first turn that the conversation's last prompt had.
/// Megabytes are not encoded only to learn that they do not fit.
std::variant<Prompt, ContextOverflow> makePrompt(const Model& model, const AnswerRequest& request, int context,
                                                 std::size_t previous = 0);

/// Whether a question fits the context at all, alone; nothing if it does.
std::optional<ContextOverflow> questionOverflow(const Model& model, const std::string& question,
                                                const std::string& system_prompt, int context, int max_tokens);
/// The tokens of a question that fit.
int roomForQuestion(const Model& model, const std::string& system_prompt, int context, int max_tokens);
/// The end of a question that fits, at the beginning of a character; "" if nothing fits.
std::string lastPartThatFits(const Model& model, const std::string& question, const std::string& system_prompt,
                             int context, int max_tokens);

}  // namespace moescope
