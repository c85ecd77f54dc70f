#include "storage/recovery.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <vector>

#include "storage/durable.h"
#include "storage/schema.h"

namespace moescope {
namespace {

namespace fs = std::filesystem;

/// Parents before what refers to them.
constexpr const char* kTables[] = {"folders",        "conversations", "messages", "answer_pieces",
                                   "routing_chunks", "settings",      "models"};

std::vector<std::string> columnsOf(SQLite::Database& db, const std::string& table) {
    std::vector<std::string> names;
    SQLite::Statement columns(db, "SELECT name FROM pragma_table_info(?)");
    columns.bind(1, table);
    while (columns.executeStep()) names.push_back(columns.getColumn(0).getString());
    return names;
}

void copyValue(SQLite::Statement& to, int index, const SQLite::Column& from) {
    if (from.isNull()) return to.bind(index);
    if (from.isInteger()) return to.bind(index, from.getInt64());
    if (from.isFloat()) return to.bind(index, from.getDouble());
    if (from.isBlob()) return to.bind(index, from.getBlob(), from.getBytes());
    to.bind(index, from.getString());
}

/// An error of the file that is written: unlike those of the file that is read, it ends the recovery.
struct WriteError {
    SQLite::Exception cause;
};

/// Copies the rows of a table that are not there yet, and steps over parts of the file that cannot be read. Gives how
/// many it has read.
std::int64_t copyTable(SQLite::Database& from, SQLite::Database& to, const std::string& table) {
    std::string names, marks;
    int count = 0;
    const std::vector<std::string> present = columnsOf(from, table);  // an older form may have fewer
    for (const auto& c : columnsOf(to, table)) {
        if (std::find(present.begin(), present.end(), c) == present.end()) continue;
        names += ", " + c;
        marks += marks.empty() ? "?" : ", ?";
        ++count;
    }
    if (count == 0) return 0;
    SQLite::Statement insert(to,
                             fmt::format("INSERT OR IGNORE INTO {} ({}) VALUES ({})", table, names.substr(2), marks));
    SQLite::Statement rows(from, fmt::format("SELECT rowid{} FROM {} WHERE rowid >= ? ORDER BY rowid", names, table));
    constexpr std::int64_t kLargestId = std::int64_t{1} << 40;  // a larger one is damage
    constexpr int kMostStrange = 10'000;
    int strange = 0;
    std::int64_t read = 0, next = 0;  // ids are positive
    /// Copies from row `next` on; false when it comes to one that cannot be read.
    const auto copyOn = [&] {
        try {
            rows.tryReset();  // reset() would throw the last error again
            rows.bind(1, next);
            while (rows.executeStep()) {
                const std::int64_t id = rows.getColumn(0).getInt64();
                // Damaged pages may lead in circles.
                if (id < next || (id > kLargestId && ++strange > kMostStrange)) return false;
                if (id > kLargestId) continue;
                ++read;
                for (int i = 1; i <= count; ++i) copyValue(insert, i, rows.getColumn(i));
                try {
                    insert.exec();
                } catch (const SQLite::Exception& e) {
                    // A row with values that the schema refuses cannot be kept.
                    if ((e.getErrorCode() & 0xff) != SQLITE_CONSTRAINT) throw WriteError{e};
                }
                insert.tryReset();
                next = id + 1;
            }
            return true;
        } catch (const SQLite::Exception&) {
            return false;
        }
    };
    const auto readable = [&](std::int64_t from_row) {
        try {
            rows.tryReset();
            rows.bind(1, from_row);
            return !rows.executeStep() || rows.getColumn(0).getInt64() >= from_row;
        } catch (const SQLite::Exception&) {
            return false;
        }
    };
    // A page that is lost holds a run of rows: find its end by doubling, then by halving.
    constexpr std::int64_t kLongestGap = std::int64_t{1} << 24;
    while (!copyOn()) {
        std::int64_t gap = 1;
        while (gap < kLongestGap && !readable(next + gap)) gap *= 2;
        if (gap >= kLongestGap) break;
        std::int64_t lost = gap / 2;
        for (std::int64_t found = gap; found - lost > 1;) {
            const std::int64_t middle = lost + (found - lost) / 2;
            (readable(next + middle) ? found : lost) = middle;
            gap = found;
        }
        next += gap;
    }
    return read;
}

/// Gives a copy of a file whose first bytes are gone the header of a sound one; the pages behind it may be whole.
void mendHeader(const std::string& copy, const std::string& sound) {
    constexpr std::size_t kHeaderBytes = 100;
    std::string header(kHeaderBytes, '\0'), present(kHeaderBytes, '\0');
    std::fstream file(copy, std::ios::in | std::ios::out | std::ios::binary);
    if (!file.read(present.data(), kHeaderBytes) || present.starts_with("SQLite format 3")) return;
    if (!std::ifstream(sound, std::ios::binary).read(header.data(), kHeaderBytes)) return;
    std::fill_n(header.begin() + 28, 12, '\0');   // number of pages, free pages: to be found out
    std::fill_n(header.begin() + 92, 4, '\xff');  // the number of pages is not to be trusted
    file.seekp(0);
    file.write(header.data(), kHeaderBytes);
}

/// Copies what can be read of a file into `to`, in its transaction. Gives how many rows that was.
std::int64_t copyAll(const std::string& from_path, SQLite::Database& to) {
    std::int64_t read = 0;
    try {
        // Read and write, as the journal of what was committed last may have to be applied.
        SQLite::Database from(from_path, SQLite::OPEN_READWRITE);
        from.exec("PRAGMA writable_schema = ON");  // read on although the file is shorter than its header says
        for (const char* table : kTables) {
            try {
                read += copyTable(from, to, table);
            } catch (const SQLite::Exception&) {  // this table cannot be read at all
            }
        }
    } catch (const SQLite::Exception&) {  // nothing can be had of this file
    }
    return read;
}

/// Makes trees of what was recovered: messages whose conversation or parent is lost, shown branches that do not exist.
void mend(SQLite::Database& db) {
    db.exec(R"sql(
        INSERT OR IGNORE INTO conversations (id, title, created_ms, updated_ms)
            SELECT conversation, 'Recovered', min(created_ms), max(created_ms) FROM messages
            WHERE conversation NOT IN (SELECT id FROM conversations) GROUP BY conversation;
        -- Parents are older than their children. Where one is lost, the message before it stands in.
        UPDATE messages SET parent =
            (SELECT max(p.id) FROM messages p WHERE p.conversation = messages.conversation AND p.id < messages.id)
            WHERE parent IS NOT NULL AND (parent >= id OR NOT EXISTS
                (SELECT 1 FROM messages p WHERE p.id = messages.parent AND p.conversation = messages.conversation));
        UPDATE conversations SET folder = NULL WHERE folder NOT IN (SELECT id FROM folders);
        UPDATE conversations SET leaf =
            (SELECT max(id) FROM messages WHERE conversation = conversations.id AND deleted_ms IS NULL)
            WHERE leaf IS NULL OR NOT EXISTS
                (SELECT 1 FROM messages WHERE id = leaf AND conversation = conversations.id);
        DELETE FROM answer_pieces WHERE message NOT IN (SELECT id FROM messages);
        DELETE FROM routing_chunks WHERE message NOT IN (SELECT id FROM messages);
        UPDATE conversations SET origin = 'moescope:' || lower(hex(randomblob(16))) WHERE origin = '';
        UPDATE conversations SET message_count =
            (SELECT count(*) FROM messages WHERE conversation = conversations.id AND deleted_ms IS NULL))sql");
}

constexpr const char* kSearchIndexes[] = {"message_search", "title_search"};

/// Makes a search index again from the texts.
void rebuildSearch(SQLite::Database& db, const char* index) {
    db.exec(fmt::format("INSERT INTO {0} ({0}) VALUES ('rebuild')", index));
}

std::vector<fs::path> backupsNewestFirst(const std::string& folder) {
    std::vector<fs::path> found;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        if (entry.path().extension() == ".sqlite") found.push_back(entry.path());
    }
    std::sort(found.rbegin(), found.rend());  // names hold the date
    return found;
}

}  // namespace

