#pragma once
// Answers in the forms of OpenAI's API, whole or as the events of a stream, with what vLLM and SGLang add for routing.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/serve/completion.h"
#include "app/serve/request.h"
#include "engine/text/tokenizer.h"

namespace moescope::serve {

struct Usage {
    std::size_t prompt_tokens = 0, completion_tokens = 0, cached_tokens = 0;
    nlohmann::ordered_json toJson() const;
};

/// Collects one choice, and writes what of it has not been written: in a stream after each token, else once.
class ChoiceWriter {
public:
    using Json = nlohmann::ordered_json;

    ChoiceWriter(const Tokenizer& tokenizer, const CompletionRequest& request, bool chat, int index)
        : m_tokenizer(tokenizer), m_request(request), m_chat(chat), m_index(index) {}

    /// A text of the prompt that is to come before the answer, with its tokens.
    void echo(std::string_view text, std::span<const std::int32_t> ids, const std::vector<TokenScore>& scores);
    /// The ids of the prompt: with the first piece, where they were asked for.
    void setPromptIds(std::span<const std::int32_t> ids) { m_prompt_ids = ids; }
    void add(const CompletionDelta& delta);
    /// The answer has ended. `prompt_tokens` of it.
    void end(const Completion& completion, std::size_t prompt_tokens);

    int index() const { return m_index; }
    bool ended() const { return m_end != nullptr; }
    /// Whether there is anything to write.
    bool pending() const;
    /// What there is, as an entry of "choices".
    Json write();
    /// The first event of a chat's stream: whose message comes.
    Json opening();

private:
    Json logprobs();
    Json chatLogprobs();
    Json textLogprobs();
    void addIds(Json& choice);
    void addRouting(Json& choice);
    std::string textOf(std::int32_t id) const;
    struct Scored {
        std::optional<TokenScore> score;  ///< none: the first token of a prompt
        std::int32_t id = 0;
        std::size_t offset = 0;  ///< characters of the whole text before it
    };

    const Tokenizer& m_tokenizer;
    const CompletionRequest& m_request;
    bool m_chat;
    int m_index;
    std::string m_text;
    std::vector<Scored> m_scored;
    std::vector<std::int32_t> m_ids;
    std::span<const std::int32_t> m_prompt_ids;
    std::size_t m_characters = 0;  // of the whole text
    const Completion* m_end = nullptr;
    std::size_t m_row_count = 0;
};

/// SGLang's "sglext" of the first choice, or null if nothing of it was asked for.
nlohmann::ordered_json sglext(const CompletionRequest& request, const Completion& first,
                              std::span<const std::int32_t> prompt,
                              const std::vector<std::vector<std::int32_t>>& output);

}  // namespace moescope::serve
