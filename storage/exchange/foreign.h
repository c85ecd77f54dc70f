#pragma once
// What other programs' exports have in common: a conversation is a tree of entries by id, in a "mapping" that ChatGPT
// and DeepSeek both write, and none of it has a specification. What is not understood is passed over and counted.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/status.h"
#include "storage/conversation.h"

namespace moescope {

/// The value under a path of keys, or null.
const nlohmann::json& jsonAt(const nlohmann::json& value, std::initializer_list<const char*> keys);
/// "" for what is not text.
std::string textOf(const nlohmann::json& value);
/// A time in milliseconds: of a number, seconds, milliseconds, microseconds or nanoseconds, whichever lies between 1973
/// and 5138 (seconds from 1970 on); of a text, ISO 8601 (UTC without an offset), or such a number. 0 for what is no
/// time.
std::int64_t timeOf(const nlohmann::json& value);

/// What an export says in one message.
struct ForeignMessage {
    enum class Kind {
        kNothing,     ///< no text, and nothing that anybody would miss
        kPassedOver,  ///< of a tool, hidden, or of no known form
        kSystemPrompt,
        kMessage
    };
    Kind kind = Kind::kNothing;
    std::optional<Author> author;  ///< nothing: whoever's turn it is
    std::string text;
    std::string reasoning;  ///< what the model thought before it answered
    std::string model;
    FinishReason finish = FinishReason::kUnfinished;
    std::int64_t created_ms = 0;  ///< 0: not known
};

/// A message of ChatGPT:
///   {"author": {"role"}, "recipient", "create_time", "content": {"content_type", "parts" or "text"}, "metadata":
///    {"model_slug", "finish_details": {"type"}, "is_visually_hidden_from_conversation", "content_references",
///     "citations"}}
ForeignMessage readChatGptMessage(const nlohmann::json& message);
/// A message of DeepSeek, of either form:
///   {"model", "inserted_at", "fragments": [{"type": "REQUEST", "THINK" or "RESPONSE", "content"}], "files"}
///   {"model", "inserted_at", "content", "reasoning_content", "search_results": [{"url", "title", "cite_index"}]}
ForeignMessage readDeepSeekMessage(const nlohmann::json& message);

/// An answer's text with links in place of the marks that cite sources, or without them where no link is known. Marks
/// stand between U+E200 and U+E201, or are 【6†source】; `metadata` is the message's.
std::string withLinks(std::string_view text, const nlohmann::json& metadata);

/// Reads one conversation, an object with a "mapping":
///   {"title", "create_time" or "inserted_at", "update_time" or "updated_at", "current_node", "conversation_id" or
///   "id",
///    "default_model_slug", "mapping": {ID: {"parent": ID, "children": [ID], "message"}}}
/// Parents make the tree; lists of children say in which order, and who the parent is where an entry names none; where
/// nothing is named, messages follow one another. Circles are cut. `passed_over` grows by the messages that were left
/// out. An error says in a few words what is wrong with it, for a sentence that names it.
Status readMapping(std::string_view conversation, ConversationContent& content, std::int64_t& passed_over);

}  // namespace moescope
