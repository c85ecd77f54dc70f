// A History's search.

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <chrono>

#include "engine/base/utf8.h"
#include "storage/database.h"
#include "storage/history.h"

namespace moescope {
namespace {

using Clock = std::chrono::steady_clock;

std::size_t characters(std::string_view text) {
    std::size_t n = 0;
    while (!text.empty()) {
        text.remove_prefix(firstCharacter(text).bytes);
        ++n;
    }
    return n;
}

std::string folded(std::string_view text);

/// The blank-separated parts of a query: those that the trigram index can find, and shorter ones.
struct Query {
    std::vector<std::string> indexed, brief, folded_parts;

    explicit Query(std::string_view text) {
        constexpr std::string_view kBlanks = " \t\r\n";
        while (true) {
            const std::size_t begin = text.find_first_not_of(kBlanks);
            if (begin == std::string_view::npos) break;
            text.remove_prefix(begin);
            const std::size_t end = std::min(text.find_first_of(kBlanks), text.size());
            const std::string_view part = text.substr(0, end);
            (characters(part) >= 3 ? indexed : brief).emplace_back(part);
            folded_parts.push_back(folded(part));
            text.remove_prefix(end);
        }
    }

    /// In FTS5's language: each part is a string, so that nothing in it is an operator.
    std::string match() const {
        std::string out;
        for (const std::string& part : indexed) {
            if (!out.empty()) out += ' ';
            out += '"';
            for (const char c : part) out += c == '"' ? std::string("\"\"") : std::string(1, c);
            out += '"';
        }
        return out;
    }
    /// Conditions on a column for the parts that the index cannot find; values are bound in order.
    std::string like(const std::string& column) const {
        std::string out;
        for (std::size_t i = 0; i < brief.size(); ++i) out += fmt::format(" AND {} LIKE ? ESCAPE '\\'", column);
        return out;
    }
    int bindLike(SQLite::Statement& statement, int index) const {
        for (const std::string& part : brief) {
            std::string pattern = "%";
            for (const char c : part) {
                if (c == '%' || c == '_' || c == '\\') pattern += '\\';
                pattern += c;
            }
            statement.bind(index++, pattern + "%");
        }
        return index;
    }
};

/// Letters of Latin, Greek and Cyrillic made small, as the index does; every byte stays in its place.
std::string folded(std::string_view text) {
    std::string out(text);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto lead = static_cast<unsigned char>(out[i]);
        if (lead >= 'A' && lead <= 'Z') out[i] = static_cast<char>(lead + 0x20);
        if (lead < 0xc3 || lead > 0xd0 || i + 1 == out.size()) continue;
        unsigned c = (lead & 0x1fu) << 6 | (static_cast<unsigned char>(out[i + 1]) & 0x3fu);
        const auto within = [&](unsigned first, unsigned last) { return c >= first && c <= last; };
        if ((within(0xc0, 0xde) && c != 0xd7) || within(0x391, 0x3a9) || within(0x410, 0x42f)) {
            c += 0x20;
        } else if (within(0x400, 0x40f)) {
            c += 0x50;
        } else if ((within(0x100, 0x12f) || within(0x132, 0x137) || within(0x14a, 0x177)) && c % 2 == 0) {
            ++c;
        } else if ((within(0x139, 0x148) || within(0x179, 0x17e)) && c % 2 == 1) {
            ++c;
        }
        out[i] = static_cast<char>(0xc0 | c >> 6);
        out[++i] = static_cast<char>(0x80 | (c & 0x3f));
    }
    return out;
}

bool holdsAll(const std::string& text, const std::vector<std::string>& parts) {
    const std::string small = folded(text);
    return std::all_of(parts.begin(), parts.end(), [&](const auto& p) { return small.find(p) != std::string::npos; });
}

/// Where the parts stand in the hit's snippet.
void findRanges(SearchHit& hit, const std::vector<std::string>& parts) {
    const std::string small = folded(hit.snippet);
    std::vector<HitRange> found;
    for (const auto& part : parts) {
        for (std::size_t at = small.find(part); at != std::string::npos; at = small.find(part, at + part.size())) {
            found.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + part.size())});
        }
    }
    std::sort(found.begin(), found.end(), [](auto a, auto b) { return a.begin < b.begin; });
    for (const HitRange& r : found) {
        if (hit.ranges.empty() || r.begin > hit.ranges.back().end) {
            hit.ranges.push_back(r);
        } else {
            hit.ranges.back().end = std::max(hit.ranges.back().end, r.end);
        }
    }
}

