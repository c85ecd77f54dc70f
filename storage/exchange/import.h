#pragma once
// Conversations out of files: our own JSON, and ChatGPT's.

#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "storage/conversation.h"

namespace moescope {

/// What stands in "format" and "version" of docs/conversation-json.md.
inline constexpr std::string_view kJsonFormatName = "moescope-conversations";
inline constexpr int kJsonFormatVersion = 1;

/// Reads the whole of a file, which may hold anything: all of its conversations, or one sentence that says what is
/// wrong and where. Two kinds of file are known by what they contain:
///
/// - JSON as exportConversations writes it, without loss. A newer version is refused (kUnsupported).
/// - `conversations.json` of ChatGPT's data export. Messages of users and the assistant are kept with their branches;
///   the first system message that has a text becomes the system prompt; other system messages, calls of tools, what
///   tools said, hidden and empty messages are skipped, and what came after them follows the message before them.
///   Parts that are no text become "[image]", "[audio]", "[video]" or "[attachment]".
///
/// Ids are local: messages are 1, 2, 3... within each conversation, parents before their children;
/// Conversation::id, ::folder and Message::conversation are not set. Texts are valid UTF-8, trees are trees, expert
/// ids lie within their shape, and token ranges within their text.
Result<std::vector<ConversationContent>> importConversations(std::string_view bytes);

}  // namespace moescope
