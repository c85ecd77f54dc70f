#include "app/window/message_tree.h"

#include <algorithm>

namespace moescope {
namespace {

std::pair<qint64, Author> familyOf(const Message& message) {
    return {message.parent.value_or(0), message.author};
}

}  // namespace

MessageTree::MessageTree(std::vector<Message> messages) {
    m_messages.reserve(messages.size());
    for (Message& message : messages) add(std::move(message));
}

const Message* MessageTree::find(qint64 id) const {
    const auto found = m_index.constFind(id);
    return found == m_index.constEnd() ? nullptr : &m_messages[*found];
}

Message* MessageTree::find(qint64 id) {
    return const_cast<Message*>(std::as_const(*this).find(id));
}

void MessageTree::add(Message message) {
    m_index[message.id] = m_messages.size();
    m_siblings[familyOf(message)].push_back(message.id);
    m_messages.push_back(std::move(message));
}

std::vector<Message> MessageTree::branchTo(std::optional<qint64> leaf) const {
    std::vector<Message> branch;
    while (leaf) {
        const Message* m = find(*leaf);
        if (!m) break;
        branch.push_back(*m);
        leaf = m->parent;
    }
    std::reverse(branch.begin(), branch.end());
    return branch;
}

const std::vector<qint64>& MessageTree::siblingsOf(const Message& message) const {
    static const std::vector<qint64> kNone;
    const auto found = m_siblings.find(familyOf(message));
    return found == m_siblings.end() ? kNone : found->second;
}

qint64 MessageTree::newestLeafUnder(qint64 message) const {
    // Ids rise from parents to children, so one pass finds the whole subtree.
    qint64 newest = message;
    QHash<qint64, bool> inside{{message, true}};
    for (const Message& m : m_messages) {
        if (m.parent && inside.contains(*m.parent)) {
            inside.insert(m.id, true);
            newest = std::max(newest, static_cast<qint64>(m.id));
        }
    }
    return newest;
}

}  // namespace moescope
