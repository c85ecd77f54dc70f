#pragma once
// The messages of a conversation as a tree: an edit or another answer begins a branch beside what was there. GUI
// thread.

#include <QHash>
#include <map>
#include <optional>
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
    const Message* find(qint64 id) const;
    Message* find(qint64 id);
    /// Takes a message that is newer than all others.
    void add(Message message);

    /// From the first message to `leaf`.
    std::vector<Message> branchTo(std::optional<qint64> leaf) const;
    /// Those of the same author under the same parent, itself included if it is in the tree.
    const std::vector<qint64>& siblingsOf(const Message& message) const;
    /// `message` itself if nothing follows it.
    qint64 newestLeafUnder(qint64 message) const;

private:
    std::vector<Message> m_messages;
    QHash<qint64, std::size_t> m_index;                                   // of an id in m_messages
    std::map<std::pair<qint64, Author>, std::vector<qint64>> m_siblings;  // by parent (0: none) and author
};

}  // namespace moescope
