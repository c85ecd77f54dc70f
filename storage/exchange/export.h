#pragma once
// Conversations as files for people and for other programs. Pure functions from values to bytes: no database, no
// window.

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/status.h"
#include "storage/conversation.h"

namespace moescope {

enum class ExportFormat {
    kMarkdown,   ///< the branch that is shown, texts as they were written
    kHtml,       ///< the same as one page that loads nothing from outside, light and dark
    kText,       ///< the same without any mark-up
    kJson,       ///< everything; imports again without loss (docs/conversation-json.md)
    kJsonLines,  ///< one message a line, for scripts (docs/conversation-json.md)
};
inline constexpr std::array kExportFormats = {ExportFormat::kMarkdown, ExportFormat::kHtml, ExportFormat::kText,
                                              ExportFormat::kJson, ExportFormat::kJsonLines};

/// "markdown", "html", "text", "json", "jsonl".
std::string_view exportFormatName(ExportFormat format);
/// ".md", ".html", ".txt", ".json", ".jsonl".
std::string_view exportFormatExtension(ExportFormat format);
/// Reads a name or an extension, with or without its dot, in any case.
Result<ExportFormat> parseExportFormat(std::string_view name);

/// What Markdown, HTML, text and JSON Lines show beside the messages. JSON is always whole.
struct ExportOptions {
    bool system_prompts = true;
    bool settings = false;  ///< of the conversation and of each answer
    bool timings = false;   ///< of each answer: tokens, tokens/s, time to the first, why it ended
    /// The top experts, one row per layer (and a picture in HTML); JSON Lines gets tokens and their records.
    bool routing = false;
    bool thoughts = true;  ///< what models thought aloud before they answered
};

/// One file of one or more conversations, UTF-8 with "\n".
///
/// Markdown, HTML and text show the branch that ends at Conversation::leaf, or at the newest answer if there is no
/// such message or it is in the trash; messages in the trash are left out. Markdown keeps texts as they are but for a
/// backslash before each `<` that a viewer would take for HTML, and closes a code block that an answer left open.
/// What a model thought aloud stands apart in all three: quoted, in HTML folded, without its tags.
/// HTML renders the Markdown of answers and system prompts; what users typed is shown as typed. It holds no raw HTML
/// of any message, links to http, https and mailto only, and no picture, script, style sheet or font from outside.
/// Equal values give equal bytes. What is not UTF-8 becomes U+FFFD.
std::string exportConversations(std::span<const ConversationContent> conversations, ExportFormat format,
                                const ExportOptions& options = {});

/// Writes a file that appears whole or not at all.
Status writeExport(const std::string& path, std::string_view text);

}  // namespace moescope