/// The text around the first hit. FTS5's snippet() takes a second for a text of 1 MB.
std::string snippetOf(const std::string& text, const std::vector<std::string>& parts) {
    constexpr std::size_t kBefore = 40, kLength = 160, kStart = 16u << 10;
    std::size_t first = std::string::npos;
    for (const std::size_t looked_at : {kStart, text.size()}) {
        const std::string small = folded(std::string_view(text).substr(0, looked_at));
        for (const auto& part : parts) first = std::min(first, small.find(part));
        if (first != std::string::npos || text.size() <= kStart) break;
    }
    if (first == std::string::npos) first = 0;
    const auto continues = [&](std::size_t at) { return at < text.size() && (text[at] & 0xc0) == 0x80; };
    std::size_t begin = first > kBefore ? first - kBefore : 0, end = std::min(text.size(), begin + kLength);
    while (continues(begin)) ++begin;
    while (continues(end)) ++end;
    std::string snippet = (begin > 0 ? "…" : "") + text.substr(begin, end - begin) + (end < text.size() ? "…" : "");
    std::replace(snippet.begin(), snippet.end(), '\n', ' ');
    return snippet;
}

/// Messages with a text that holds `part` of one or two characters, newest first: the index has each trigram that
/// begins with it. nullopt if they are many; then looking at the newest texts finds enough of them.
std::optional<std::vector<std::int64_t>> fewWith(SQLite::Database& db, const std::string& part) {
    constexpr std::size_t kFew = 20'000;
    db.exec("CREATE VIRTUAL TABLE IF NOT EXISTS temp.search_trigrams USING fts5vocab(main, message_search, instance)");
    SQLite::Statement rows(db, "SELECT doc FROM temp.search_trigrams WHERE term >= ? AND term < ?");
    rows.bind(1, part);
    rows.bind(2, part + "\xff");  // after every continuation in UTF-8
    std::vector<std::int64_t> found;
    while (rows.executeStep()) {
        if (found.size() == kFew) return std::nullopt;
        found.push_back(rows.getColumn(0).getInt64());
    }
    std::sort(found.rbegin(), found.rend());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

/// Ends a statement when time is up or somebody asks.
struct Deadline {
    Clock::time_point at;
    std::stop_token stop;
    bool passed = false;
    static int check(void* self) {
        auto& d = *static_cast<Deadline*>(self);
        if (Clock::now() >= d.at) d.passed = true;
        return d.passed || d.stop.stop_requested() ? 1 : 0;
    }
};

}  // namespace

