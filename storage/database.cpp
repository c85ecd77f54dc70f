#include "storage/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <fstream>

#include "storage/durable.h"

namespace moescope {

Status sqliteStatus(const SQLite::Exception& error, const std::string& path) {
    switch (error.getErrorCode() & 0xff) {
        case SQLITE_FULL:
            return ioError(
                fmt::format("{}: the disk is full; make room, then try again. What was saved before is kept.", path));
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            std::ofstream(damageMark(path)).put('\n');
            return invalid(fmt::format("{}: the history is damaged ({}); start the program again to have it recovered.",
                                       path, error.what()));
        case SQLITE_READONLY:
        case SQLITE_CANTOPEN:
        case SQLITE_PERM:
            return ioError(
                fmt::format("{}: the history cannot be written ({}); check the permissions of the folder, or "
                            "choose another with --data-dir.",
                            path, error.what()));
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return ioError(
                fmt::format("{}: another program keeps the history locked; close it, then try again.", path));
        case SQLITE_CONSTRAINT:
            if (error.getExtendedErrorCode() != SQLITE_CONSTRAINT_FOREIGNKEY) break;
            return notFound("The conversation or message is not in the history any more.");
        case SQLITE_IOERR:
            if (diskIsFull(path)) {
                return ioError(fmt::format(
                    "{}: the disk is full; make room, then try again. What was saved before is kept.", path));
            }
            return ioError(
                fmt::format("{}: the disk reports an error ({}); check it, and its free space.", path, error.what()));
        case SQLITE_NOMEM:
            return outOfMemory("There is not enough memory for the history.");
        case SQLITE_INTERRUPT:
            return stopped("It was stopped.");
        default:
            break;
    }
    return ioError(fmt::format("{}: the history could not be used ({}).", path, error.what()));
}

std::string damageMark(const std::string& path) {
    return path + ".check-at-start";
}

bool isDamage(const SQLite::Exception& error) {
    const int code = error.getErrorCode() & 0xff;
    return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

std::unique_ptr<SQLite::Database> openConnection(const std::string& path, bool read_only) {
    constexpr int kPatienceMs = 10'000;
    auto db = std::make_unique<SQLite::Database>(
        path, read_only ? SQLite::OPEN_READONLY : SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, kPatienceMs);
    // FULL: every commit reaches the disk. There are few: one a question, one a second while an answer is written.
    if (!read_only) db->exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY");
    db->exec("PRAGMA foreign_keys = ON; PRAGMA cache_size = -8192");
    return db;
}

}  // namespace moescope
