#pragma once
// What a history consists of, as plain values. Ids are those of the database (positive; 0: not stored yet); times are
// milliseconds since 1970 in UTC; texts are valid UTF-8.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/finish_reason.h"
#include "engine/base/token_odds.h"
#include "engine/routing/routing_log.h"

namespace moescope {

struct Folder {
    std::int64_t id = 0;
    std::string name;
};

/// A conversation without its messages.
struct Conversation {
    std::int64_t id = 0;
    std::optional<std::int64_t> folder;
    std::string title;
    bool automatic_title = true;  ///< nobody has changed it, so the program may
    bool pinned = false;
    std::int64_t created_ms = 0;
    std::int64_t updated_ms = 0;
    std::optional<std::int64_t> deleted_ms;  ///< when it went to the trash
    std::string system_prompt;
    std::string model_path;            ///< of the model file, "" for the default
    std::string settings = "{}";       ///< JSON object that the application owns (sampling, context policy, rules)
    std::string draft;                 ///< what stands in the composer
    std::optional<std::int64_t> leaf;  ///< last message of the branch that is shown
    std::int64_t message_count = 0;    ///< in all branches, without deleted ones; filled when read
    /// Which conversation it is, in whatever history: "moescope:" and 32 digits, or the program and id that it was
    /// imported from. One that is stored gets one if this is "".
    std::string origin;
};

/// Who a message is by. The system prompt belongs to the conversation.
enum class Author : std::uint8_t { kUser, kAssistant };

/// In the settings of an answer: what the model thought before it, a text that another program kept apart.
inline constexpr const char* kReasoningKey = "reasoning";

/// A token of an answer and the bytes of the message's text that it stands for.
struct MessageToken {
    std::int32_t id = 0;
    std::uint32_t begin = 0, end = 0;  ///< byte range in Message::text; empty inside a character of several tokens
    std::int32_t position = 0;         ///< in the context; routing records have the same, so they find each other
    bool operator==(const MessageToken&) const = default;
};

/// One message. Messages form a tree: edits and regenerations are siblings.
struct Message {
    std::int64_t id = 0;
    std::int64_t conversation = 0;
    std::optional<std::int64_t> parent;  ///< none: a first message
    Author author = Author::kUser;
    std::string text;
    std::int64_t created_ms = 0;
    std::optional<std::int64_t> deleted_ms;  ///< deleted with everything under it; undo clears it

    // Of answers only.
    FinishReason finish = FinishReason::kUnfinished;
    std::string error;            ///< if it ended by kError: a sentence
    std::string model_name;       ///< of the model that answered
    std::string settings = "{}";  ///< JSON object: sampling and router rules that it was made with
    std::int32_t prompt_tokens = 0;
    std::int32_t answer_tokens = 0;
    double first_token_seconds = 0;
    double tokens_per_second = 0;
    double thinking_tokens_per_second = 0;  ///< of what it thought aloud before its answer; 0: not known
    /// First message that was still in the context; earlier ones had been dropped. None: nothing was cut.
    std::optional<std::int64_t> context_start;
};

/// A message with all that belongs to it.
struct MessageContent {
    Message message;
    std::vector<MessageToken> tokens;
    std::vector<TokenOdds> odds;        ///< of the tokens, in their order; empty if nothing is known of any
    std::optional<RoutingLog> routing;  ///< of the prompt's tokens computed for it, then of its own
};

/// A whole conversation, as it is exported and imported.
struct ConversationContent {
    Conversation conversation;
    std::string folder_name;               ///< "" for none
    std::vector<MessageContent> messages;  ///< parents before their children
};

}  // namespace moescope
