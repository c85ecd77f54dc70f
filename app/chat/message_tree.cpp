#include "app/chat/message_tree.h"

#include <algorithm>
#include <unordered_set>

namespace moescope {
namespace {

std::pair<std::int64_t, Author> familyOf(const Message& message) {
    return {message.parent.value_or(0), message.author};
}

}  // namespace

MessageTree::MessageTree(std::vector<Message> messages) {
    m_messages.reserve(messages.size());
    m_index.reserve(messages.size());
    for (Message& message : messages) add(std::move(message));
}

const Message* MessageTree::find(std::int64_t id) const {
    const auto found = m_index.find(id);
    return found == m_index.end() ? nullptr : &m_messages[found->second];
}

Message* MessageTree::find(std::int64_t id) {
    return const_cast<Message*>(std::as_const(*this).find(id));
}

void MessageTree::add(Message message) {
    m_index[message.id] = m_messages.size();
    m_siblings[familyOf(message)].push_back(message.id);
    m_messages.push_back(std::move(message));
}

std::vector<Message> MessageTree::branchTo(std::optional<std::int64_t> leaf) const {
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

const std::vector<std::int64_t>& MessageTree::siblingsOf(const Message& message) const {
    static const std::vector<std::int64_t> kNone;
    const auto found = m_siblings.find(familyOf(message));
    return found == m_siblings.end() ? kNone : found->second;
}

std::int64_t MessageTree::newestLeafUnder(std::int64_t message) const {
    // Ids rise from parents to children, so one pass finds the whole subtree.
    std::int64_t newest = message;
    std::unordered_set<std::int64_t> inside{message};
    for (const Message& m : m_messages) {
        if (m.parent && inside.contains(*m.parent)) {
            inside.insert(m.id);
            newest = std::max(newest, m.id);
        }
    }
    return newest;
}

}  // namespace moescope
