#pragma once
// What a server's response, or a stream or a list of them, says of each answer.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"

namespace moescope {

/// One answer; pointers are into the documents of ServedFile.
struct ServedAnswer {
    const nlohmann::json* routed = nullptr;         ///< the value of routed_experts; nullptr: not there, or null
    const nlohmann::json* prompt_routed = nullptr;  ///< vLLM 0.21's prompt_routed_experts
    std::string dtype;                              ///< routed_experts_dtype
    bool bare = false;                              ///< SGLang's place: numbers without a header
    bool by_layers = false;                         ///< LightLLM's place: the array is (layers, tokens, k)
    std::optional<std::size_t> prompt_tokens, answer_tokens;
    std::shared_ptr<const std::vector<std::int32_t>> prompt_ids;  ///< of tokens; null: not said. Answers share them
    std::vector<std::int32_t> answer_ids;                         ///< the same; empty: not said
    // Why it has no routed experts, if it has none.
    bool said_null = false, streamed = false;
    std::string error;  ///< what the server said went wrong
};

/// Reads one JSON document, a stream as saved ("data: ..." lines), or JSON Lines of either.
class ServedFile {
public:
    static Result<ServedFile> parse(std::string_view text);
    /// In the order of the file, and of the answers within a response.
    const std::vector<ServedAnswer>& answers() const { return m_answers; }

private:
    std::vector<nlohmann::json> m_documents;
    std::vector<ServedAnswer> m_answers;
};

/// Whether a text begins as a server's response or stream, and names what is known of them.
bool looksServed(std::string_view text);

}  // namespace moescope
