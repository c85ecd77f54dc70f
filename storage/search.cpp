// A History's search.

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include "engine/base/utf8.h"
#include "storage/database.h"
#include "storage/folding.h"
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

/// Removes and returns what is before the next blank, and the blanks around it.
std::string_view takeWord(std::string_view& text) {
    std::size_t bytes = 1;
    while (!text.empty() && startsWithBlank(text, bytes)) text.remove_prefix(bytes);
    std::size_t end = 0;
    while (end < text.size() && !startsWithBlank(text.substr(end), bytes)) end += bytes;
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end);
    return word;
}

/// The parts of a query, which are words, or phrases in quotation marks, and the words of these parts: those that the
/// trigram index can find, and shorter ones.
struct Query {
    std::vector<Needle> parts;
    std::vector<std::string> indexed, brief;

    explicit Query(std::string_view text) {
        while (true) {
            std::string_view rest = text;
            if (takeWord(rest).empty()) break;
            const std::optional<std::string_view> phrase = takePhrase(text);
            Needle part(phrase ? *phrase : takeWord(text));
            std::string_view words = part.text;
            for (auto word = takeWord(words); !word.empty(); word = takeWord(words)) {
                (characters(word) >= 3 ? indexed : brief).emplace_back(word);
            }
            if (!part.text.empty()) parts.push_back(std::move(part));
        }
    }

    /// In FTS5's language: each word is a string, so that nothing in it is an operator.
    std::string match() const {
        std::string out;
        for (const std::string& word : indexed) {
            if (!out.empty()) out += ' ';
            out += '"';
            for (const char c : word) out += c == '"' ? std::string("\"\"") : std::string(1, c);
            out += '"';
        }
        return out;
    }

private:
    /// What is between quotation marks, if the text begins with one whose partner ends a word; a mark alone is looked
    /// for as it is.
    static std::optional<std::string_view> takePhrase(std::string_view& text) {
        std::string_view rest = text;
        std::size_t bytes = 1;
        while (!rest.empty() && startsWithBlank(rest, bytes)) rest.remove_prefix(bytes);
        for (const auto& [open, close] : {std::pair{"\"", "\""}, {"“", "”"}, {"„", "“"}, {"«", "»"}, {"「", "」"}}) {
            const std::string_view opening = open, closing = close;
            if (!rest.starts_with(opening)) continue;
            const std::string_view inside = rest.substr(opening.size());
            for (std::size_t end = inside.find(closing); end != std::string_view::npos;
                 end = inside.find(closing, end + closing.size())) {
                const std::string_view behind = inside.substr(end + closing.size());
                if (end == 0 || (!behind.empty() && !startsWithBlank(behind, bytes))) continue;
                text = behind;
                return inside.substr(0, end);
            }
        }
        return std::nullopt;
    }
};

/// A text as a query sees it: folded in the ways that its parts ask for.
class Text {
public:
    Text(std::string_view original, const std::vector<Needle>& parts) : m_parts(parts) {
        for (const Needle& part : parts) {
            std::optional<FoldedText>& form = m_forms[formOf(part)];
            if (!form) form = foldedWithPlaces(original, part.accents);
        }
    }

    bool holdsAll() const {
        return std::ranges::all_of(
            m_parts, [&](const Needle& p) { return m_forms[formOf(p)]->text.find(p.text) != std::string::npos; });
    }
    /// Where the first of the parts begins in the original; 0 if there is none.
    std::size_t first() const {
        std::size_t first = std::string::npos;
        for (const Needle& part : m_parts) {
            const FoldedText& form = *m_forms[formOf(part)];
            const std::size_t at = form.text.find(part.text);
            if (at != std::string::npos) first = std::min<std::size_t>(first, form.begins[at]);
        }
        return first == std::string::npos ? 0 : first;
    }
    /// The beginning of the character, with its marks, that holds byte `at` of the original or comes next.
    std::size_t characterAt(std::size_t at, std::size_t if_none) const {
        for (const auto& form : m_forms) {
            if (!form) continue;
            const auto found = std::ranges::lower_bound(form->begins, static_cast<std::uint32_t>(at));
            return found == form->begins.end() ? if_none : *found;
        }
        return if_none;
    }
    /// Where the parts stand within [begin, end) of the original, in order, without overlaps.
    std::vector<HitRange> ranges(std::size_t begin, std::size_t end) const {
        std::vector<HitRange> found;
        for (const Needle& part : m_parts) {
            const FoldedText& form = *m_forms[formOf(part)];
            const auto start = std::ranges::lower_bound(form.begins, static_cast<std::uint32_t>(begin));
            auto at = form.text.find(part.text, static_cast<std::size_t>(start - form.begins.begin()));
            for (; at != std::string::npos && form.begins[at] < end;
                 at = form.text.find(part.text, at + part.text.size())) {
                const std::size_t last = form.ends[at + part.text.size() - 1];
                found.push_back({form.begins[at], static_cast<std::uint32_t>(std::min(last, end))});
            }
        }
        std::ranges::sort(found, {}, &HitRange::begin);
        std::vector<HitRange> joined;
        for (const HitRange& r : found) {
            if (joined.empty() || r.begin > joined.back().end) {
                joined.push_back(r);
            } else {
                joined.back().end = std::max(joined.back().end, r.end);
            }
        }
        return joined;
    }

private:
    static std::size_t formOf(const Needle& part) { return part.accents == Accents::kKept ? 1 : 0; }

    const std::vector<Needle>& m_parts;
    std::array<std::optional<FoldedText>, 2> m_forms;  ///< without and with accents
};

