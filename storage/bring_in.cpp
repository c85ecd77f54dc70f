// Conversations from files, brought into a History that may know them already.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "storage/history.h"
#include "storage/message_rows.h"

namespace moescope {
namespace {

/// What is short comes in a transaction with others: a commit each would write several times as much, as the search
/// index is written anew with every one.
constexpr std::size_t kShort = 50, kBatch = 500;
constexpr std::chrono::milliseconds kHeld{100};

struct Known {
    std::int64_t id = 0;
    bool in_trash = false;
};

std::optional<Known> knownAs(SQLite::Database& db, const std::string& origin) {
    if (origin.empty()) return {};
    SQLite::Statement row(db, R"sql(
        SELECT id, deleted_ms IS NOT NULL FROM conversations WHERE origin = ? AND deleted_ms IS NOT ?
        ORDER BY deleted_ms IS NOT NULL, id LIMIT 1)sql");
    row.bind(1, origin);
    row.bind(2, kUnfinished);
    if (!row.executeStep()) return {};
    return Known{row.getColumn(0).getInt64(), row.getColumn(1).getInt() != 0};
}

bool isShort(const ConversationContent& content) {
    const auto has_routing = [](const MessageContent& m) { return m.routing.has_value(); };
    return content.messages.size() <= kShort &&
           std::none_of(content.messages.begin(), content.messages.end(), has_routing);
}

/// The messages of a conversation in the history, found by what they say and follow. Each is found once, so that two
/// equal answers are two.
class Present {
public:
    Present(SQLite::Database& db, std::int64_t conversation) {
        SQLite::Statement rows(db, R"sql(
            SELECT id, ifnull(parent, 0), author, text, deleted_ms FROM messages WHERE conversation = ? ORDER BY id DESC
            )sql");
        rows.bind(1, conversation);
        while (rows.executeStep()) {
            const std::int64_t id = rows.getColumn(0).getInt64(), parent = rows.getColumn(1).getInt64();
            m_ids[{parent, rows.getColumn(2).getInt(), rows.getColumn(3).getString()}].push_back(id);
            m_parents[id] = parent;
            if (!rows.isColumnNull(4)) m_deleted[id] = rows.getColumn(4).getInt64();
        }
    }

