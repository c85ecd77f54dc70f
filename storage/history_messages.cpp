// The messages of a History: tree, answers being written, whole conversations.

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <random>

#include "storage/answer_writer.h"
#include "storage/blob.h"
#include "storage/database.h"
#include "storage/history.h"

namespace moescope {
namespace {

constexpr const char* kMessageColumns =
    "id, conversation, parent, author, text, created_ms, deleted_ms, finish, model, settings, prompt_tokens, "
    "answer_tokens, first_token_seconds, tokens_per_second, context_start, writer IS NOT NULL";

std::optional<std::int64_t> optionalNumber(SQLite::Statement& row, int column) {
    if (row.isColumnNull(column)) return std::nullopt;
    return row.getColumn(column).getInt64();
}

std::string blobOf(const SQLite::Column& column) {
    return {static_cast<const char*>(column.getBlob()), static_cast<std::size_t>(column.getBytes())};
}

struct Piece {
    std::string text;
    std::vector<MessageToken> tokens;
};

/// What of an answer stands in pieces, joined.
Piece joinPieces(SQLite::Database& db, std::int64_t message) {
    Piece all;
    SQLite::Statement rows(db, "SELECT text, tokens FROM answer_pieces WHERE message = ? ORDER BY sequence");
    rows.bind(1, message);
    while (rows.executeStep()) {
        all.text += rows.getColumn(0).getString();
        const auto tokens = decodeTokens(blobOf(rows.getColumn(1)));
        if (tokens.ok()) all.tokens.insert(all.tokens.end(), tokens->begin(), tokens->end());
    }
    return all;
}

std::vector<MessageToken> storedTokens(SQLite::Database& db, std::int64_t message) {
    SQLite::Statement row(db, "SELECT tokens FROM messages WHERE id = ?");
    row.bind(1, message);
    if (!row.executeStep() || row.isColumnNull(0)) return {};
    auto tokens = decodeTokens(blobOf(row.getColumn(0)));
    return tokens.ok() ? std::move(*tokens) : std::vector<MessageToken>();
}

Message readMessage(SQLite::Database& db, SQLite::Statement& row) {
    Message m;
    m.id = row.getColumn(0).getInt64();
    m.conversation = row.getColumn(1).getInt64();
    m.parent = optionalNumber(row, 2);
    m.author = row.getColumn(3).getInt() == 0 ? Author::kUser : Author::kAssistant;
    m.text = row.getColumn(4).getString();
    m.created_ms = row.getColumn(5).getInt64();
    m.deleted_ms = optionalNumber(row, 6);
    m.finish = row.getColumn(7).getString();
    m.model = row.getColumn(8).getString();
    m.settings = row.getColumn(9).getString();
    m.prompt_tokens = row.getColumn(10).getInt();
    m.answer_tokens = row.getColumn(11).getInt();
    m.first_token_seconds = row.getColumn(12).getDouble();
    m.tokens_per_second = row.getColumn(13).getDouble();
    m.context_start = optionalNumber(row, 14);
    if (row.getColumn(15).getInt() != 0) m.text += joinPieces(db, m.id).text;
    return m;
}

/// Inserts a row as it is given; triggers count and index it.
std::int64_t insertMessage(SQLite::Database& db, const Message& m, const std::vector<MessageToken>& tokens,
                           const std::string& writer) {
    SQLite::Statement insert(db, R"sql(
        INSERT INTO messages (conversation, parent, author, text, created_ms, deleted_ms, finish, model, settings,
            prompt_tokens, answer_tokens, first_token_seconds, tokens_per_second, context_start, tokens, writer)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql");
    insert.bind(1, m.conversation);
    if (m.parent) insert.bind(2, *m.parent);
    insert.bind(3, m.author == Author::kUser ? 0 : 1);
    insert.bind(4, m.text);
    insert.bind(5, m.created_ms ? m.created_ms : nowMs());
    if (m.deleted_ms) insert.bind(6, *m.deleted_ms);
    insert.bind(7, m.finish);
    insert.bind(8, m.model);
    insert.bind(9, m.settings);
    insert.bind(10, m.prompt_tokens);
    insert.bind(11, m.answer_tokens);
    insert.bind(12, m.first_token_seconds);
    insert.bind(13, m.tokens_per_second);
    if (m.context_start) insert.bind(14, *m.context_start);
    if (!tokens.empty()) {
        const std::string blob = encodeTokens(tokens);
        insert.bind(15, blob.data(), static_cast<int>(blob.size()));
    }
    if (!writer.empty()) insert.bind(16, writer);
    insert.exec();
    return db.getLastInsertRowid();
}

void showLeaf(SQLite::Database& db, std::int64_t conversation, std::optional<std::int64_t> leaf, bool changed) {
    SQLite::Statement update(db, changed ? "UPDATE conversations SET leaf = ?, updated_ms = ? WHERE id = ?"
                                         : "UPDATE conversations SET leaf = ? WHERE id = ?");
    if (leaf) update.bind(1, *leaf);
    if (changed) update.bind(2, nowMs());
    update.bind(changed ? 3 : 2, conversation);
    update.exec();
}

}  // namespace

Result<std::int64_t> History::addMessage(const Message& message) {
    return guarded(m_path, [&]() -> Result<std::int64_t> {
        WriteTransaction transaction(*m_db);
        const std::int64_t id = insertMessage(*m_db, message, {}, {});
        showLeaf(*m_db, message.conversation, id, true);
        transaction.commit();
        return id;
    });
}

Result<Asked> History::ask(const Conversation& conversation, const Message& question, const AskedDraft& draft) {
    return guarded(m_path, [&]() -> Result<Asked> {
        WriteTransaction transaction(*m_db);
        Asked asked;
        asked.conversation = conversation.id;
        if (conversation.id == 0) {
            Conversation begun = conversation;
            begun.draft.clear();
            asked.conversation = insertConversation(begun);
            if (!draft.keep && !draft.setting.empty()) {
                SQLite::Statement forget(*m_db, "DELETE FROM settings WHERE key = ?");
                forget.bind(1, draft.setting);
                forget.exec();
            }
        } else {
            SQLite::Statement change(*m_db, R"sql(
                UPDATE conversations SET draft = iif(?1, draft, ''),
                    title = iif(?2 AND automatic_title AND title = '', ?3, title) WHERE id = ?4)sql");
            change.bind(1, draft.keep ? 1 : 0);
            change.bind(2, conversation.automatic_title ? 1 : 0);
            change.bind(3, conversation.title);
            change.bind(4, conversation.id);
            change.exec();
        }
        Message stored = question;
        stored.conversation = asked.conversation;
        asked.message = insertMessage(*m_db, stored, {}, {});
        showLeaf(*m_db, asked.conversation, asked.message, true);
        transaction.commit();
        return asked;
    });
}

Result<Message> History::message(std::int64_t id) {
    return guarded(m_path, [&]() -> Result<Message> {
        SQLite::Statement row(*m_db, fmt::format("SELECT {} FROM messages WHERE id = ?", kMessageColumns));
        row.bind(1, id);
        if (!row.executeStep()) return notFound("The message is not in the history any more.");
        return readMessage(*m_db, row);
    });
}

Result<std::vector<Message>> History::messages(std::int64_t conversation) {
    return guarded(m_path, [&]() -> Result<std::vector<Message>> {
        std::vector<Message> found;
        SQLite::Statement rows(
            *m_db, fmt::format("SELECT {} FROM messages WHERE conversation = ? AND deleted_ms IS NULL ORDER BY id",
                               kMessageColumns));
        rows.bind(1, conversation);
        while (rows.executeStep()) found.push_back(readMessage(*m_db, rows));
        return found;
    });
}

Status History::setFinish(std::int64_t message, const std::string& finish) {
    return update("UPDATE messages SET finish = ? WHERE id = ?", message, finish);
}

Status History::deleteMessage(std::int64_t id) {
    return guarded(m_path, [&]() -> Status {
        WriteTransaction transaction(*m_db);
        SQLite::Statement target(*m_db,
                                 "SELECT conversation, parent FROM messages WHERE id = ? AND deleted_ms IS NULL");
        target.bind(1, id);
        if (!target.executeStep()) return notFound("The message is not in the history any more.");
        const std::int64_t conversation = target.getColumn(0).getInt64();
        const auto parent = optionalNumber(target, 1);
        SQLite::Statement mark(*m_db, R"sql(
            WITH RECURSIVE branch (id) AS (
                SELECT ?1 UNION SELECT messages.id FROM messages JOIN branch ON messages.parent = branch.id)
            UPDATE messages SET deleted_ms = ?2 WHERE id IN branch AND deleted_ms IS NULL)sql");
        mark.bind(1, id);
        mark.bind(2, nowMs());
        mark.exec();
        SQLite::Statement leaf(*m_db, R"sql(
            SELECT 1 FROM conversations JOIN messages ON messages.id = conversations.leaf
            WHERE conversations.id = ? AND messages.deleted_ms IS NOT NULL)sql");
        leaf.bind(1, conversation);
        if (leaf.executeStep()) {
            // Ids rise: the newest message under the parent ends a branch.
            SQLite::Statement next(*m_db, R"sql(
                WITH RECURSIVE branch (id) AS (
                    SELECT id FROM messages WHERE conversation = ?1 AND parent IS ?2 AND deleted_ms IS NULL
                    UNION
                    SELECT messages.id FROM messages JOIN branch ON messages.parent = branch.id
                    WHERE messages.deleted_ms IS NULL)
                SELECT max(id) FROM branch)sql");
            next.bind(1, conversation);
            if (parent) next.bind(2, *parent);
            next.executeStep();
            auto newest = optionalNumber(next, 0);
            showLeaf(*m_db, conversation, newest ? newest : parent, false);
        }
        transaction.commit();
        return {};
    });
}

Status History::undeleteMessage(std::int64_t id) {
    return guarded(m_path, [&]() -> Status {
        WriteTransaction transaction(*m_db);
        SQLite::Statement target(*m_db, "SELECT conversation, deleted_ms FROM messages WHERE id = ?");
        target.bind(1, id);
        if (!target.executeStep()) return notFound("The message is not in the history any more.");
        if (target.isColumnNull(1)) return {};
        const std::int64_t conversation = target.getColumn(0).getInt64(), time = target.getColumn(1).getInt64();
        SQLite::Statement unmark(*m_db, R"sql(
            WITH RECURSIVE branch (id) AS (
                SELECT ?1 UNION SELECT messages.id FROM messages JOIN branch ON messages.parent = branch.id)
            UPDATE messages SET deleted_ms = NULL WHERE id IN branch AND deleted_ms = ?2)sql");
        unmark.bind(1, id);
        unmark.bind(2, time);
        unmark.exec();
        SQLite::Statement newest(*m_db, R"sql(
            WITH RECURSIVE branch (id) AS (
                SELECT ?1 UNION SELECT messages.id FROM messages JOIN branch ON messages.parent = branch.id
                WHERE messages.deleted_ms IS NULL)
            SELECT max(id) FROM branch)sql");
        newest.bind(1, id);
        newest.executeStep();
        showLeaf(*m_db, conversation, optionalNumber(newest, 0), false);
        transaction.commit();
        return {};
    });
}

Result<std::vector<MessageToken>> History::tokens(std::int64_t message) {
    return guarded(m_path, [&]() -> Result<std::vector<MessageToken>> {
        // One statement, so that a writer that moves the pieces into the message meanwhile is not seen half-way.
        SQLite::Statement rows(*m_db, R"sql(
            SELECT tokens FROM (SELECT -1 AS sequence, tokens FROM messages WHERE id = ?1 AND tokens IS NOT NULL
                UNION ALL SELECT sequence, tokens FROM answer_pieces WHERE message = ?1) ORDER BY sequence)sql");
        rows.bind(1, message);
        std::vector<MessageToken> tokens;
        while (rows.executeStep()) {
            const auto piece = decodeTokens(blobOf(rows.getColumn(0)));
            if (piece.ok()) tokens.insert(tokens.end(), piece->begin(), piece->end());
        }
        return tokens;
    });
}

Result<std::optional<RoutingLog>> History::routing(std::int64_t message) {
    return guarded(m_path, [&]() -> Result<std::optional<RoutingLog>> {
        std::optional<RoutingLog> log;
        SQLite::Statement rows(*m_db, "SELECT data FROM routing_chunks WHERE message = ? ORDER BY sequence");
        rows.bind(1, message);
        while (rows.executeStep()) {
            if (Status status = decodeRoutingChunk(blobOf(rows.getColumn(0)), log); !status.ok()) return status;
        }
        return log;
    });
}

namespace {

/// The lock that shows that this History writes answers; made with the first one.
Status takeWriterLock(const std::string& data_dir, std::optional<FileLock>& lock, std::string& name) {
    if (lock) return {};
    const std::string folder = data_dir + "/writers";
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    std::random_device random;
    name = fmt::format("{:08x}{:08x}", random(), random());
    auto taken = FileLock::wait(folder + "/" + name);
    if (!taken.ok()) return taken.status();
    lock.emplace(std::move(*taken));
    return {};
}

}  // namespace

Result<std::unique_ptr<AnswerWriter>> History::beginAnswer(const Message& answer, const RoutingShape& shape) {
    if (Status status = takeWriterLock(m_data_dir, m_writer_lock, m_writer_name); !status.ok()) return status;
    return guarded(m_path, [&]() -> Result<std::unique_ptr<AnswerWriter>> {
        WriteTransaction transaction(*m_db);
        const std::int64_t id = insertMessage(*m_db, answer, {}, m_writer_name);
        showLeaf(*m_db, answer.conversation, id, true);
        transaction.commit();
        return std::unique_ptr<AnswerWriter>(new AnswerWriter(*this, id, shape));
    });
}

Result<std::unique_ptr<AnswerWriter>> History::continueAnswer(std::int64_t message, const RoutingShape& shape) {
    if (Status status = takeWriterLock(m_data_dir, m_writer_lock, m_writer_name); !status.ok()) return status;
    return guarded(m_path, [&]() -> Result<std::unique_ptr<AnswerWriter>> {
        WriteTransaction transaction(*m_db);
        SQLite::Statement row(*m_db, "SELECT text, writer FROM messages WHERE id = ?");
        row.bind(1, message);
        if (!row.executeStep()) return notFound("The message is not in the history any more.");
        if (!row.isColumnNull(1)) return invalid("The answer is still being written.");
        std::unique_ptr<AnswerWriter> writer(new AnswerWriter(*this, message, shape));
        writer->m_text = row.getColumn(0).getString();
        writer->m_tokens = storedTokens(*m_db, message);
        writer->m_committed_text = writer->m_text.size();
        writer->m_committed_tokens = writer->m_tokens.size();
        SQLite::Statement next(*m_db, "SELECT coalesce(max(sequence) + 1, 0) FROM routing_chunks WHERE message = ?");
        next.bind(1, message);
        next.executeStep();
        writer->m_next_chunk = next.getColumn(0).getInt64();
        SQLite::Statement open(*m_db, "UPDATE messages SET finish = '', writer = ? WHERE id = ?");
        open.bind(1, m_writer_name);
        open.bind(2, message);
        open.exec();
        transaction.commit();
        return writer;
    });
}

Status History::closeInterruptedAnswers() {
    std::map<std::string, std::vector<std::int64_t>> by_writer;
    SQLite::Statement rows(*m_db, "SELECT id, writer FROM messages WHERE writer IS NOT NULL");
    while (rows.executeStep()) by_writer[rows.getColumn(1).getString()].push_back(rows.getColumn(0).getInt64());
    for (const auto& [name, messages] : by_writer) {
        const std::string path = m_data_dir + "/writers/" + name;
        std::error_code error;
        std::filesystem::create_directories(m_data_dir + "/writers", error);
        const auto lock = FileLock::tryLock(path);
        if (!lock.ok()) return lock.status();
        if (!*lock) continue;  // its process lives and writes
        WriteTransaction transaction(*m_db);
        for (const std::int64_t id : messages) {
            const Piece pieces = joinPieces(*m_db, id);
            auto tokens = storedTokens(*m_db, id);
            tokens.insert(tokens.end(), pieces.tokens.begin(), pieces.tokens.end());
            const std::string blob = encodeTokens(tokens);
            SQLite::Statement close(*m_db, R"sql(
                UPDATE messages SET text = text || ?, tokens = ?, answer_tokens = ?, finish = 'interrupted',
                    writer = NULL WHERE id = ?)sql");
            close.bind(1, pieces.text);
            close.bind(2, blob.data(), static_cast<int>(blob.size()));
            close.bind(3, static_cast<std::int64_t>(tokens.size()));
            close.bind(4, id);
            close.exec();
            SQLite::Statement clear(*m_db, "DELETE FROM answer_pieces WHERE message = ?");
            clear.bind(1, id);
            clear.exec();
            ++m_report.interrupted_answers;
        }
        transaction.commit();
        std::filesystem::remove(path, error);
    }
    return {};
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
            // Routing that is damaged must not keep the text from being exported.
            if (auto message_routing = routing(m.message.id); message_routing.ok()) {
                m.routing = std::move(*message_routing);
            }
            content.messages.push_back(std::move(m));
        }
        return content;
    });
}