void checkUsable(SQLite::Database& db, const std::string& path) {
    const int version = db.execAndGet("PRAGMA user_version").getInt();
    const int id = db.execAndGet("PRAGMA application_id").getInt();
    const bool has_tables = db.execAndGet("SELECT count(*) FROM sqlite_master").getInt() > 0;
    if (!has_tables || version == 0 || id != kApplicationId) throw SQLite::Exception("not a history", SQLITE_NOTADB);
    if (version > schemaVersion()) return;
    std::error_code error;
    // Reading all of a small file costs nothing that one would see; large ones are checked in the background, and here
    // where damage by cut-off writes shows: the newest rows, and that the file has all its pages. Where damage was
    // seen before, all is read.
    constexpr std::uintmax_t kSmallBytes = 32u << 20;
    const bool suspected = fs::exists(damageMark(path), error);
    const auto bytes = fs::file_size(path, error);
    if (suspected || (!error && bytes <= kSmallBytes)) {
        const auto quickCheck = [&db] { return std::string(db.execAndGet("PRAGMA quick_check(1)").getString()); };
        std::string verdict = quickCheck();
        // SQLite looks into search indexes too from 3.44 on, after all else; they are made again from the texts.
        if (verdict.find("FTS5") != std::string::npos) {
            for (const char* index : kSearchIndexes) rebuildSearch(db, index);
            verdict = quickCheck();
        }
        if (verdict != "ok") throw SQLite::Exception(verdict, SQLITE_CORRUPT);
    } else {
        for (const char* sql : {"SELECT count(*) FROM (SELECT * FROM messages ORDER BY id DESC LIMIT 1000)",
                                "SELECT count(*) FROM (SELECT * FROM conversations ORDER BY id DESC LIMIT 1000)"}) {
            db.execAndGet(sql);
        }
    }
    if (!suspected) return;
    const std::string verdict = db.execAndGet("PRAGMA integrity_check(1)").getString();
    // Indexes hold nothing of their own and are made again; what is damaged then is in the tables.
    if (verdict != "ok") db.exec("REINDEX");
    for (const char* index : kSearchIndexes) {
        try {
            db.exec(fmt::format("INSERT INTO {0} ({0}, rank) VALUES ('integrity-check', 1)", index));
        } catch (const SQLite::Exception& e) {
            if (!isDamage(e)) throw;
            rebuildSearch(db, index);
        }
    }
    if (SQLite::Statement(db, "PRAGMA foreign_key_check").executeStep()) {
        WriteTransaction transaction(db);
        mend(db);
        transaction.commit();
    }
    const std::string after = db.execAndGet("PRAGMA integrity_check(1)").getString();
    if (after != "ok") throw SQLite::Exception(after, SQLITE_CORRUPT);
    fs::remove(damageMark(path), error);
}

