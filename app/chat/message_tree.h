#pragma once
// The messages of a conversation as a tree: an edit or another answer begins a branch beside what was there.

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "storage/conversation.h"

namespace moescope {

class MessageTree {
public:
    MessageTree() = default;
    /// `messages` as the history gives them: parents before their children, ids rising.
    explicit MessageTree(std::vector<Message> messages);

    bool empty() const { return m_messages.empty(); }
    const Message& newest() const { return m_messages.back(); }
    /// Null if there is none of that id. Valid until the tree changes.
    const Message* find(std::int64_t id) const;
    Message* find(std::int64_t id);
    /// Takes a message that is newer than all others.
    void add(Message message);

    /// From the first message to `leaf`.
    std::vector<Message> branchTo(std::optional<std::int64_t> leaf) const;
    /// Those of the same author under the same parent, itself included if it is in the tree; oldest first.
    const std::vector<std::int64_t>& siblingsOf(const Message& message) const;
    /// `message` itself if nothing follows it.
    std::int64_t newestLeafUnder(std::int64_t message) const;

private:
    std::vector<Message> m_messages;
    std::unordered_map<std::int64_t, std::size_t> m_index;                            // of an id in m_messages
    std::map<std::pair<std::int64_t, Author>, std::vector<std::int64_t>> m_siblings;  // by parent (0: none) and author
};

}  // namespace moescope