Result<SearchResult> History::search(std::string_view text, int limit, const std::stop_token& stop, int limit_ms) {
    const Query query(text);
    SearchResult result;
    if (query.indexed.empty() && query.brief.empty()) return result;
    const bool indexed = !query.indexed.empty();
    Deadline deadline{Clock::now() + std::chrono::milliseconds(limit_ms), stop};
    // The index answers at once; a deadline is for what has to read texts.
    if (!query.brief.empty()) deadline.at = Clock::now() + std::chrono::milliseconds(limit_ms);
    if (query.brief.empty()) deadline.at = Clock::time_point::max();

    const auto full = [&] {
        if (static_cast<int>(result.hits.size()) < limit) return false;
        result.complete = false;
        return true;
    };
    const auto take = [&](SQLite::Statement& row, bool title) {
        SearchHit hit;
        hit.conversation = row.getColumn(0).getInt64();
        hit.title = row.getColumn(1).getString();
        if (!title) hit.message = row.getColumn(2).getInt64();
        hit.snippet = title ? hit.title : snippetOf(row.getColumn(3).getString(), query.folded_parts);
        findRanges(hit, query.folded_parts);
        result.hits.push_back(std::move(hit));
    };
    const auto run = [&](SQLite::Statement& rows, bool titles) {
        int at = 1;
        if (indexed) rows.bind(at++, query.match());
        at = query.bindLike(rows, at);
        rows.bind(at, limit + 1);
        while (rows.executeStep()) {
            if (full()) return;
            take(rows, titles);
        }
    };
    const auto runFew = [&](const std::vector<std::int64_t>& messages) {
        SQLite::Statement row(*m_db,
                              "SELECT m.conversation, c.title, m.id, m.text FROM messages m "
                              "JOIN conversations c ON c.id = m.conversation "
                              "WHERE m.id = ? AND m.deleted_ms IS NULL AND c.deleted_ms IS NULL");
        for (const std::int64_t id : messages) {
            row.reset();
            row.bind(1, id);
            if (Deadline::check(&deadline)) throw SQLite::Exception("time", SQLITE_INTERRUPT);
            if (!row.executeStep() || !holdsAll(row.getColumn(3).getString(), query.folded_parts)) continue;
            if (full()) return;
            take(row, false);
        }
    };
    const Status status = guarded(m_path, [&]() -> Status {
        try {
            sqlite3_progress_handler(m_db->getHandle(), 1000, &Deadline::check, &deadline);
            const std::string titles =
                indexed
                    ? fmt::format(
                          "SELECT c.id, c.title FROM title_search JOIN conversations c ON c.id = title_search.rowid "
                          "WHERE title_search MATCH ? AND c.deleted_ms IS NULL{} "
                          "ORDER BY title_search.rowid DESC LIMIT ?",
                          query.like("c.title"))
                    : fmt::format(
                          "SELECT id, title FROM conversations WHERE deleted_ms IS NULL{} "
                          "ORDER BY updated_ms DESC LIMIT ?",
                          query.like("title"));
            SQLite::Statement title_rows(*m_db, titles);
            run(title_rows, true);
            if (!result.complete) return {};
            for (const std::string& part : query.brief) {
                if (const auto few = fewWith(*m_db, folded(part))) {
                    runFew(*few);
                    return {};
                }
            }
            const std::string messages =
                indexed ? fmt::format(
                              "SELECT m.conversation, c.title, m.id, m.text "
                              "FROM message_search JOIN messages m ON m.id = message_search.rowid "
                              "JOIN conversations c ON c.id = m.conversation "
                              "WHERE message_search MATCH ? AND m.deleted_ms IS NULL AND c.deleted_ms IS NULL{} "
                              "ORDER BY message_search.rowid DESC LIMIT ?",
                              query.like("m.text"))
                        : fmt::format(
                              "SELECT m.conversation, c.title, m.id, m.text FROM messages m "
                              "JOIN conversations c ON c.id = m.conversation "
                              "WHERE m.deleted_ms IS NULL AND c.deleted_ms IS NULL{} "
                              "ORDER BY m.id DESC LIMIT ?",
                              query.like("m.text"));
            SQLite::Statement message_rows(*m_db, messages);
            run(message_rows, false);
        } catch (const SQLite::Exception& e) {
            if ((e.getErrorCode() & 0xff) != SQLITE_INTERRUPT || !deadline.passed) throw;
            result.complete = false;  // what was found in time
        }
        return {};
    });
    sqlite3_progress_handler(m_db->getHandle(), 0, nullptr, nullptr);
    if (!status.ok()) return status;
    return result;
}

}  // namespace moescope