Status createFile(const std::string& path) {
    const std::string building = path + ".new";
    removeDatabase(building);
    return guarded(path, [&]() -> Status {
        migrate(*openConnection(building));
        if (renameDurably(building, path)) return {};
        return ioError(fmt::format("{}: the history cannot be made; check the permissions of the folder.", path));
    });
}

namespace {

constexpr std::string_view kReady = ".recovered-", kDamaged = ".damaged-", kEnding = ".sqlite";

std::string stemOf(const std::string& path) {
    return fs::path(path).replace_extension().string();
}

/// Puts the damaged file aside and the recovered one in its place; goes on where it was interrupted.
Result<Recovered> putInPlace(const std::string& path, const std::string& ready) {
    const std::string stem = stemOf(path);
    Recovered result;
    result.damaged_path = stem + std::string(kDamaged) + ready.substr(stem.size() + kReady.size());
    std::error_code error;
    for (const char* ending : {"", "-wal"}) {
        if (!fs::exists(path + ending, error) || fs::exists(result.damaged_path + ending, error)) continue;
        fs::rename(path + ending, result.damaged_path + ending, error);
        if (error) {
            return ioError(fmt::format("{}: the history is damaged and cannot be put aside ({}); move it away by hand.",
                                       path, error.message()));
        }
    }
    fs::remove(path + "-shm", error);
    return guarded(path, [&]() -> Result<Recovered> {
        if (!renameDurably(ready, path)) {
            return ioError(
                fmt::format("{}: what was recovered of the history, {}, cannot be put in its place.", path, ready));
        }
        fs::remove(damageMark(path), error);
        const auto db = openConnection(path);
        result.conversations = db->execAndGet("SELECT count(*) FROM conversations").getInt64();
        result.messages = db->execAndGet("SELECT count(*) FROM messages").getInt64();
        return result;
    });
}

}  // namespace

Result<std::optional<Recovered>> finishRecovery(const std::string& path) {
    const std::string prefix = fs::path(stemOf(path)).filename().string() + std::string(kReady);
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(fs::path(path).parent_path(), error)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with(prefix) || !name.ends_with(kEnding)) continue;
        const auto recovered = putInPlace(path, entry.path().string());
        if (!recovered.ok()) return recovered.status();
        return std::optional<Recovered>(*recovered);
    }
    return std::optional<Recovered>();
}

Result<Recovered> recover(const std::string& path, const std::string& backups_dir) {
    const std::string stem = stemOf(path);
    const std::string time = fmt::format("{:%Y-%m-%d-%H%M%S}", fmt::localtime(std::time(nullptr)));
    const std::string building = path + ".recovering", copy = path + ".copy";
    std::string ready;
    std::error_code error;
    for (int i = 0; ready.empty() || fs::exists(stem + std::string(kDamaged) + ready); ++i) {
        ready = time + (i ? fmt::format("-{}", i) : "") + std::string(kEnding);
    }
    ready = stem + std::string(kReady) + ready;
    removeDatabase(building);
    const Status built = guarded(path, [&]() -> Status {
        const auto db = openConnection(building);
        migrate(*db);
        db->exec("PRAGMA wal_checkpoint(TRUNCATE)");
        WriteTransaction transaction(*db);
        db->exec("PRAGMA defer_foreign_keys = ON");  // a message whose parent is lost is better than none
        try {
            // Always of copies, so that the files stay as they were found.
            removeDatabase(copy);
            for (const char* ending : {"", "-wal"}) {
                fs::copy_file(path + ending, copy + ending, error);
            }
            mendHeader(copy, building);
            copyAll(copy, *db);
            for (const auto& backup : backupsNewestFirst(backups_dir)) {
                removeDatabase(copy);
                fs::copy_file(backup, copy, error);
                if (copyAll(copy, *db) > 0) break;
            }
        } catch (const WriteError& e) {
            throw SQLite::Exception(e.cause);
        }
        mend(*db);
        transaction.commit();
        return {};
    });
    removeDatabase(copy);
    if (!built.ok() || !renameDurably(building, ready)) {
        removeDatabase(building);
        if (!built.ok()) return built;
        return ioError(fmt::format("{}: what was recovered of the history cannot be named.", ready));
    }
    return putInPlace(path, ready);
}

}  // namespace moescope
