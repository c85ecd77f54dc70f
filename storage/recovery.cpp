#include "storage/recovery.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <vector>

#include "engine/base/durable.h"
#include "storage/backups.h"
#include "storage/database.h"
#include "storage/salvage.h"
#include "storage/schema.h"

namespace moescope {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSearchIndexes[] = {"message_search", "title_search"};

/// Makes a search index again from the texts.
void rebuildSearch(SQLite::Database& db, const char* index) {
    db.exec(fmt::format("INSERT INTO {0} ({0}) VALUES ('rebuild')", index));
}

}  // namespace

void checkUsable(SQLite::Database& db, const std::string& path) {
    const int version = db.execAndGet("PRAGMA user_version").getInt();
    const int id = db.execAndGet("PRAGMA application_id").getInt();
    const bool has_tables = db.execAndGet("SELECT count(*) FROM sqlite_master").getInt() > 0;
    if (version == 0 && (id == 0 || id == kApplicationId) && has_tables) {
        if (!adoptVersion(db)) throw SQLite::Exception("not a history", SQLITE_NOTADB);
    } else if (!has_tables || version == 0 || id != kApplicationId) {
        throw SQLite::Exception("not a history", SQLITE_NOTADB);
    }
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

namespace {

constexpr std::string_view kReady = ".recovered-", kDamaged = ".damaged-", kEnding = ".sqlite";
constexpr const char* kBuilding = ".recovering";

std::string stemOf(const std::string& path) {
    return fs::path(path).replace_extension().string();
}

std::string nameOf(const std::string& path) {
    return fs::path(path).filename().string();
}

/// Files beside the history whose names go on like that, oldest first (the names hold the time).
std::vector<std::string> filesBeside(const std::string& path, std::string_view kind) {
    const std::string prefix = nameOf(stemOf(path)) + std::string(kind);
    std::vector<std::string> found;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(fs::path(path).parent_path(), error)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with(prefix) && name.ends_with(kEnding)) found.push_back(entry.path().string());
    }
    std::sort(found.begin(), found.end());
    return found;
}

struct Counts {
    std::int64_t conversations = 0, messages = 0;
    bool operator==(const Counts&) const = default;
};

Counts countsOf(SQLite::Database& db) {
    return {db.execAndGet("SELECT count(*) FROM conversations").getInt64(),
            db.execAndGet("SELECT count(*) FROM messages").getInt64()};
}

/// A new file at `path`, for this user alone. It has no WAL while it is built: with one, most of what was written would
/// are beside the file, twice the room would be needed, and an error would show only when the connection is closed.
std::unique_ptr<SQLite::Database> newFile(const std::string& path) {
    removeDatabase(path);
    if (!createPrivateFile(path)) {
        throw SQLite::Exception("a file cannot be created", diskIsFull(path) ? SQLITE_FULL : SQLITE_CANTOPEN);
    }
    auto db = std::make_unique<SQLite::Database>(path, SQLite::OPEN_READWRITE);
    setPatience(*db, kPatienceMs);
    db->exec(
        "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; "
        "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192");
    addSearchTerms(*db);
    return db;
}

/// What a closed file holds, if it is whole: has no journal, and every page is as it should be. Throws else.
Counts checkWhole(const std::string& path) {
    std::error_code error;
    for (const char* ending : {"-wal", "-journal"}) {
        const auto bytes = fs::file_size(path + ending, error);
        if (!error && bytes > 0) throw SQLite::Exception("a part of it is still in its journal", SQLITE_IOERR);
    }
    try {
        const auto db = openConnection(path, Access::kImmutable);
        const std::string verdict = db->execAndGet("PRAGMA quick_check(1)").getString();
        if (verdict != "ok") throw SQLite::Exception(verdict, SQLITE_IOERR);
        return countsOf(*db);
    } catch (const SQLite::Exception& e) {
        // Not the history is damaged, but what was just written.
        if (isDamage(e)) throw SQLite::Exception(e.what(), SQLITE_IOERR);
        throw;
    }
}

std::string lookedAtKey(const std::string& damaged) {
    return "recovered " + nameOf(damaged);
}

/// Notes in a history that all that can be had of a damaged file is in it.
void noteLookedAt(SQLite::Database& db, const std::string& damaged) {
    SQLite::Statement note(db, "INSERT OR REPLACE INTO settings (key, value) VALUES (?, '1')");
    note.bind(1, lookedAtKey(damaged));
    note.exec();
}

/// Damaged files that nothing is noted of: earlier programs put torn files in place where the disk became full, and
/// did not look at what they had put aside again.
std::vector<std::string> notLookedAt(SQLite::Database& db, const std::string& path) {
    std::vector<std::string> files = filesBeside(path, kDamaged);
    std::erase_if(files, [&](const std::string& file) {
        SQLite::Statement note(db, "SELECT 1 FROM settings WHERE key = ?");
        note.bind(1, lookedAtKey(file));
        return note.executeStep();
    });
    return files;
}

