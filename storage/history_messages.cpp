// The messages of a History: tree, and answers being written.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <random>

#include "storage/answer_writer.h"
#include "storage/blob.h"
#include "storage/database.h"
#include "storage/history.h"
#include "storage/message_rows.h"
#include "storage/privacy.h"

namespace moescope {

Result<std::int64_t> History::addMessage(const Message& message) {
    return guarded(m_path, [&]() -> Result<std::int64_t> {
        WriteTransaction transaction(*m_db);
        const std::int64_t id = insertMessage(*m_db, message, {}, {}, {});
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
        asked.message = insertMessage(*m_db, stored, {}, {}, {});
        showLeaf(*m_db, asked.conversation, asked.message, true);
        transaction.commit();
        return asked;
    });
}

Result<Message> History::message(std::int64_t id) {
    return guarded(m_path, [&]() -> Result<Message> {
        SQLite::Statement row(*m_db, fmt::format("SELECT {} FROM messages WHERE id = ?", kMessageColumns));
        row.bind(1, id);
        if (!row.executeStep()) return notFound("The message is no longer in the history.");
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

Status History::deleteMessage(std::int64_t id) {
    return guarded(m_path, [&]() -> Status {
        WriteTransaction transaction(*m_db);
        SQLite::Statement target(*m_db,
                                 "SELECT conversation, parent FROM messages WHERE id = ? AND deleted_ms IS NULL");
        target.bind(1, id);
        if (!target.executeStep()) return notFound("The message is no longer in the history.");
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
        if (!target.executeStep()) return notFound("The message is no longer in the history.");
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

Result<std::vector<TokenOdds>> History::odds(std::int64_t message) {
    return guarded(m_path, [&]() -> Result<std::vector<TokenOdds>> {
        SQLite::Statement rows(*m_db, R"sql(
            SELECT tokens, odds FROM (SELECT -1 AS sequence, tokens, odds FROM messages
                    WHERE id = ?1 AND tokens IS NOT NULL
                UNION ALL SELECT sequence, tokens, odds FROM answer_pieces WHERE message = ?1) ORDER BY sequence)sql");
        rows.bind(1, message);
        std::vector<TokenOdds> all;
        while (rows.executeStep()) {
            const Piece piece = tokensOf(rows.getColumn(0), rows.getColumn(1));
            all.insert(all.end(), piece.odds.begin(), piece.odds.end());
        }
        const bool any = std::any_of(all.begin(), all.end(), [](const TokenOdds& odds) { return odds.known(); });
        return any ? all : std::vector<TokenOdds>();
    });
}

Result<std::int64_t> History::branchAnswer(std::int64_t message, std::size_t token, std::int32_t instead,
                                           std::string_view text) {
    return guarded(m_path, [&]() -> Result<std::int64_t> {
        WriteTransaction transaction(*m_db);
        SQLite::Statement row(*m_db, fmt::format("SELECT {} FROM messages WHERE id = ?", kMessageColumns));
        row.bind(1, message);
        if (!row.executeStep()) return notFound("The message is no longer in the history.");
        Message branch = readMessage(*m_db, row);
        row.reset();
        Piece kept = storedTokens(*m_db, message);
        if (token >= kept.tokens.size() || kept.tokens[token].begin > branch.text.size())
            return invalid("The answer has no such token.");
        MessageToken other = kept.tokens[token];
        branch.text.resize(other.begin);
        branch.text += text;
        other.id = instead;
        other.end = other.begin + static_cast<std::uint32_t>(text.size());
        const auto odds = withChoice(kept.odds[token], instead);
        kept.tokens.resize(token);
        kept.odds.resize(token);
        kept.tokens.push_back(other);
        kept.odds.push_back(odds.value_or(TokenOdds()));
        branch.id = 0;
        branch.created_ms = 0;
        branch.error.clear();
        branch.finish = FinishReason::kStopped;
        branch.answer_tokens = static_cast<std::int32_t>(kept.tokens.size());
        const std::int64_t id = insertMessage(*m_db, branch, kept.tokens, kept.odds, {});
        // The records of what both have in common: on its branch each token has one.
        std::optional<RoutingLog> log;
        SQLite::Statement chunks(*m_db, "SELECT data FROM routing_chunks WHERE message = ? ORDER BY sequence");
        chunks.bind(1, message);
        while (chunks.executeStep()) {
            if (!decodeRoutingChunk(blobOf(chunks.getColumn(0)), log).ok()) break;
        }
        if (log) {
            RoutingLog common(log->shape());
            for (std::size_t t = 0; t < log->size() && log->token(t).position < other.position; ++t)
                common.append(*log, t);
            if (common.size() > 0) insertRouting(*m_db, id, common);
        }
        showLeaf(*m_db, branch.conversation, id, true);
        transaction.commit();
        return id;
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

Status History::takeWriterLock() {
    if (m_writer_lock) return {};
    if (readOnly()) return ioError(fmt::format("{}: the history is read-only here.", m_path));
    const std::string folder = m_data_dir + "/writers";
    (void)createPrivateFolder(folder);  // the file in it says what is wrong
    std::random_device random;
    m_writer_name = fmt::format("{:08x}{:08x}", random(), random());
    // Who tidies up may have it for a moment.
    auto taken = FileLock::wait(folder + "/" + m_writer_name, std::chrono::seconds(1));
    if (!taken.ok()) return taken.status();
    m_writer_lock.emplace(std::move(*taken));
    return {};
}

Result<std::unique_ptr<AnswerWriter>> History::beginAnswer(const Message& answer, const RoutingShape& shape,
                                                           bool shown) {
    if (Status status = takeWriterLock(); !status.ok()) return status;
    return guarded(m_path, [&]() -> Result<std::unique_ptr<AnswerWriter>> {
        WriteTransaction transaction(*m_db);
        const std::int64_t id = insertMessage(*m_db, answer, {}, {}, m_writer_name);
        if (shown) showLeaf(*m_db, answer.conversation, id, true);
        transaction.commit();
        return std::unique_ptr<AnswerWriter>(new AnswerWriter(*this, id, shape));
    });
}

Result<std::unique_ptr<AnswerWriter>> History::continueAnswer(std::int64_t message, const RoutingShape& shape) {
    if (Status status = takeWriterLock(); !status.ok()) return status;
    return guarded(m_path, [&]() -> Result<std::unique_ptr<AnswerWriter>> {
        WriteTransaction transaction(*m_db);
        SQLite::Statement row(*m_db, "SELECT text, writer FROM messages WHERE id = ?");
        row.bind(1, message);
        if (!row.executeStep()) return notFound("The message is no longer in the history.");
        if (!row.isColumnNull(1)) return invalid("The answer is still being written.");
        std::unique_ptr<AnswerWriter> writer(new AnswerWriter(*this, message, shape));
        writer->m_text = row.getColumn(0).getString();
        Piece stored = storedTokens(*m_db, message);
        writer->m_tokens = std::move(stored.tokens);
        writer->m_odds = std::move(stored.odds);
        writer->m_committed_text = writer->m_text.size();
        writer->m_committed_tokens = writer->m_tokens.size();
        SQLite::Statement next(*m_db, "SELECT coalesce(max(sequence) + 1, 0) FROM routing_chunks WHERE message = ?");
        next.bind(1, message);
        next.executeStep();
        writer->m_next_chunk = next.getColumn(0).getInt64();
        SQLite::Statement open(*m_db, "UPDATE messages SET finish = '', error = '', writer = ? WHERE id = ?");
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
        (void)createPrivateFolder(m_data_dir + "/writers");
        const auto lock = FileLock::tryLock(path);
        if (!lock.ok()) return lock.status();
        if (!*lock) continue;  // its process lives and writes
        WriteTransaction transaction(*m_db);
        for (const std::int64_t id : messages) {
            const Piece pieces = joinPieces(*m_db, id);
            Piece all = storedTokens(*m_db, id);
            all.tokens.insert(all.tokens.end(), pieces.tokens.begin(), pieces.tokens.end());
            all.odds.insert(all.odds.end(), pieces.odds.begin(), pieces.odds.end());
            const std::string blob = encodeTokens(all.tokens);
            SQLite::Statement close(*m_db, R"sql(
                UPDATE messages SET text = text || ?, tokens = ?, answer_tokens = ?, finish = 'interrupted',
                    writer = NULL, odds = ? WHERE id = ?)sql");
            close.bind(1, pieces.text);
            close.bind(2, blob.data(), static_cast<int>(blob.size()));
            close.bind(3, static_cast<std::int64_t>(all.tokens.size()));
            bindOdds(close, 4, all.odds);
            close.bind(5, id);
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

}  // namespace moescope
