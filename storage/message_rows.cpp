#include "storage/message_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "storage/blob.h"
#include "storage/history.h"
#include "storage/odds_codec.h"

namespace moescope {

std::string unfinishedKey(std::int64_t conversation) {
    return fmt::format("unfinished {}", conversation);
}

const char* const kMessageColumns =
    "id, conversation, parent, author, text, created_ms, deleted_ms, finish, error, model, settings, prompt_tokens, "
    "answer_tokens, first_token_seconds, tokens_per_second, context_start, writer IS NOT NULL, "
    "thinking_tokens_per_second";

std::optional<std::int64_t> optionalNumber(SQLite::Statement& row, int column) {
    if (row.isColumnNull(column)) return std::nullopt;
    return row.getColumn(column).getInt64();
}

std::string blobOf(const SQLite::Column& column) {
    return {static_cast<const char*>(column.getBlob()), static_cast<std::size_t>(column.getBytes())};
}

Piece joinPieces(SQLite::Database& db, std::int64_t message) {
    Piece all;
    SQLite::Statement rows(db, "SELECT text, tokens, odds FROM answer_pieces WHERE message = ? ORDER BY sequence");
    rows.bind(1, message);
    while (rows.executeStep()) {
        all.text += rows.getColumn(0).getString();
        const Piece piece = tokensOf(rows.getColumn(1), rows.getColumn(2));
        all.tokens.insert(all.tokens.end(), piece.tokens.begin(), piece.tokens.end());
        all.odds.insert(all.odds.end(), piece.odds.begin(), piece.odds.end());
    }
    return all;
}

Piece storedTokens(SQLite::Database& db, std::int64_t message) {
    SQLite::Statement row(db, "SELECT tokens, odds FROM messages WHERE id = ?");
    row.bind(1, message);
    if (!row.executeStep()) return {};
    return tokensOf(row.getColumn(0), row.getColumn(1));
}

Piece tokensOf(const SQLite::Column& tokens, const SQLite::Column& odds) {
    Piece piece;
    if (tokens.isNull()) return piece;
    auto read = decodeTokens(blobOf(tokens));
    if (!read.ok()) return piece;
    piece.tokens = std::move(*read);
    if (!odds.isNull()) {
        if (auto decoded = decodeOdds(blobOf(odds)); decoded.ok()) piece.odds = std::move(*decoded);
    }
    piece.odds.resize(piece.tokens.size());
    return piece;
}

void bindOdds(SQLite::Statement& statement, int index, std::span<const TokenOdds> odds) {
    const std::string blob = encodeOdds(odds);
    if (blob.empty()) return statement.bind(index);
    statement.bind(index, blob.data(), static_cast<int>(blob.size()));
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
    // A row that was recovered from a file of an older form may have a sentence in place of the reason.
    Finish finish = parseFinish(row.getColumn(7).getString());
    m.finish = finish.reason;
    m.error = finish.error.empty() ? row.getColumn(8).getString() : std::move(finish.error);
    m.model_name = row.getColumn(9).getString();
    m.settings = row.getColumn(10).getString();
    m.prompt_tokens = row.getColumn(11).getInt();
    m.answer_tokens = row.getColumn(12).getInt();
    m.first_token_seconds = row.getColumn(13).getDouble();
    m.tokens_per_second = row.getColumn(14).getDouble();
    m.context_start = optionalNumber(row, 15);
    m.thinking_tokens_per_second = row.getColumn(17).getDouble();
    if (row.getColumn(16).getInt() != 0) m.text += joinPieces(db, m.id).text;
    return m;
}

std::int64_t insertMessage(SQLite::Database& db, const Message& m, const std::vector<MessageToken>& given_tokens,
                           std::span<const TokenOdds> odds, const std::string& writer) {
    std::vector<MessageToken> tokens = given_tokens;
    const std::string text = withoutZeros(m.text, tokens);
    SQLite::Statement insert(db, R"sql(
        INSERT INTO messages (conversation, parent, author, text, created_ms, deleted_ms, finish, error, model, settings,
            prompt_tokens, answer_tokens, first_token_seconds, tokens_per_second, context_start, tokens, writer, odds,
            thinking_tokens_per_second)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql");
    insert.bind(1, m.conversation);
    if (m.parent) insert.bind(2, *m.parent);
    insert.bind(3, m.author == Author::kUser ? 0 : 1);
    insert.bind(4, text);
    insert.bind(5, m.created_ms ? m.created_ms : nowMs());
    if (m.deleted_ms) insert.bind(6, *m.deleted_ms);
    insert.bind(7, std::string(finishReasonName(m.finish)));
    insert.bind(8, withoutZeros(m.error));
    insert.bind(9, withoutZeros(m.model_name));
    insert.bind(10, withoutZeros(m.settings));
    insert.bind(11, m.prompt_tokens);
    insert.bind(12, m.answer_tokens);
    insert.bind(13, m.first_token_seconds);
    insert.bind(14, m.tokens_per_second);
    if (m.context_start) insert.bind(15, *m.context_start);
    if (!tokens.empty()) {
        const std::string blob = encodeTokens(tokens);
        insert.bind(16, blob.data(), static_cast<int>(blob.size()));
    }
    if (!writer.empty()) insert.bind(17, writer);
    bindOdds(insert, 18, odds);
    insert.bind(19, m.thinking_tokens_per_second);
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

std::string withoutZeros(std::string text, std::vector<MessageToken>& tokens) {
    if (text.find('\0') == std::string::npos) return text;
    constexpr std::string_view kReplacement = "\xef\xbf\xbd";
    std::string clean;
    std::vector<std::uint32_t> zeros;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\0') {
            clean += text[i];
            continue;
        }
        clean += kReplacement;
        zeros.push_back(static_cast<std::uint32_t>(i));
    }
    const auto moved = [&](std::uint32_t at) {
        const auto before = std::lower_bound(zeros.begin(), zeros.end(), at) - zeros.begin();
        return at + static_cast<std::uint32_t>(before) * static_cast<std::uint32_t>(kReplacement.size() - 1);
    };
    for (MessageToken& token : tokens) {
        token.begin = moved(token.begin);
        token.end = moved(token.end);
    }
    return clean;
}

std::string withoutZeros(std::string text) {
    std::vector<MessageToken> none;
    return withoutZeros(std::move(text), none);
}

}  // namespace moescope
