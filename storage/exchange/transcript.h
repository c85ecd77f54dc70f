#pragma once
// What the formats that people read have in common: the branch that is shown, and its facts as short lines.

#include <string>
#include <string_view>
#include <vector>

#include "storage/conversation.h"
#include "storage/exchange/export.h"

namespace moescope {

/// For each message, whether it and all above it are outside the trash.
std::vector<bool> visibleMessages(const ConversationContent& content);
/// The branch that exports show (see exportConversations), first message first.
std::vector<const MessageContent*> shownBranch(const ConversationContent& content);

/// The text with U+FFFD for what is not UTF-8.
std::string validUtf8(std::string_view text);
/// On one line, "Untitled" if it is empty.
std::string titleLine(const Conversation& conversation);
/// "2026-10-03 12:00 UTC"; "" for 0 and for years that are not years of four digits.
std::string utcTime(std::int64_t ms);
/// When it began, its folder, and its settings if they are asked for.
std::string conversationLine(const ConversationContent& content, const ExportOptions& options);
/// "User", or "Assistant" and the model that answered.
std::string speaker(const Message& message);
/// A message's text, what the model thought aloud apart from its answer, if it is wanted. What users typed is no
/// thought.
struct SpokenText {
    std::string_view thought, answer;
};
SpokenText spokenText(const Message& message, const ExportOptions& options);
/// What the options ask for of an answer; why it ended in any case, unless it just ended. "" if nothing.
std::string answerLine(const Message& message, const ExportOptions& options);

/// How much of the routing of an answer's own tokens each expert carried.
struct RoutingShares {
    struct Expert {
        int id = 0;
        double share = 0;  ///< of the layer's gate mass, 0..1
    };
    int first_moe_layer = 0, moe_layers = 0, experts = 0;
    std::size_t tokens = 0;
    std::vector<double> shares;  ///< (MoE layers, experts)

    double at(int layer, int expert) const {
        return shares[static_cast<std::size_t>(layer) * static_cast<std::size_t>(experts) +
                      static_cast<std::size_t>(expert)];
    }
    /// The experts that carried most in MoE layer `layer`, at most `count`; ties: the lower id first.
    std::vector<Expert> top(int layer, std::size_t count) const;
    /// "37 (21.0 %), 59 (14.2 %), 3 (9.9 %)".
    std::string topLine(int layer) const;
};
/// Of the decoded tokens, or of all if none was. Gates that are not positive numbers count as 0.
RoutingShares routingShares(const RoutingLog& log);

}  // namespace moescope
