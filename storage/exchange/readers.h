#pragma once
// The readers behind importConversations.

#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "storage/conversation.h"

namespace moescope {

/// Our own JSON. Errors go to `status`; the result means nothing then.
std::vector<ConversationContent> readMoescope(std::string_view text, Status& status);

/// Why a text is not JSON, and where; or that it is some, of no known form.
Status describeDamage(std::string_view text);

}  // namespace moescope
