#pragma once
// Conversations out of files: our own JSON, ChatGPT's and DeepSeek's.

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "storage/conversation.h"

namespace moescope {

/// What stands in "format" and "version" of docs/conversation-json.md.
inline constexpr std::string_view kJsonFormatName = "moescope-conversations";
inline constexpr int kJsonFormatVersion = 1;

/// What was read of a file, and what was left out.
struct ImportedFile {
    std::vector<ConversationContent> conversations;
    /// Conversations that could not be read, each as `conversation 3, "Tea": it is damaged`.
    std::vector<std::string> refused;
    std::int64_t passed_over = 0;  ///< messages of tools, hidden ones, and such as this program does not know

    /// Adds what another file, or another entry of the archive, held.
    void add(ImportedFile other);
    std::size_t messages() const;
    /// One sentence of less than 400 characters about what was left out; "" if nothing was.
    std::string remark() const;
};

/// Reads the whole of a file, which may hold anything: all of its conversations, or one sentence that says what is
/// wrong and where. Kinds of file are known by what they contain:
///
/// - JSON as exportConversations writes it, without loss. Anything wrong in it refuses the file, as does a newer
/// version
///   (kUnsupported).
/// - `conversations.json` of ChatGPT's and of DeepSeek's data export, one conversation of it, or several one after
///   another (JSON Lines). What can be read comes in; conversations that cannot are named in `refused`, and a file of
///   which nothing can be read is refused. Messages of users and the assistant are kept with their branches; the first
///   system message that has a text becomes the system prompt; canvases are answers. Other system messages, calls of
///   tools, what tools said and hidden messages are passed over, and what came after them follows the message before
///   them. Parts that are not text become "[image]", "[audio]", "[video]" or "[attachment]"; marks that cite sources
///   become links. What a model thought before it answered is in the message's settings (kReasoningKey). Characters
///   that are none are mended (mendJson).
///
/// Ids are local: messages are 1, 2, 3... within each conversation, parents before their children;
/// Conversation::id, ::folder and Message::conversation are not set. Conversation::origin is, where the file says it.
/// Texts are valid UTF-8, trees are trees, expert ids lie within their shape, and token ranges within their text.
/// Besides the result, memory is needed for a copy of the largest message and its JSON values.
Result<ImportedFile> importConversations(std::string_view bytes);

/// The same of a file on the disk, which may also be a ZIP archive with such files in it, as ChatGPT and DeepSeek send
/// them. What is not a regular file is refused. Conversations without an origin get one made of all that they hold, so
/// that the same file is known when it is read again. Errors name the file.
Result<ImportedFile> importFile(const std::string& path);

}  // namespace moescope
