#pragma once
// The readers behind importConversations, one a kind of file. Errors go to `status`; the result means nothing then.

#include <nlohmann/json.hpp>
#include <vector>

#include "engine/base/status.h"
#include "storage/conversation.h"

namespace moescope {

std::vector<ConversationContent> readMoescope(const nlohmann::json& document, Status& status);
/// `conversations` is a list.
std::vector<ConversationContent> readChatGpt(const nlohmann::json& conversations, Status& status);

}  // namespace moescope