Status cannotBeRecovered(const Status& why) {
    return {why.code(),
            fmt::format("The history is damaged and cannot be recovered yet; nothing was changed. {}", why.message())};
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
            return ioError(
                fmt::format("{}: the history is damaged and cannot be moved aside ({}); move it away by hand.", path,
                            error.message()));
        }
    }
    fs::remove(path + "-shm", error);
    syncFolderOf(path);
    return guarded(path, [&]() -> Result<Recovered> {
        if (!renameDurably(ready, path)) {
            return ioError(fmt::format("{}: the recovered history, {}, cannot be put in its place.", path, ready));
        }
        fs::remove(damageMark(path), error);
        const auto db = openConnection(path, Access::kImmutable);
        const Counts counts = countsOf(*db);
        result.conversations = counts.conversations;
        result.messages = counts.messages;
        return result;
    });
}

}  // namespace

Status createFile(const std::string& path) {
    const std::string building = path + ".new";
    const Status made = guarded(path, [&]() -> Status {
        {
            const auto db = newFile(building);
            migrate(*db);
        }
        checkWhole(building);
        if (renameDurably(building, path)) return {};
        return ioError(fmt::format("{}: the history cannot be created; check the permissions of the folder.", path));
    });
    if (!made.ok()) removeDatabase(building);
    return made;
}

Result<std::optional<Recovered>> finishRecovery(const std::string& path) {
    std::error_code error;
    for (const std::string& ready : filesBeside(path, kReady)) {
        // An earlier program may have left a torn one.
        bool whole = true;
        const Status checked = guarded(path, [&]() -> Status {
            try {
                checkWhole(ready);
            } catch (const SQLite::Exception& e) {
                if ((e.getErrorCode() & 0xff) != SQLITE_IOERR || e.getExtendedErrorCode() == SQLITE_IOERR_READ) throw;
                whole = false;
            }
            return {};
        });
        if (!checked.ok()) return checked;
        if (whole) {
            const auto recovered = putInPlace(path, ready);
            if (!recovered.ok()) return recovered.status();
            return std::optional<Recovered>(*recovered);
        }
        const std::string stem = stemOf(path);
        const std::string damaged = stem + std::string(kDamaged) + ready.substr(stem.size() + kReady.size());
        for (const char* ending : {"-wal", ""}) {  // it is recovered again from its place
            if (!fs::exists(path, error) && fs::exists(damaged + ending, error)) {
                fs::rename(damaged + ending, path + ending, error);
            }
        }
        removeDatabase(ready);
    }
    return std::optional<Recovered>();
}

Result<Recovered> recover(const std::string& path, const std::string& backups_dir) {
    const std::string stem = stemOf(path);
    const std::string time = fmt::format("{:%Y-%m-%d-%H%M%S}", fmt::localtime(std::time(nullptr)));
    const std::string building = path + kBuilding, scratch = path + ".copy";
    std::string ready;
    std::error_code error;
    for (int i = 0; ready.empty() || fs::exists(stem + std::string(kDamaged) + ready, error); ++i) {
        ready = time + (i ? fmt::format("-{}", i) : "") + std::string(kEnding);
    }
    const std::string damaged = stem + std::string(kDamaged) + ready;
    ready = stem + std::string(kReady) + ready;
    const Status built = guarded(path, [&]() -> Status {
        Counts counts;
        {
            const auto db = newFile(building);
            migrate(*db);
            WriteTransaction transaction(*db);
            db->exec("PRAGMA defer_foreign_keys = ON");  // a message whose parent is lost is better than none
            const auto take = [&](const std::string& file) {
                return salvage(file, scratch, building, *db, Missing::kAll).read;
            };
            take(path);
            for (const auto& backup : backupsNewestFirst(backups_dir)) {
                if (take(backup) > 0) break;
            }
            for (const std::string& file : notLookedAt(*db, path)) {
                take(file);
                noteLookedAt(*db, file);
            }
            mend(*db);
            noteLookedAt(*db, damaged);
            counts = countsOf(*db);
            transaction.commit();
        }
        if (checkWhole(building) == counts) return {};
        throw SQLite::Exception("what was written is missing", SQLITE_IOERR);
    });
    removeDatabase(scratch);
    if (!built.ok() || !renameDurably(building, ready)) {
        removeDatabase(building);
        if (!built.ok()) return cannotBeRecovered(built);
        return ioError(fmt::format("{}: the recovered history cannot be named.", ready));
    }
    return putInPlace(path, ready);
}

Result<Recovered> lookAgain(SQLite::Database& db, const std::string& path) {
    Recovered found;
    const Status status = guarded(path, [&]() -> Status {
        const std::vector<std::string> files = notLookedAt(db, path);
        if (files.empty()) return {};
        // What a torn file in place left behind: then nothing tells what was lost from what was purged since.
        std::error_code error;
        const bool torn = files.size() > 1 || fs::exists(path + kBuilding + "-wal", error);
        WriteTransaction transaction(db);
        db.exec("PRAGMA defer_foreign_keys = ON");
        for (const std::string& file : files) {
            const Salvaged salvaged = salvage(file, path + ".copy", path, db, torn ? Missing::kAll : Missing::kNew);
            noteLookedAt(db, file);
            if (salvaged.messages + salvaged.conversations == 0) continue;
            found.damaged_path = file;
            found.conversations += salvaged.conversations;
            found.messages += salvaged.messages;
        }
        if (!found.damaged_path.empty()) mend(db);
        transaction.commit();
        return {};
    });
    if (!status.ok()) return status;
    return found;
}

void removeLeftovers(const std::string& path) {
    for (const char* kind : {kBuilding, ".copy", ".new"}) removeDatabase(path + kind);
}

}  // namespace moescope