/// A title is shown whole.
void showTitle(SearchHit& hit, const Text& folded) {
    hit.snippet = hit.title;
    hit.ranges = folded.ranges(0, hit.title.size());
}

/// The text around the first hit. FTS5's snippet() takes a second for a text of 1 MB.
void showSnippet(SearchHit& hit, std::string_view text, const Text& folded) {
    constexpr std::size_t kBefore = 40, kLength = 160;
    const std::size_t first = folded.first();
    const std::size_t begin = folded.characterAt(first > kBefore ? first - kBefore : 0, 0);
    const std::size_t end =
        begin + kLength < text.size() ? folded.characterAt(begin + kLength, text.size()) : text.size();
    const std::string_view before = begin > 0 ? "…" : "";
    hit.snippet = std::string(before) + std::string(text.substr(begin, end - begin)) + (end < text.size() ? "…" : "");
    std::replace(hit.snippet.begin(), hit.snippet.end(), '\n', ' ');
    const auto shift = [&](std::uint32_t at) { return static_cast<std::uint32_t>(at - begin + before.size()); };
    for (const HitRange& r : folded.ranges(begin, end)) hit.ranges.push_back({shift(r.begin), shift(r.end)});
}

/// Whether a text has all parts; then `hit` shows where. Most hits of a long text stand near its beginning.
bool showIfFound(SearchHit& hit, std::string_view text, const std::vector<Needle>& parts) {
    constexpr std::size_t kStart = 16u << 10;
    if (text.size() > 2 * kStart) {
        const std::size_t end = wholeCharacters(text, kStart);
        const Text start(text.substr(0, end), parts);
        if (start.holdsAll()) {
            showSnippet(hit, text.substr(0, end), start);
            return true;
        }
    }
    const Text whole(text, parts);
    if (!whole.holdsAll()) return false;
    showSnippet(hit, text, whole);
    return true;
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
    if (query.parts.empty()) return result;
    const bool indexed = !query.indexed.empty();
    // The index answers at once; a deadline is for what has to read texts.
    const bool reads = !query.brief.empty() || std::ranges::any_of(query.parts, [](const Needle& part) {
        return part.text.find(' ') != std::string::npos;
    });
    Deadline deadline{reads ? Clock::now() + std::chrono::milliseconds(limit_ms) : Clock::time_point::max(), stop};

    const auto full = [&] {
        if (static_cast<int>(result.hits.size()) < limit) return false;
        result.complete = false;
        return true;
    };
    const auto checkTime = [&] {
        if (Deadline::check(&deadline)) throw SQLite::Exception("time", SQLITE_INTERRUPT);
    };
    // What the index finds may lack a part: a short one, or words that are not beside each other as in a phrase.
    const auto takeTitles = [&](SQLite::Statement& rows) {
        if (indexed) rows.bind(1, query.match());
        while (rows.executeStep()) {
            checkTime();
            SearchHit hit;
            hit.conversation = rows.getColumn(0).getInt64();
            hit.title = rows.getColumn(1).getString();
            const Text folded(hit.title, query.parts);
            if (!folded.holdsAll()) continue;
            if (full()) return;
            showTitle(hit, folded);
            result.hits.push_back(std::move(hit));
        }
    };
    const auto takeMessage = [&](SQLite::Statement& row) {
        SearchHit hit;
        if (!showIfFound(hit, row.getColumn(3).getString(), query.parts)) return true;
        if (full()) return false;
        hit.conversation = row.getColumn(0).getInt64();
        hit.title = row.getColumn(1).getString();
        hit.message = row.getColumn(2).getInt64();
        result.hits.push_back(std::move(hit));
        return true;
    };
    const std::string columns =
        "SELECT m.conversation, c.title, m.id, m.text FROM messages m JOIN conversations c ON c.id = m.conversation "
        "WHERE m.deleted_ms IS NULL AND c.deleted_ms IS NULL";
    const auto takeFew = [&](const std::vector<std::int64_t>& messages) {
        SQLite::Statement row(*m_db, columns + " AND m.id = ?");
        for (const std::int64_t id : messages) {
            row.reset();
            row.bind(1, id);
            checkTime();
            if (row.executeStep() && !takeMessage(row)) return;
        }
    };
    const Status status = guarded(m_path, [&]() -> Status {
        try {
            sqlite3_progress_handler(m_db->getHandle(), 1000, &Deadline::check, &deadline);
            SQLite::Statement titles(*m_db, indexed ? "SELECT c.id, c.title FROM title_search "
                                                      "JOIN conversations c ON c.id = title_search.rowid "
                                                      "WHERE title_search MATCH ? AND c.deleted_ms IS NULL "
                                                      "ORDER BY title_search.rowid DESC"
                                                    : "SELECT id, title FROM conversations WHERE deleted_ms IS NULL "
                                                      "ORDER BY updated_ms DESC");
            takeTitles(titles);
            if (!result.complete) return {};
            for (const std::string& word : query.brief) {
                if (const auto few = fewWith(*m_db, word)) {
                    takeFew(*few);
                    return {};
                }
            }
            const std::string found =
                "SELECT m.conversation, c.title, m.id, m.text "
                "FROM message_search JOIN messages m ON m.id = message_search.rowid "
                "JOIN conversations c ON c.id = m.conversation "
                "WHERE message_search MATCH ? AND m.deleted_ms IS NULL AND c.deleted_ms IS NULL "
                "ORDER BY message_search.rowid DESC";
            SQLite::Statement messages(*m_db, indexed ? found : columns + " ORDER BY m.id DESC");
            if (indexed) messages.bind(1, query.match());
            while (messages.executeStep()) {
                checkTime();
                if (!takeMessage(messages)) break;
            }
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
