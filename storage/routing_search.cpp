// A History's search for what an expert took. Chunks are not read whole: SQLite's incremental blobs give the pages up
// to the layer that is asked for.

#include "storage/routing_search.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <system_error>
#include <thread>

#include "engine/base/utf8.h"
#include "storage/database.h"
#include "storage/history.h"
#include "storage/routing_codec.h"

namespace moescope {
namespace {

/// The chunk of one row after another.
class ChunkBlob : public ChunkReader::Source {
public:
    explicit ChunkBlob(SQLite::Database& db) : m_db(db.getHandle()) {}
    ~ChunkBlob() override { sqlite3_blob_close(m_blob); }
    ChunkBlob(const ChunkBlob&) = delete;
    ChunkBlob& operator=(const ChunkBlob&) = delete;

    /// False if the row is gone. Throws SQLite::Exception for what is worse.
    bool open(std::int64_t row) {
        int code;
        if (m_blob) {
            code = sqlite3_blob_reopen(m_blob, row);
        } else {
            code = sqlite3_blob_open(m_db, "main", "routing_chunks", "data", row, 0, &m_blob);
        }
        if (code == SQLITE_OK) return true;
        sqlite3_blob_close(m_blob);  // an aborted one cannot be used again
        m_blob = nullptr;
        if ((code & 0xff) == SQLITE_ERROR) return false;
        throw SQLite::Exception(m_db, code);
    }
    std::size_t size() const override { return static_cast<std::size_t>(sqlite3_blob_bytes(m_blob)); }
    bool read(std::size_t offset, std::size_t size, char* out) override {
        if (offset > this->size() || size > this->size() - offset) return false;
        return sqlite3_blob_read(m_blob, out, static_cast<int>(size), static_cast<int>(offset)) == SQLITE_OK;
    }

private:
    sqlite3* m_db;
    sqlite3_blob* m_blob = nullptr;
};

/// Cuts the text around a token out, on characters' borders, in one line.
void cutSnippet(const std::string& text, const MessageToken& token, RoutingHit& hit) {
    constexpr std::size_t kAround = 60;
    const auto continues = [&](std::size_t at) { return at < text.size() && continuesCharacter(text[at]); };
    const std::size_t token_begin = std::min<std::size_t>(token.begin, text.size());
    const std::size_t token_end = std::clamp<std::size_t>(token.end, token_begin, text.size());
    std::size_t begin = token_begin > kAround ? token_begin - kAround : 0;
    std::size_t end = std::min(text.size(), token_end + kAround);
    while (begin < token_begin && continues(begin)) ++begin;
    while (end > token_end && continues(end)) --end;
    const std::string before = (begin > 0 ? "…" : "") + text.substr(begin, token_begin - begin);
    hit.begin = static_cast<std::uint32_t>(before.size());
    hit.end = static_cast<std::uint32_t>(before.size() + token_end - token_begin);
    hit.snippet = before + text.substr(token_begin, end - token_begin) + (end < text.size() ? "…" : "");
    for (char& c : hit.snippet) {
        if (c == '\n' || c == '\r' || c == '\t') c = ' ';
    }
}

/// Lets a stop end what SQLite is doing.
int stopRequested(void* stop) {
    return static_cast<const std::stop_token*>(stop)->stop_requested() ? 1 : 0;
}

/// Answers from one id to another, without the latter.
struct MessageRange {
    std::int64_t begin = 0, end = std::numeric_limits<std::int64_t>::max();
};

/// Searches the chunks of some answers, newest first. Texts are not looked up. Throws SQLite::Exception.
void searchChunks(SQLite::Database& db, const RoutingQuery& query, MessageRange range, std::size_t limit,
                  const std::stop_token& stop, RoutingSearchResult& result) {
    // One state of the file for rows and blobs: an answer that is written meanwhile does not pull chunks away.
    SQLite::Transaction snapshot(db);
    SQLite::Statement chunks(
        db, fmt::format("SELECT r.rowid, r.message, m.conversation, c.title, m.model FROM routing_chunks r "
                        "CROSS JOIN messages m ON m.id = r.message "
                        "CROSS JOIN conversations c ON c.id = m.conversation "
                        "WHERE r.message >= ? AND r.message < ? AND m.deleted_ms IS NULL AND c.deleted_ms IS NULL {} "
                        "ORDER BY r.message DESC, r.sequence",
                        query.model.empty() ? "" : "AND m.model = ?"));
    chunks.bind(1, range.begin);
    chunks.bind(2, range.end);
    if (!query.model.empty()) chunks.bind(3, query.model);
    const int ranks = query.ranks > 0 ? query.ranks : kMaxActiveExperts;
    ChunkBlob blob(db);
    while (chunks.executeStep()) {
        if (stop.stop_requested()) {
            result.complete = false;
            return;
        }
        if (!blob.open(chunks.getColumn(0).getInt64())) continue;
        const auto matches = ChunkReader::find(blob, query.layer, query.expert, ranks, query.gate_above);
        if (!matches.ok()) ++result.unreadable;
        if (!matches.ok() || matches->empty()) continue;
        const auto tokens = ChunkReader::tokens(blob);
        if (!tokens.ok()) ++result.unreadable;
        for (std::size_t i = 0; tokens.ok() && i < matches->size(); ++i) {
            const ChunkReader::Match& match = (*matches)[i];
            const ChunkToken& token = (*tokens)[match.token];
            const bool written = token.phase == Phase::kDecode;
            if (!written && !query.prompts) continue;
            ++result.total;
            if (result.hits.size() >= limit) continue;
            RoutingHit& hit = result.hits.emplace_back();
            hit.message = chunks.getColumn(1).getInt64();
            hit.conversation = chunks.getColumn(2).getInt64();
            hit.title = chunks.getColumn(3).getString();
            hit.model = chunks.getColumn(4).getString();
            hit.token = token.token;
            hit.position = token.position;
            hit.written = written;
            hit.gate = match.gate;
            hit.rank = match.rank + 1;
        }
    }
}

/// Parts of about as many chunks each, newest first; one if there are few.
std::vector<MessageRange> partsOf(SQLite::Database& db) {
    constexpr std::int64_t kMostParts = 4, kFewChunks = 500;
    const std::int64_t chunks = db.execAndGet("SELECT count(*) FROM routing_chunks").getInt64();
    std::vector<MessageRange> parts(1);
    if (chunks < kFewChunks) return parts;
    SQLite::Statement border(db, "SELECT message FROM routing_chunks ORDER BY message DESC LIMIT 1 OFFSET ?");
    for (std::int64_t i = 1; i < kMostParts; ++i) {
        border.reset();
        border.bind(1, chunks * i / kMostParts);
        if (!border.executeStep()) break;
        const std::int64_t message = border.getColumn(0).getInt64();
        if (message >= parts.back().end) continue;  // one answer has many chunks
        parts.push_back({0, message});
        parts[parts.size() - 2].begin = message;
    }
    return parts;
}

}  // namespace

Result<RoutingSearchResult> History::routingSearch(const RoutingQuery& query, int limit, const std::stop_token& stop) {
    const auto most = static_cast<std::size_t>(std::max(limit, 0));
    std::vector<MessageRange> parts;
    if (Status status = guarded(m_path, [&]() -> Status { return parts = partsOf(*m_db), Status(); }); !status.ok()) {
        return status;
    }
    // Each part has a connection and a thread of its own: most of the time goes into reading pages one after another.
    std::vector<RoutingSearchResult> found(parts.size());
    std::vector<Status> ended(parts.size());
    const auto search = [&](std::size_t part) {
        ended[part] = guarded(m_path, [&]() -> Status {
            const auto db = openConnection(m_opened, readOnly() ? m_access : Access::kRead, m_options.patience_ms);
            std::stop_token stopping = stop;
            sqlite3_progress_handler(db->getHandle(), 10'000, &stopRequested, &stopping);
            try {
                searchChunks(*db, query, parts[part], most, stop, found[part]);
            } catch (const SQLite::Exception& e) {
                if ((e.getErrorCode() & 0xff) != SQLITE_INTERRUPT || !stop.stop_requested()) throw;
                found[part].complete = false;
            }
            return {};
        });
    };
    {
        std::vector<std::jthread> threads;
        std::size_t part = 1;
        try {
            for (; part < parts.size(); ++part) threads.emplace_back(search, part);
        } catch (const std::system_error&) {
            // The system gives no more threads: the rest is searched in this one.
        }
        search(0);
        for (; part < parts.size(); ++part) search(part);
    }
    RoutingSearchResult result;
    for (std::size_t part = 0; part < parts.size(); ++part) {
        if (!ended[part].ok()) return ended[part];
        RoutingSearchResult& of_part = found[part];
        result.total += of_part.total;
        result.unreadable += of_part.unreadable;
        result.complete &= of_part.complete;
        const std::size_t taken = std::min(of_part.hits.size(), most - result.hits.size());
        std::move(of_part.hits.begin(), of_part.hits.begin() + static_cast<std::ptrdiff_t>(taken),
                  std::back_inserter(result.hits));
    }

    // Texts of those that are shown; the hits of a message are adjacent.
    std::int64_t loaded = 0;
    std::string text;
    std::vector<MessageToken> tokens;
    for (RoutingHit& hit : result.hits) {
        if (hit.message != loaded) {
            loaded = hit.message;
            auto message = this->message(loaded);
            auto of_message = this->tokens(loaded);
            text = message.ok() ? std::move(message->text) : std::string();
            tokens = of_message.ok() ? std::move(*of_message) : std::vector<MessageToken>();
        }
        const auto at = std::find_if(tokens.begin(), tokens.end(), [&](const MessageToken& t) {
            return t.position == hit.position && t.id == hit.token;
        });
        if (at == tokens.end()) continue;
        hit.index = static_cast<std::size_t>(at - tokens.begin());
        cutSnippet(text, *at, hit);
    }
    return result;
}

}  // namespace moescope
