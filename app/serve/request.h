#pragma once
// What clients ask for, read from JSON. A field that would change the answer and is not understood is refused by its
// name; those that do not change it are passed over.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/serve/api_error.h"
#include "engine/routing/router_rules.h"
#include "engine/sampling/sampler.h"
#include "engine/text/chat_template.h"

namespace moescope::serve {

/// What a request is checked against.
struct ServedModel {
    std::string name;  ///< that clients call it by
    int vocabulary = 0;
    int context = 0;
    RoutingShape shape;
    bool thinking_choice = false;  ///< ChatTemplate::thinkingChoice()
};

/// What is wanted of the routing, beside the experts.
struct RoutingWanted {
    bool experts = false;  ///< and whether anything of it is wanted
    int start = 0;         ///< the first token of prompt and answer of which it is
    bool gates = false, norms = false;
};

/// What both kinds of completion have.
struct CompletionRequest {
    SamplerSettings sampling;
    bool random_seed = true;  ///< none was given
    std::vector<std::string> stop;
    std::optional<int> max_tokens;
    int choices = 1;    ///< of each prompt
    int logprobs = -1;  ///< alternatives told beside each token's own; -1: no log-probabilities
    bool echo = false;  ///< the prompt comes before the answer
    bool stream = false, include_usage = false;
    bool token_ids = false;  ///< vLLM's return_token_ids
    bool input_ids_in_sglext = false, output_ids_in_sglext = false;
    RoutingWanted routing;
    RouterRules rules;
};

struct ChatRequest : CompletionRequest {
    std::vector<ChatMessage> messages;
    bool continue_last = false;  ///< the last message is the beginning of the answer
    std::optional<bool> thinking;
};

struct TextRequest : CompletionRequest {
    /// Each a text, or ids.
    std::vector<std::variant<std::string, std::vector<std::int32_t>>> prompts;
    bool add_bos = true;  ///< before texts, if the model wants one
};

inline constexpr int kMaxChoices = 128;          ///< of a request
inline constexpr int kMaxAlternatives = 20;      ///< of a token
inline constexpr std::size_t kMaxBiases = 1024;  ///< entries of logit_bias

/// POST /v1/chat/completions.
ApiResult<ChatRequest> parseChatRequest(std::string_view body, const ServedModel& model);
/// POST /v1/completions.
ApiResult<TextRequest> parseTextRequest(std::string_view body, const ServedModel& model);

/// POST /tokenize: a text, or messages in the model's form.
struct TokenizeRequest {
    std::string prompt;
    std::optional<std::vector<ChatMessage>> messages;
    bool add_bos = true;         ///< "add_special_tokens"
    bool answer_follows = true;  ///< "add_generation_prompt"
    bool token_texts = false;    ///< "return_token_strs"
};
ApiResult<TokenizeRequest> parseTokenizeRequest(std::string_view body, const ServedModel& model);

/// POST /detokenize: {"tokens": […]}.
ApiResult<std::vector<std::int32_t>> parseDetokenizeRequest(std::string_view body, const ServedModel& model);

}  // namespace moescope::serve
