#include "app/remote/chat_event.h"

#include <limits>

#include "engine/base/foreign_text.h"

namespace moescope {
namespace {

using nlohmann::json;

constexpr std::size_t kShownError = 400;  // characters

const json& at(const json& object, const char* key) {
    static const json kNone;
    if (!object.is_object()) return kNone;
    const auto found = object.find(key);
    return found == object.end() ? kNone : *found;
}

std::string textAt(const json& object, const char* key) {
    const json& value = at(object, key);
    return value.is_string() ? value.get<std::string>() : std::string();
}

std::optional<int> countAt(const json& object, const char* key) {
    const json& value = at(object, key);
    if (!value.is_number_integer()) return std::nullopt;
    const auto count = value.get<std::int64_t>();
    if (count < 0 || count > std::numeric_limits<int>::max()) return std::nullopt;
    return static_cast<int>(count);
}

void readChoice(const json& choice, ChatEvent& out) {
    const json& whole = at(choice, "message");
    const json& said = whole.is_object() ? whole : at(choice, "delta");
    out.text = textAt(choice, "text") + textAt(said, "content");
    out.thought = textAt(said, "reasoning_content");
    if (out.thought.empty()) out.thought = textAt(said, "reasoning");
    out.finish = textAt(choice, "finish_reason");
    out.tokens = tokenIds(at(choice, "token_ids"));
    out.prompt_ids = tokenIds(at(choice, "prompt_token_ids"));
    out.routed = at(choice, "routed_experts");
}

}  // namespace

std::vector<std::int32_t> tokenIds(const json& list) {
    std::vector<std::int32_t> ids;
    if (!list.is_array()) return ids;
    ids.reserve(list.size());
    for (const json& id : list) {
        if (!id.is_number_integer()) return {};
        const auto value = id.get<std::int64_t>();
        if (value < 0 || value > std::numeric_limits<std::int32_t>::max()) return {};
        ids.push_back(static_cast<std::int32_t>(value));
    }
    return ids;
}

std::string serverError(const json& event) {
    const json& error = at(event, "error");
    std::string words = error.is_string() ? error.get<std::string>() : textAt(error, "message");
    if (words.empty() && textAt(event, "object") == "error") words = textAt(event, "message");
    if (words.empty()) words = textAt(event, "detail");
    if (words.empty() && !error.is_null()) words = error.dump(-1, ' ', false, json::error_handler_t::replace);
    return shortened(harmless(words, true), kShownError);
}

ChatEvent readChatEvent(const json& event) {
    ChatEvent out;
    out.error = serverError(event);
    const json& choices = at(event, "choices");
    out.known = choices.is_array() || !out.error.empty();
    if (choices.is_array() && !choices.empty()) readChoice(choices.front(), out);
    if (out.prompt_ids.empty()) out.prompt_ids = tokenIds(at(event, "prompt_token_ids"));
    const json& extra = at(event, "sglext");
    if (out.routed.is_null()) out.routed = at(extra, "routed_experts");
    if (out.prompt_ids.empty()) out.prompt_ids = tokenIds(at(extra, "input_ids"));
    const json& usage = at(event, "usage");
    out.prompt_tokens = countAt(usage, "prompt_tokens");
    out.answer_tokens = countAt(usage, "completion_tokens");
    out.cached_tokens = countAt(at(usage, "prompt_tokens_details"), "cached_tokens");
    return out;
}

}  // namespace moescope
