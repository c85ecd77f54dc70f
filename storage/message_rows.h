#pragma once
// Rows of the table of messages, for the files that make up History. All of it throws SQLite::Exception.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "storage/conversation.h"
#include "storage/database.h"

namespace moescope {

/// `deleted_ms` of a conversation that is just being brought in or purged, in several steps: nobody sees it. The
/// setting unfinishedKey() names the lock in `writers/` of who does it.
inline constexpr std::int64_t kUnfinished = -9223372036854775807;
std::string unfinishedKey(std::int64_t conversation);

/// What readMessage() reads.
extern const char* const kMessageColumns;
Message readMessage(SQLite::Database& db, SQLite::Statement& row);

/// Inserts a row; triggers count and index it. Texts are stored without zeros, see withoutZeros().
/// `odds` are of the tokens, or none.
std::int64_t insertMessage(SQLite::Database& db, const Message& message, const std::vector<MessageToken>& tokens,
                           std::span<const TokenOdds> odds, const std::string& writer);
void insertRouting(SQLite::Database& db, std::int64_t message, const RoutingLog& log);
/// The folder of that name, which is made if need be; none for "".
std::optional<std::int64_t> folderNamed(SQLite::Database& db, const std::string& name);
void showLeaf(SQLite::Database& db, std::int64_t conversation, std::optional<std::int64_t> leaf, bool changed);

struct Piece {
    std::string text;
    std::vector<MessageToken> tokens;
    std::vector<TokenOdds> odds;  ///< of the tokens, as many
};
/// What of an answer stands in pieces, joined.
Piece joinPieces(SQLite::Database& db, std::int64_t message);
/// Tokens and odds of a message, without those in pieces. The text is left empty.
Piece storedTokens(SQLite::Database& db, std::int64_t message);
/// From the columns `tokens` and `odds` of a row; what is damaged is left out.
Piece tokensOf(const SQLite::Column& tokens, const SQLite::Column& odds);
/// Binds what encodeOdds() gives; NULL for nothing.
void bindOdds(SQLite::Statement& statement, int index, std::span<const TokenOdds> odds);

std::optional<std::int64_t> optionalNumber(SQLite::Statement& row, int column);
std::string blobOf(const SQLite::Column& column);

/// The text with U+FFFD for each U+0000, at which the search index and many other programs would end it.
std::string withoutZeros(std::string text);
/// The same, and the tokens' ranges moved along.
std::string withoutZeros(std::string text, std::vector<MessageToken>& tokens);

}  // namespace moescope
