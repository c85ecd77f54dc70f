#pragma once
// What can be done with a message from the row under it.

#include <QFlags>

namespace moescope {

enum class MessageAction {
    kNone = 0,
    kPreviousSibling = 1 << 0,
    kNextSibling = 1 << 1,
    kCopy = 1 << 2,
    kEdit = 1 << 3,
    kRegenerate = 1 << 4,
    kContinue = 1 << 5,
    kDelete = 1 << 6,
    kRules = 1 << 7,
};
Q_DECLARE_FLAGS(MessageActions, MessageAction)
Q_DECLARE_OPERATORS_FOR_FLAGS(MessageActions)

}  // namespace moescope
