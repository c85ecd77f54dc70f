// Whole conversations of a History: read, brought in, and purged, in steps that let others write in between.

#include <fmt/format.h>

#include <map>
#include <thread>

#include "storage/history.h"
#include "storage/message_rows.h"
#include "storage/routing_codec.h"

namespace moescope {
namespace {

/// Messages that are brought in or purged in one transaction at most.
constexpr std::size_t kBatch = 500;
/// How long the writer's lock is held at most (one message may take longer), and how long it is left to others then;
/// they look for it every 4 ms.
constexpr std::chrono::milliseconds kHeld{100}, kLeft{15};

/// Calls `write` with the blobs that hold a log.
template <class Write>
void forEachChunk(const RoutingLog& log, const Write& write) {
    RoutingChunk chunk(log.shape());
    if (log.shape().moe_layers == 0) return;
    for (std::size_t t = 0; t < log.size(); ++t) {
        chunk.add(log, t);
        if (!chunk.full()) continue;
        write(chunk.blob());
        chunk.clear();
    }
    if (!chunk.empty()) write(chunk.blob());
}

void forget(SQLite::Database& db, const std::string& key) {
    SQLite::Statement statement(db, "DELETE FROM settings WHERE key = ?");
    statement.bind(1, key);
    statement.exec();
}

}  // namespace

void insertRouting(SQLite::Database& db, std::int64_t message, const RoutingLog& log) {
    SQLite::Statement insert(db, "INSERT INTO routing_chunks (message, sequence, data) VALUES (?, ?, ?)");
    std::int64_t sequence = 0;
    forEachChunk(log, [&](const std::string& blob) {
        insert.bind(1, message);
        insert.bind(2, sequence++);
        insert.bind(3, blob.data(), static_cast<int>(blob.size()));
        insert.exec();
        insert.reset();
    });
}

std::optional<std::int64_t> folderNamed(SQLite::Database& db, const std::string& name) {
    if (name.empty()) return std::nullopt;
    SQLite::Statement found(db, "SELECT id FROM folders WHERE name = ?");
    found.bind(1, name);
    if (found.executeStep()) return found.getColumn(0).getInt64();
    SQLite::Statement insert(db, "INSERT INTO folders (name) VALUES (?)");
    insert.bind(1, name);
    insert.exec();
    return db.getLastInsertRowid();
}

Result<ConversationContent> History::content(std::int64_t id) {
    return guarded(m_path, [&]() -> Result<ConversationContent> {
        ConversationContent content;
        auto c = conversation(id);
        if (!c.ok()) return c.status();
        content.conversation = std::move(*c);
        if (content.conversation.folder) {
            SQLite::Statement folder(*m_db, "SELECT name FROM folders WHERE id = ?");
            folder.bind(1, *content.conversation.folder);
            if (folder.executeStep()) content.folder_name = folder.getColumn(0).getString();
        }
        SQLite::Statement rows(
            *m_db, fmt::format("SELECT {} FROM messages WHERE conversation = ? ORDER BY id", kMessageColumns));
        rows.bind(1, id);
        while (rows.executeStep()) {
            MessageContent m;
            m.message = readMessage(*m_db, rows);
            auto message_tokens = tokens(m.message.id);
            if (!message_tokens.ok()) return message_tokens.status();
            m.tokens = std::move(*message_tokens);
            if (auto message_odds = odds(m.message.id); message_odds.ok()) m.odds = std::move(*message_odds);
            // Routing that is damaged must not keep the text from being exported.
            if (auto message_routing = routing(m.message.id); message_routing.ok()) {
                m.routing = std::move(*message_routing);
            }
            content.messages.push_back(std::move(m));
        }
        return content;
    });
}

void History::letOthersWrite() {
    std::this_thread::sleep_for(kLeft);
    m_left_to_others = Clock::now();
}

void History::markUnfinished(std::int64_t conversation) {
    SQLite::Statement hide(*m_db, "UPDATE conversations SET deleted_ms = ? WHERE id = ?");
    hide.bind(1, kUnfinished);
    hide.bind(2, conversation);
    hide.exec();
    SQLite::Statement name(*m_db, "INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)");
    name.bind(1, unfinishedKey(conversation));
    name.bind(2, m_writer_name);
    name.exec();
}

Result<std::int64_t> History::import(const ConversationContent& content, const ImportProgress& progress,
                                     const std::stop_token& stop) {
    if (Status tidy = removeUnfinished(); !tidy.ok()) return tidy;
    if (Status status = takeWriterLock(); !status.ok()) return status;
    // Also between short conversations.
    if (Clock::now() - m_left_to_others > kHeld) letOthersWrite();
    std::int64_t id = 0;
    bool marked = false;  // part of it is in the history
    const Status stored = guarded(m_path, [&]() -> Status {
        std::optional<WriteTransaction> transaction(std::in_place, *m_db);
        Conversation begun = content.conversation;
        begun.folder.reset();
        id = insertConversation(begun);
        std::map<std::int64_t, std::int64_t> new_ids;
        const auto translated = [&](std::optional<std::int64_t> old) -> std::optional<std::int64_t> {
            const auto found = old ? new_ids.find(*old) : new_ids.end();
            if (found == new_ids.end()) return std::nullopt;
            return found->second;
        };
        std::size_t done = 0, in_batch = 0;
        for (const MessageContent& source : content.messages) {
            if (stop.stop_requested()) return stopped("The import was stopped.");
            if (in_batch == kBatch || (in_batch > 0 && Clock::now() - m_left_to_others > kHeld)) {
                if (!marked) markUnfinished(id);
                transaction->commit();
                marked = true;
                transaction.reset();
                if (progress) progress(done, content.messages.size());
                letOthersWrite();
                transaction.emplace(*m_db);
                in_batch = 0;
            }
            Message m = source.message;
            m.conversation = id;
            m.parent = translated(m.parent);
            m.context_start = translated(m.context_start);
            const std::int64_t new_id = insertMessage(*m_db, m, source.tokens, source.odds, {});
            new_ids[source.message.id] = new_id;
            if (source.routing) insertRouting(*m_db, new_id, *source.routing);
            ++done;
            ++in_batch;
        }
        SQLite::Statement whole(*m_db, "UPDATE conversations SET deleted_ms = ?, folder = ?, leaf = ? WHERE id = ?");
        const auto bind = [&](int at, std::optional<std::int64_t> number) {
            if (number) whole.bind(at, *number);
        };
        if (const auto deleted = content.conversation.deleted_ms) bind(1, std::max(*deleted, kUnfinished + 1));
        bind(2, folderNamed(*m_db, withoutZeros(content.folder_name)));
        bind(3, translated(content.conversation.leaf));
        whole.bind(4, id);
        if (whole.exec() == 0) return notFound("The chat was purged while it was being imported.");
        if (marked) forget(*m_db, unfinishedKey(id));
        transaction->commit();
        if (progress) progress(done, content.messages.size());
        return {};
    });
    if (stored.ok()) return id;
    if (marked) (void)removeUnfinished(id);  // else the next import does it
    return stored;
}

Status History::removeUnfinished(std::int64_t conversation) {
    return guarded(m_path, [&]() -> Status {
        while (true) {
            WriteTransaction transaction(*m_db);
            // The newest first: a message may not go before those under it.
            SQLite::Statement messages(*m_db, R"sql(
                DELETE FROM messages WHERE id IN
                    (SELECT id FROM messages WHERE conversation = ? ORDER BY id DESC LIMIT ?))sql");
            messages.bind(1, conversation);
            messages.bind(2, static_cast<std::int64_t>(kBatch));
            const bool last = messages.exec() < static_cast<int>(kBatch);
            if (last) {
                SQLite::Statement row(*m_db, "DELETE FROM conversations WHERE id = ?");
                row.bind(1, conversation);
                row.exec();
                forget(*m_db, unfinishedKey(conversation));
            }
            transaction.commit();
            if (last) return {};
            letOthersWrite();
        }
    });
}

Status History::removeUnfinished() {
    std::map<std::int64_t, std::string> begun;
    const Status read = guarded(m_path, [&]() -> Status {
        SQLite::Statement rows(*m_db,
                               "SELECT id, value FROM conversations JOIN settings ON key = 'unfinished ' || id "
                               "WHERE deleted_ms = ?");
        rows.bind(1, kUnfinished);
        while (rows.executeStep()) begun[rows.getColumn(0).getInt64()] = rows.getColumn(1).getString();
        return {};
    });
    if (!read.ok()) return read;
    for (const auto& [id, writer] : begun) {
        const auto lock = FileLock::tryLock(m_data_dir + "/writers/" + writer);
        if (!lock.ok()) return lock.status();
        if (!*lock) continue;  // its program lives, and is at it
        if (Status removed = removeUnfinished(id); !removed.ok()) return removed;
    }
    return {};
}

Status History::purge(std::int64_t id) {
    bool is_long = false;
    const Status looked = guarded(m_path, [&]() -> Status {
        SQLite::Statement rows(*m_db, "SELECT count(*) FROM (SELECT 1 FROM messages WHERE conversation = ? LIMIT ?)");
        rows.bind(1, id);
        rows.bind(2, static_cast<std::int64_t>(kBatch));
        rows.executeStep();
        is_long = rows.getColumn(0).getInt64() >= static_cast<std::int64_t>(kBatch);
        return {};
    });
    if (!looked.ok()) return looked;
    if (is_long) {
        if (Status status = takeWriterLock(); !status.ok()) return status;
        const Status hidden = guarded(m_path, [&]() -> Status {
            WriteTransaction transaction(*m_db);
            markUnfinished(id);
            transaction.commit();
            return {};
        });
        if (!hidden.ok()) return hidden;
    }
    Status removed = removeUnfinished(id);
    if (removed.ok()) truncateJournal();
    return removed;
}

}  // namespace moescope
