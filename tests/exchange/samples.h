#pragma once
// Conversations for the tests of export and import; nobody's real ones.

#include "storage/conversation.h"

namespace moescope {

/// A conversation's beginnings: a title and its times.
ConversationContent emptySample(const std::string& title);
/// Adds a message under `parent` (0: none) and gives its id: 101, 102, ...
std::int64_t addMessage(ConversationContent& content, std::int64_t parent, Author author, const std::string& text);

/// Code, HTML in sentences, a table, Chinese, emoji, Arabic and Hebrew, links good and bad, an answer that stopped in
/// a code block.
ConversationContent textSample();
/// Edits, regenerations, a deleted branch, a cut context, settings, tokens and routing, everything set.
ConversationContent branchSample();
/// A log of `tokens` tokens, the first of them prefill, in 3 MoE layers of 8 experts; numbers that are hard to write.
RoutingLog routingSample(int tokens);

}  // namespace moescope
