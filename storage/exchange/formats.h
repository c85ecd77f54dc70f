#pragma once
// The writers behind exportConversations, one a format.

#include <span>
#include <string>

#include "storage/exchange/export.h"

namespace moescope {

using Conversations = std::span<const ConversationContent>;

std::string exportMarkdown(Conversations conversations, const ExportOptions& options);
std::string exportText(Conversations conversations, const ExportOptions& options);
std::string exportHtml(Conversations conversations, const ExportOptions& options);
std::string exportJson(Conversations conversations);
std::string exportJsonLines(Conversations conversations, const ExportOptions& options);

}  // namespace moescope
