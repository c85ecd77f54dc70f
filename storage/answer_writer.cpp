#include "storage/answer_writer.h"

#include "storage/blob.h"
#include "storage/database.h"
#include "storage/message_rows.h"

namespace moescope {

AnswerWriter::AnswerWriter(History& history, std::int64_t message, const RoutingShape& shape)
    : m_history(history), m_message(message), m_chunk(shape), m_last_commit(Clock::now()) {}

AnswerWriter::~AnswerWriter() {
    if (!m_finished) (void)commit();
}

std::string_view AnswerWriter::appendText(std::string_view text) {
    const std::size_t before = m_text.size();
    if (text.find('\0') == std::string_view::npos) {
        m_text += text;
    } else {
        m_text += withoutZeros(std::string(text));
    }
    return std::string_view(m_text).substr(before);
}

void AnswerWriter::appendRouting(const TokenRouting& token) {
    m_chunk.add(token);
    routingAdded();
}

void AnswerWriter::appendRouting(const RoutingLog& log) {
    for (std::size_t t = 0; t < log.size(); ++t) {
        m_chunk.add(log, t);
        routingAdded();
    }
}

void AnswerWriter::routingAdded() {
    m_routing_waits = true;
    if (!m_chunk.full()) return;
    m_full_chunks.push_back(std::move(m_chunk));  // compressed when committed: a token waits for this
    m_chunk.clear();
}

Status AnswerWriter::commitIfDue(Clock::time_point now) {
    if (now - m_last_commit < kCommitInterval) return {};
    m_last_commit = now;  // also after a failure: not more than one try in an interval
    return commit();
}

void AnswerWriter::writePieces() {
    SQLite::Database& db = *m_history.m_db;
    if (m_committed_text < m_text.size() || m_committed_tokens < m_tokens.size()) {
        SQLite::Statement piece(
            db, "INSERT INTO answer_pieces (message, sequence, text, tokens, odds) VALUES (?, ?, ?, ?, ?)");
        piece.bind(1, m_message);
        piece.bind(2, m_next_piece);
        piece.bind(3, m_text.substr(m_committed_text));
        const std::string tokens = encodeTokens(std::span(m_tokens).subspan(m_committed_tokens));
        piece.bind(4, tokens.data(), static_cast<int>(tokens.size()));
        bindOdds(piece, 5, std::span(m_odds).subspan(m_committed_tokens));
        piece.exec();
    }
    if (!m_routing_waits) return;
    // The last chunk is written again until it is full: 64 KB at most, once a second.
    SQLite::Statement chunk(db, "INSERT OR REPLACE INTO routing_chunks (message, sequence, data) VALUES (?, ?, ?)");
    std::int64_t sequence = m_next_chunk;
    const auto write = [&](const std::string& blob) {
        chunk.bind(1, m_message);
        chunk.bind(2, sequence++);
        chunk.bind(3, blob.data(), static_cast<int>(blob.size()));
        chunk.exec();
        chunk.reset();
    };
    for (const RoutingChunk& full : m_full_chunks) write(full.blob());
    if (!m_chunk.empty()) write(m_chunk.blob());
}

Status AnswerWriter::commit() {
    if (m_committed_text == m_text.size() && m_committed_tokens == m_tokens.size() && !m_routing_waits) return {};
    return guarded(m_history.m_path, [&]() -> Status {
        WriteTransaction transaction(*m_history.m_db);
        writePieces();
        transaction.commit();
        if (m_committed_text < m_text.size() || m_committed_tokens < m_tokens.size()) ++m_next_piece;
        m_committed_text = m_text.size();
        m_committed_tokens = m_tokens.size();
        m_next_chunk += static_cast<std::int64_t>(m_full_chunks.size());
        m_full_chunks.clear();
        m_routing_waits = false;
        return {};
    });
}

Status AnswerWriter::finish(const Finish& end, const AnswerSummary& summary) {
    return guarded(m_history.m_path, [&]() -> Status {
        SQLite::Database& db = *m_history.m_db;
        WriteTransaction transaction(db);
        writePieces();  // for the routing; the pieces of text become one below
        SQLite::Statement done(db, R"sql(
            UPDATE messages SET text = ?, tokens = ?, finish = ?, error = ?, prompt_tokens = ?, answer_tokens = ?,
                first_token_seconds = ?, tokens_per_second = ?, writer = NULL, odds = ?,
                thinking_tokens_per_second = ? WHERE id = ?)sql");
        const std::string tokens = encodeTokens(m_tokens);
        done.bind(1, m_text);
        done.bind(2, tokens.data(), static_cast<int>(tokens.size()));
        done.bind(3, std::string(finishReasonName(end.reason)));
        done.bind(4, withoutZeros(end.error));
        done.bind(5, summary.prompt_tokens);
        done.bind(6, static_cast<std::int64_t>(m_tokens.size()));
        done.bind(7, summary.first_token_seconds);
        done.bind(8, summary.tokens_per_second);
        bindOdds(done, 9, m_odds);
        done.bind(10, summary.thinking_tokens_per_second);
        done.bind(11, m_message);
        if (done.exec() == 0) return notFound("The chat or message is no longer in the history.");
        SQLite::Statement pieces(db, "DELETE FROM answer_pieces WHERE message = ?");
        pieces.bind(1, m_message);
        pieces.exec();
        transaction.commit();
        m_finished = true;
        return {};
    });
}

}  // namespace moescope
