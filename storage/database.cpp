#include "storage/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cctype>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>
#include <thread>

#include "engine/base/durable.h"
#include "storage/folding.h"

namespace moescope {

Status sqliteStatus(const SQLite::Exception& error, const std::string& path) {
    switch (error.getErrorCode() & 0xff) {
        case SQLITE_FULL:
            return ioError(fmt::format(
                "{}: the disk is full; free some space, then try again. What was saved before is kept.", path));
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            std::ofstream(damageMark(path)).put('\n');
            return invalid(
                fmt::format("{}: the history is damaged ({}); restart the program to recover it.", path, error.what()));
        case SQLITE_CANTOPEN:
            if (diskIsFull(path)) {  // no room for the files beside it
                return ioError(fmt::format(
                    "{}: the disk is full; free some space, then try again. What was saved before is kept.", path));
            }
            [[fallthrough]];
        case SQLITE_READONLY:
        case SQLITE_PERM:
            return ioError(
                fmt::format("{}: the history cannot be written ({}); check the permissions of the folder, or "
                            "choose another with --data-dir.",
                            path, error.what()));
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return busy(fmt::format(
                "{}: another program is writing to the history; wait until it is done, or end it, then try again.",
                path));
        case SQLITE_CONSTRAINT:
            if (error.getExtendedErrorCode() != SQLITE_CONSTRAINT_FOREIGNKEY) break;
            return notFound("The chat or message is no longer in the history.");
        case SQLITE_IOERR:
            if (diskIsFull(path)) {
                return ioError(fmt::format(
                    "{}: the disk is full; free some space, then try again. What was saved before is kept.", path));
            }
            return ioError(
                fmt::format("{}: the disk reports an error ({}); check it, and its free space.", path, error.what()));
        case SQLITE_NOMEM:
            return outOfMemory("There is not enough memory for the history.");
        case SQLITE_INTERRUPT:
            return stopped("The operation was stopped.");
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

namespace {

/// Waits in small equal steps: SQLite's own steps grow to 100 ms, and then miss the pauses that a long import makes.
int waitForOthers(void* patience_ms, int tries) {
    using Clock = std::chrono::steady_clock;
    static thread_local Clock::time_point begun;
    if (tries == 0) begun = Clock::now();
    if (Clock::now() - begun >= std::chrono::milliseconds(reinterpret_cast<std::intptr_t>(patience_ms))) return 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(4));
    return 1;
}

/// search_terms(text) in SQL: the views and triggers of the search indexes call it (see schema.cpp).
void searchTermsOf(sqlite3_context* context, int, sqlite3_value** values) {
    if (sqlite3_value_type(values[0]) == SQLITE_NULL) return;
    const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(values[0]));
    const auto bytes = static_cast<std::size_t>(sqlite3_value_bytes(values[0]));
    try {
        const std::string terms = searchTerms({text, text ? bytes : 0});
        sqlite3_result_text64(context, terms.data(), terms.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    } catch (const std::bad_alloc&) {
        sqlite3_result_error_nomem(context);
    }
}

}  // namespace

void addSearchTerms(SQLite::Database& db) {
    constexpr int kFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    sqlite3_create_function_v2(db.getHandle(), "search_terms", 1, kFlags, nullptr, &searchTermsOf, nullptr, nullptr,
                               nullptr);
}

std::string immutableUri(const std::string& path) {
    std::string uri = path.starts_with('/') ? "file://" : "file:";
    for (const char c : path) {
        const bool plain =
            std::isalnum(static_cast<unsigned char>(c)) || std::string_view("/-_.~").find(c) != std::string_view::npos;
        uri += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return uri + "?immutable=1";
}

void removeDatabase(const std::string& path) {
    std::error_code ignored;
    for (const char* ending : {"-wal", "-shm", "-journal", ""}) std::filesystem::remove(path + ending, ignored);
}

void setPatience(SQLite::Database& db, int patience_ms) {
    sqlite3_busy_handler(db.getHandle(), &waitForOthers, reinterpret_cast<void*>(std::intptr_t{patience_ms}));
}

std::unique_ptr<SQLite::Database> openConnection(const std::string& path, Access access, int patience_ms) {
    const bool writes = access == Access::kWrite;
    auto db = std::make_unique<SQLite::Database>(
        access == Access::kImmutable ? immutableUri(path) : path,
        writes ? SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE : SQLite::OPEN_READONLY | SQLite::OPEN_URI);
    setPatience(*db, patience_ms);
    // FULL: every commit reaches the disk. There are few: one per question, one per second while an answer is written.
    if (writes) db->exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON");
    db->exec("PRAGMA foreign_keys = ON; PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY");
    addSearchTerms(*db);
    return db;
}

}  // namespace moescope
