#include "storage/recovery.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <vector>

#include "storage/schema.h"

namespace moescope {
namespace {

namespace fs = std::filesystem;

/// Parents before what refers to them.
constexpr const char* kTables[] = {"folders",        "conversations", "messages", "answer_pieces",
                                   "routing_chunks", "settings",      "models"};

/// The columns that the newest schema has; a damaged file's missing ones would make the whole table unreadable.
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

/// Copies the rows of a table that are not there yet, and steps over parts of the file that cannot be read.
void copyTable(SQLite::Database& from, SQLite::Database& to, const std::string& table) {
    std::string names, marks;
    const std::vector<std::string> columns = columnsOf(to, table);
    for (const auto& c : columns) {
        names += ", " + c;
        marks += marks.empty() ? "?" : ", ?";
    }
    SQLite::Statement insert(to,
                             fmt::format("INSERT OR IGNORE INTO {} ({}) VALUES ({})", table, names.substr(2), marks));
    std::int64_t last = 0, step = 1, end = 1'000'000;
    try {
        end = from.execAndGet(fmt::format("SELECT max(rowid) FROM {}", table)).getInt64();
    } catch (const SQLite::Exception&) {  // the table's end is lost; as far as it goes, then
    }
    while (last < end) {
        try {
            SQLite::Statement rows(from,
                                   fmt::format("SELECT rowid{} FROM {} WHERE rowid > ? ORDER BY rowid", names, table));
            rows.bind(1, last);
            while (rows.executeStep()) {
                last = rows.getColumn(0).getInt64();
                step = 1;
                const int count = static_cast<int>(columns.size());
                for (int i = 1; i <= count; ++i) copyValue(insert, i, rows.getColumn(i));
                try {
                    insert.exec();
                } catch (const SQLite::Exception& e) {
                    // A row with values that the schema refuses cannot be kept.
                    if ((e.getErrorCode() & 0xff) != SQLITE_CONSTRAINT) throw;
                }
                insert.reset();
            }
            return;
        } catch (const SQLite::Exception& e) {
            if ((e.getErrorCode() & 0xff) == SQLITE_FULL) throw;
            last += step;  // a page holds several rows
            step *= 2;
        }
    }
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

void copyAll(const std::string& from_path, SQLite::Database& to) {
    try {
        // Read and write, as the journal of what was committed last may have to be applied.
        SQLite::Database from(from_path, SQLite::OPEN_READWRITE);
        from.exec("PRAGMA writable_schema = ON");  // read on although the file is shorter than its header says
        WriteTransaction transaction(to);
        // A message whose parent is lost is better than none: the tree is mended below.
        to.exec("PRAGMA defer_foreign_keys = ON");
        for (const char* table : kTables) {
            try {
                copyTable(from, to, table);
            } catch (const SQLite::Exception& e) {
                if ((e.getErrorCode() & 0xff) == SQLITE_FULL) throw;
            }
        }
        to.exec(R"sql(
            INSERT OR IGNORE INTO conversations (id, title, created_ms, updated_ms)
                SELECT conversation, 'Recovered', min(created_ms), max(created_ms) FROM messages
                WHERE conversation NOT IN (SELECT id FROM conversations) GROUP BY conversation;
            UPDATE messages SET parent = NULL WHERE parent NOT IN (SELECT id FROM messages);
            UPDATE conversations SET folder = NULL WHERE folder NOT IN (SELECT id FROM folders);
            DELETE FROM answer_pieces WHERE message NOT IN (SELECT id FROM messages);
            DELETE FROM routing_chunks WHERE message NOT IN (SELECT id FROM messages);
            UPDATE conversations SET message_count =
                (SELECT count(*) FROM messages WHERE conversation = conversations.id AND deleted_ms IS NULL))sql");
        transaction.commit();
    } catch (const SQLite::Exception& e) {
        if ((e.getErrorCode() & 0xff) == SQLITE_FULL) throw;  // anything else: nothing more to be had of this file
    }
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
    if (has_tables && (version == 0 || id != kApplicationId)) throw SQLite::Exception("not a history", SQLITE_NOTADB);
    std::error_code error;
    if (version == 0 || version > schemaVersion()) return;
    // Reading all of a small file costs nothing that one would see; large ones are checked in the background, and here
    // where damage by cut-off writes shows: the newest rows, and that the file has all its pages.
    constexpr std::uintmax_t kSmallBytes = 32u << 20;
    const auto bytes = fs::file_size(path, error);
    if (!error && bytes <= kSmallBytes) {
        const std::string verdict = db.execAndGet("PRAGMA quick_check(1)").getString();
        if (verdict != "ok") throw SQLite::Exception(verdict, SQLITE_CORRUPT);
        return;
    }
    for (const char* sql : {"SELECT count(*) FROM (SELECT * FROM messages ORDER BY id DESC LIMIT 1000)",
                            "SELECT count(*) FROM (SELECT * FROM conversations ORDER BY id DESC LIMIT 1000)"}) {
        db.execAndGet(sql);
    }
}

Result<Recovered> recover(const std::string& path, const std::string& backups_dir) {
    Recovered result;
    const std::string stem = fs::path(path).replace_extension().string();
    const std::string time = fmt::format("{:%Y-%m-%d-%H%M%S}", fmt::localtime(std::time(nullptr)));
    std::error_code error;
    for (int i = 0; result.damaged_path.empty() || fs::exists(result.damaged_path); ++i) {
        result.damaged_path = fmt::format("{}.damaged-{}{}.sqlite", stem, time, i ? fmt::format("-{}", i) : "");
    }
    fs::rename(path, result.damaged_path, error);
    if (error) {
        return ioError(fmt::format("{}: the history is damaged and cannot be put aside ({}); move it away by hand.",
                                   path, error.message()));
    }
    for (const char* ending : {"-wal", "-shm"}) fs::rename(path + ending, result.damaged_path + ending, error);
    return guarded(path, [&]() -> Result<Recovered> {
        const auto db = openConnection(path);
        migrate(*db);
        // Of a copy, so that the damaged file stays as it was found.
        const std::string copy = result.damaged_path + ".copy";
        for (const char* ending : {"", "-wal"}) {
            std::error_code ignored;
            fs::copy_file(result.damaged_path + ending, copy + ending, fs::copy_options::overwrite_existing, ignored);
        }
        db->exec("PRAGMA wal_checkpoint(TRUNCATE)");
        mendHeader(copy, path);
        copyAll(copy, *db);
        for (const char* ending : {"", "-wal", "-shm"}) fs::remove(copy + ending, error);
        if (const auto backups = backupsNewestFirst(backups_dir); !backups.empty()) {
            const std::string from_backup = path + ".backup-copy";  // opening for reading may write a journal
            fs::copy_file(backups.front(), from_backup, fs::copy_options::overwrite_existing, error);
            copyAll(from_backup, *db);
            for (const char* ending : {"", "-wal", "-shm"}) fs::remove(from_backup + ending, error);
        }
        result.conversations = db->execAndGet("SELECT count(*) FROM conversations").getInt64();
        result.messages = db->execAndGet("SELECT count(*) FROM messages").getInt64();
        return result;
    });
}

}  // namespace moescope
