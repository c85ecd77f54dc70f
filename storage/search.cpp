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

/// Marks around hits in snippets; texts that hold them are shown without.
constexpr char kHitBegin = '\x02', kHitEnd = '\x03';

std::size_t characters(std::string_view text) {
    std::size_t n = 0;
    while (!text.empty()) {
        text.remove_prefix(firstCharacter(text).bytes);
        ++n;
    }
    return n;
}

/// The blank-separated parts of a query: those that the trigram index can find, and shorter ones.
struct Query {
    std::vector<std::string> indexed, brief;

    explicit Query(std::string_view text) {
        constexpr std::string_view kBlanks = " \t\r\n";
        while (true) {
            const std::size_t begin = text.find_first_not_of(kBlanks);
            if (begin == std::string_view::npos) break;
            text.remove_prefix(begin);
            const std::size_t end = std::min(text.find_first_of(kBlanks), text.size());
            const std::string_view part = text.substr(0, end);
            (characters(part) >= 3 ? indexed : brief).emplace_back(part);
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

char lowered(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Takes the marks out of a snippet and keeps where they were.
void takeMarks(const std::string& marked, SearchHit& hit) {
    for (const char c : marked) {
        if (c == kHitBegin) {
            hit.ranges.push_back({static_cast<std::uint32_t>(hit.snippet.size()), 0});
        } else if (c == kHitEnd) {
            if (!hit.ranges.empty()) hit.ranges.back().end = static_cast<std::uint32_t>(hit.snippet.size());
        } else {
            hit.snippet += c == '\n' ? ' ' : c;
        }
    }
    std::erase_if(hit.ranges, [](const HitRange& r) { return r.end <= r.begin; });
}

/// A snippet where the index was not asked: around the first hit, compared without regard to the case of A-Z as LIKE
/// does.
void cutSnippet(const std::string& text, const std::vector<std::string>& parts, SearchHit& hit) {
    const auto find = [&](const std::string& part, std::size_t from) {
        const auto at = std::search(text.begin() + static_cast<std::ptrdiff_t>(from), text.end(), part.begin(),
                                    part.end(), [](char a, char b) { return lowered(a) == lowered(b); });
        return static_cast<std::size_t>(at - text.begin());
    };
    constexpr std::size_t kBefore = 40, kLength = 120;
    std::size_t first = text.size();
    for (const auto& part : parts) first = std::min(first, find(part, 0));
    if (first == text.size()) first = 0;
    const auto continues = [&](std::size_t at) { return at < text.size() && (text[at] & 0xc0) == 0x80; };
    std::size_t begin = first > kBefore ? first - kBefore : 0, end = std::min(text.size(), begin + kLength);
    while (continues(begin)) ++begin;
    while (continues(end)) ++end;
    const std::string lead = begin > 0 ? "…" : "";
    hit.snippet = lead + text.substr(begin, end - begin) + (end < text.size() ? "…" : "");
    std::replace(hit.snippet.begin(), hit.snippet.end(), '\n', ' ');
    for (const auto& part : parts) {
        for (std::size_t at = find(part, begin); at + part.size() <= end; at = find(part, at + part.size())) {
            const auto shift = static_cast<std::uint32_t>(at - begin + lead.size());
            hit.ranges.push_back({shift, shift + static_cast<std::uint32_t>(part.size())});
        }
    }
    std::sort(hit.ranges.begin(), hit.ranges.end(), [](auto a, auto b) { return a.begin < b.begin; });
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

    const auto run = [&](SQLite::Statement& rows, bool titles) {
        int at = 1;
        if (indexed) rows.bind(at++, query.match());
        at = query.bindLike(rows, at);
        rows.bind(at, limit + 1);
        while (rows.executeStep()) {
            if (static_cast<int>(result.hits.size()) >= limit) {
                result.complete = false;
                return;
            }
            SearchHit hit;
            hit.conversation = rows.getColumn(0).getInt64();
            hit.title = rows.getColumn(1).getString();
            if (!titles) hit.message = rows.getColumn(2).getInt64();
            const std::string found = rows.getColumn(3).getString();
            if (indexed) {
                takeMarks(found, hit);
            } else {
                cutSnippet(found, query.brief, hit);
            }
            result.hits.push_back(std::move(hit));
        }
    };
    const Status status = guarded(m_path, [&]() -> Status {
        try {
            sqlite3_progress_handler(m_db->getHandle(), 1000, &Deadline::check, &deadline);
            const std::string titles =
                indexed ? fmt::format(
                              "SELECT c.id, c.title, 0, highlight(title_search, 0, '\x02', '\x03') "
                              "FROM title_search JOIN conversations c ON c.id = title_search.rowid "
                              "WHERE title_search MATCH ? AND c.deleted_ms IS NULL{} "
                              "ORDER BY title_search.rowid DESC LIMIT ?",
                              query.like("c.title"))
                        : fmt::format(
                              "SELECT id, title, 0, title FROM conversations WHERE deleted_ms IS NULL{} "
                              "ORDER BY updated_ms DESC LIMIT ?",
                              query.like("title"));
            SQLite::Statement title_rows(*m_db, titles);
            run(title_rows, true);
            if (!result.complete) return {};
            const std::string messages =
                indexed ? fmt::format(
                              "SELECT m.conversation, c.title, m.id, "
                              "snippet(message_search, 0, '\x02', '\x03', '…', 64) "
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
