#pragma once
// From a request that was understood to its reply: the prompts' tokens, a session, and the answers, whole or streamed.

#include <memory>
#include <stop_token>

#include "app/serve/http_message.h"
#include "app/serve/metrics.h"
#include "app/serve/request.h"
#include "app/serve/session_pool.h"

namespace moescope::serve {

/// What answering needs; outlives all replies.
struct Answering {
    const Model& model;
    const ServedModel& served;
    SessionPool& pool;
    Metrics& metrics;
};

/// Tokens of a chat's prompt.
std::vector<std::int32_t> chatPrompt(const Model& model, const std::vector<ChatMessage>& messages, bool answer_follows,
                                     bool continue_last, std::optional<bool> thinking);
/// Tokens of a text, after BOS if the model wants one.
std::vector<std::int32_t> textPrompt(const Model& model, std::string_view text, bool bos);

HttpReply answerChat(const Answering& by, ChatRequest request, const std::stop_token& stop);
HttpReply answerText(const Answering& by, TextRequest request, const std::stop_token& stop);

}  // namespace moescope::serve
