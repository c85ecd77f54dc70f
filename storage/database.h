#pragma once
// One connection to a history's SQLite file, and the border where SQLite's exceptions become sentences.

#include <SQLiteCpp/SQLiteCpp.h>

#include <exception>
#include <memory>
#include <new>
#include <string>

#include "engine/base/status.h"

namespace moescope {

/// What an SQLite error means for the user: full disk, damaged file, no permission, busy... Damage is remembered in a
/// file beside the history, so that the next start looks at all of it.
Status sqliteStatus(const SQLite::Exception& error, const std::string& path);
bool isDamage(const SQLite::Exception& error);
/// The file that says that damage was seen in the history at `path`.
std::string damageMark(const std::string& path);

/// How a connection uses the file.
enum class Access {
    kWrite,      ///< reads and writes; the file is made if it is not there
    kRead,       ///< reads, also what others write meanwhile
    kImmutable,  ///< reads a file that nobody changes and that has no journal; needs no right to write anywhere
};

/// How long a connection waits for another one that writes, if nothing else is said.
inline constexpr int kPatienceMs = 10'000;

/// Opens with the settings that every connection has: WAL, a commit survives power loss, foreign keys, what is deleted
/// is overwritten, and search_terms(). Throws SQLite::Exception.
std::unique_ptr<SQLite::Database> openConnection(const std::string& path, Access access = Access::kWrite,
                                                 int patience_ms = kPatienceMs);
/// For a connection of one's own to a file as with Access::kImmutable: a name for SQLite::OPEN_URI.
std::string immutableUri(const std::string& path);
/// Removes a database file of ours and what SQLite keeps beside it.
void removeDatabase(const std::string& path);
/// SQLITE_BUSY comes after this many milliseconds of waiting.
void setPatience(SQLite::Database& db, int patience_ms);
/// Gives a connection the SQL function search_terms(text) of folding.h, which the search indexes' triggers and views
/// call: without it texts cannot be written.
void addSearchTerms(SQLite::Database& db);

/// Runs `f`, which may throw, and gives its Result or Status.
template <class F>
auto guarded(const std::string& path, F&& f) -> decltype(f()) {
    try {
        return f();
    } catch (const SQLite::Exception& e) {
        return sqliteStatus(e, path);
    } catch (const std::bad_alloc&) {
        return outOfMemory("There is not enough memory for the history.");
    } catch (const std::exception& e) {  // of std::filesystem
        return ioError(path + ": the history could not be used (" + e.what() + ").");
    }
}

/// A transaction that takes the writer's lock at its start, so that it cannot fail for it half-way.
class WriteTransaction {
public:
    explicit WriteTransaction(SQLite::Database& db) : m_transaction(db, SQLite::TransactionBehavior::IMMEDIATE) {}
    void commit() { m_transaction.commit(); }

private:
    SQLite::Transaction m_transaction;
};

}  // namespace moescope