Result<std::int64_t> History::import(const ConversationContent& content) {
    return guarded(m_path, [&]() -> Result<std::int64_t> {
        WriteTransaction transaction(*m_db);
        Conversation c = content.conversation;
        c.folder.reset();
        if (!content.folder_name.empty()) {
            SQLite::Statement found(*m_db, "SELECT id FROM folders WHERE name = ?");
            found.bind(1, content.folder_name);
            if (found.executeStep()) {
                c.folder = found.getColumn(0).getInt64();
            } else {
                const auto made = createFolder(content.folder_name);
                if (!made.ok()) return made.status();
                c.folder = *made;
            }
        }
        const auto id = createConversation(c);
        if (!id.ok()) return id.status();
        std::map<std::int64_t, std::int64_t> new_ids;
        const auto translated = [&](std::optional<std::int64_t> old) -> std::optional<std::int64_t> {
            const auto found = old ? new_ids.find(*old) : new_ids.end();
            if (found == new_ids.end()) return std::nullopt;
            return found->second;
        };
        for (const MessageContent& source : content.messages) {
            Message m = source.message;
            m.conversation = *id;
            m.parent = translated(m.parent);
            m.context_start = translated(m.context_start);
            const std::int64_t new_id = insertMessage(*m_db, m, source.tokens, {});
            new_ids[source.message.id] = new_id;
            if (!source.routing) continue;
            RoutingChunk chunk(source.routing->shape());
            std::int64_t sequence = 0;
            SQLite::Statement insert(*m_db, "INSERT INTO routing_chunks (message, sequence, data) VALUES (?, ?, ?)");
            const auto write = [&] {
                const std::string blob = chunk.blob();
                insert.bind(1, new_id);
                insert.bind(2, sequence++);
                insert.bind(3, blob.data(), static_cast<int>(blob.size()));
                insert.exec();
                insert.reset();
                chunk.clear();
            };
            for (std::size_t t = 0; t < source.routing->size(); ++t) {
                if (source.routing->shape().moe_layers == 0) break;
                chunk.add(*source.routing, t);
                if (chunk.full()) write();
            }
            if (!chunk.empty()) write();
        }
        showLeaf(*m_db, *id, translated(content.conversation.leaf), false);
        transaction.commit();
        return *id;
    });
}

}  // namespace moescope
