#pragma once
// One event of an OpenAI-compatible stream, or a whole answer, whoever sent it:
//
//   chat          choices[0].delta or .message: {content, reasoning_content or reasoning}, finish_reason
//   completions   choices[0].text
//   vLLM          choices[0].{token_ids, prompt_token_ids, routed_experts}; in chats prompt_token_ids beside choices
//   SGLang        sglext.routed_experts beside choices, or in an event without choices
//   usage         {prompt_tokens, completion_tokens, prompt_tokens_details.cached_tokens}, in an event without choices
//   an error      {"error": {"message": ...}} or {"error": "..."}; SGLang: {"object": "error", "message": ...}

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace moescope {

struct ChatEvent {
    std::string text, thought;             ///< that came with it
    std::vector<std::int32_t> tokens;      ///< ids of the answer's tokens in it; empty: none, or not said
    std::vector<std::int32_t> prompt_ids;  ///< of the whole prompt; empty: not said here
    std::string finish;                    ///< "stop", "length", ...; "" while it goes on
    nlohmann::json routed;                 ///< routed_experts in whatever form; null: none
    std::optional<int> prompt_tokens, answer_tokens, cached_tokens;
    std::string error;   ///< what went wrong, in the server's words, harmless
    bool known = false;  ///< it has the form of an answer, or of an error
};

/// Fields of an unexpected form are treated as absent.
ChatEvent readChatEvent(const nlohmann::json& event);

/// What an error says, harmless, on one line and shortened; "" if `json` is none.
std::string serverError(const nlohmann::json& json);

/// Ids of tokens; empty for what is not a list of them.
std::vector<std::int32_t> tokenIds(const nlohmann::json& list);

}  // namespace moescope