    std::optional<std::int64_t> take(std::int64_t parent, Author author, const std::string& text) {
        const auto found = m_ids.find({parent, author == Author::kUser ? 0 : 1, text});
        if (found == m_ids.end() || found->second.empty()) return {};
        const std::int64_t id = found->second.back();  // the oldest
        found->second.pop_back();
        return id;
    }
    void add(std::int64_t id, std::int64_t parent, std::optional<std::int64_t> deleted_ms) {
        m_parents[id] = parent;
        if (deleted_ms) m_deleted[id] = *deleted_ms;
    }
    std::optional<std::int64_t> deleted(std::int64_t id) const {
        const auto found = m_deleted.find(id);
        return found == m_deleted.end() ? std::nullopt : std::optional(found->second);
    }
    /// Whether the branch that ends with `leaf` leads through `id`.
    bool leadsThrough(std::int64_t leaf, std::int64_t id) const {
        while (leaf != 0 && leaf != id) {
            const auto parent = m_parents.find(leaf);
            leaf = parent == m_parents.end() ? 0 : parent->second;
        }
        return leaf == id;
    }

private:
    struct Key {
        std::int64_t parent;
        int author;
        std::string text;
        auto operator<=>(const Key&) const = default;
    };
    std::map<Key, std::vector<std::int64_t>> m_ids;
    std::unordered_map<std::int64_t, std::int64_t> m_parents, m_deleted;
};

}  // namespace

Status History::bringIn(std::span<const ConversationContent> conversations, BroughtIn& brought,
                        const ImportProgress& progress, const std::stop_token& stop) {
    std::size_t all = 0, before = 0;
    for (const ConversationContent& content : conversations) all += content.messages.size();
    const ImportProgress within = [&](std::size_t stored, std::size_t) {
        if (progress) progress(before + stored, all);
    };
    for (std::size_t i = 0; i < conversations.size();) {
        if (stop.stop_requested()) return stopped("The import was stopped.");
        const ConversationContent& content = conversations[i];
        std::optional<Known> known;
        const Status looked = guarded(m_path, [&]() -> Status {
            known = knownAs(*m_db, content.conversation.origin);
            return {};
        });
        if (!looked.ok()) return looked;
        if (known) {
            if (Status status = extend(known->id, content, brought, stop); !status.ok()) return status;
            if (known->in_trash) ++brought.in_trash;
        } else if (isShort(content)) {
            const auto stored = bringShort(conversations.subspan(i), brought);
            if (!stored.ok()) return stored.status();
            for (std::size_t n = 0; n < *stored; ++n) before += conversations[i++].messages.size();
            within(0, 0);
            continue;
        } else {
            const auto id = import(content, within, stop);
            if (!id.ok()) return id.status();
            ++brought.added;
            brought.messages += content.messages.size();
        }
        before += content.messages.size();
        within(0, 0);
        ++i;
    }
    return {};
}

void History::insertShort(const ConversationContent& content) {
    Conversation c = content.conversation;
    c.folder = folderNamed(*m_db, withoutZeros(content.folder_name));
    const std::int64_t id = insertConversation(c);
    std::map<std::int64_t, std::int64_t> ids;
    const auto translated = [&](std::optional<std::int64_t> old) -> std::optional<std::int64_t> {
        const auto found = old ? ids.find(*old) : ids.end();
        return found == ids.end() ? std::nullopt : std::optional(found->second);
    };
    for (const MessageContent& source : content.messages) {
        Message m = source.message;
        m.conversation = id;
        m.parent = translated(m.parent);
        m.context_start = translated(m.context_start);
        ids[source.message.id] = insertMessage(*m_db, m, source.tokens, source.odds, {});
    }
    showLeaf(*m_db, id, translated(content.conversation.leaf), false);
}

Result<std::size_t> History::bringShort(std::span<const ConversationContent> conversations, BroughtIn& brought) {
    letOthersWrite();
    return guarded(m_path, [&]() -> Result<std::size_t> {
        WriteTransaction transaction(*m_db);
        BroughtIn with_these = brought;
        std::size_t stored = 0, messages = 0;
        for (const ConversationContent& content : conversations) {
            if (stored > 0 && (messages >= kBatch || Clock::now() - m_left_to_others > kHeld)) break;
            // One that the file holds twice is looked at again when this one is stored.
            if (!isShort(content) || knownAs(*m_db, content.conversation.origin)) break;
            insertShort(content);
            ++stored;
            messages += content.messages.size();
        }
        with_these.added += stored;
        with_these.messages += messages;
        transaction.commit();
        brought = with_these;
        return stored;
    });
}

Status History::extend(std::int64_t id, const ConversationContent& content, BroughtIn& brought,
                       const std::stop_token& stop) {
    std::size_t added = 0, in_batch = 0;
    const Status status = guarded(m_path, [&]() -> Status {
        Present present(*m_db, id);
        std::map<std::int64_t, std::int64_t> ids;  // in the file -> in the history
        std::optional<WriteTransaction> transaction;
        const auto translated = [&](std::optional<std::int64_t> old) -> std::optional<std::int64_t> {
            const auto found = old ? ids.find(*old) : ids.end();
            if (found == ids.end()) return std::nullopt;
            return found->second;
        };
        for (const MessageContent& source : content.messages) {
            const auto parent = translated(source.message.parent);
            const std::string text = withoutZeros(source.message.text);
            if (const auto here = present.take(parent.value_or(0), source.message.author, text)) {
                ids[source.message.id] = *here;
                continue;
            }
            if (stop.stop_requested()) return stopped("The import was stopped.");
            if (transaction && (in_batch == kBatch || Clock::now() - m_left_to_others > kHeld)) {
                transaction->commit();
                transaction.reset();
                in_batch = 0;
            }
            if (!transaction) {
                letOthersWrite();
                transaction.emplace(*m_db);
            }
            Message m = source.message;
            m.conversation = id;
            m.parent = parent;
            m.context_start = translated(m.context_start);
            // What follows a message that was deleted here is deleted with it.
            if (const auto deleted = parent ? present.deleted(*parent) : std::nullopt) m.deleted_ms = deleted;
            const std::int64_t new_id = insertMessage(*m_db, m, source.tokens, source.odds, {});
            if (source.routing) insertRouting(*m_db, new_id, *source.routing);
            present.add(new_id, parent.value_or(0), m.deleted_ms);
            ids[source.message.id] = new_id;
            ++added;
            ++in_batch;
        }
        if (!transaction) return {};
        SQLite::Statement row(*m_db, "SELECT ifnull(leaf, 0) FROM conversations WHERE id = ?");
        row.bind(1, id);
        if (!row.executeStep()) return notFound("The chat was purged while it was being imported.");
        const std::int64_t shown = row.getColumn(0).getInt64();
        row.reset();
        const auto leaf = translated(content.conversation.leaf);
        // The branch that is shown goes on; one that was left for another here stays.
        const bool goes_on = leaf && !present.deleted(*leaf) && (shown == 0 || present.leadsThrough(*leaf, shown));
        SQLite::Statement update(*m_db,
                                 "UPDATE conversations SET leaf = ?, updated_ms = max(updated_ms, ?) WHERE id = ?");
        if (goes_on || shown != 0) update.bind(1, goes_on ? *leaf : shown);
        update.bind(2, content.conversation.updated_ms);
        update.bind(3, id);
        update.exec();
        transaction->commit();
        in_batch = 0;
        return {};
    });
    added -= in_batch;  // what was rolled back
    brought.messages += added;
    brought.new_in_known += added;
    if (added > 0) ++brought.extended;
    if (added == 0 && status.ok()) ++brought.present;
    return status;
}

}  // namespace moescope
