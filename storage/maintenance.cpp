// A History's backups and checks.

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>

#include "engine/base/durable.h"
#include "storage/backups.h"
#include "storage/database.h"
#include "storage/history.h"
#include "storage/privacy.h"

namespace moescope {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kBackupsKept = 5;

/// Lets a stop end what SQLite is doing.
class Interruptible {
public:
    Interruptible(SQLite::Database& db, const std::stop_token& stop) : m_db(db), m_stop(stop) {
        sqlite3_progress_handler(
            m_db.getHandle(), 10'000,
            [](void* self) { return static_cast<Interruptible*>(self)->m_stop.stop_requested() ? 1 : 0; }, this);
    }
    ~Interruptible() { sqlite3_progress_handler(m_db.getHandle(), 0, nullptr, nullptr); }

private:
    SQLite::Database& m_db;
    std::stop_token m_stop;
};

}  // namespace

Result<std::string> History::backUp(const std::stop_token& stop) {
    const std::string& folder = m_backups_dir;
    if (!createPrivateFolder(folder)) {
        return ioError(fmt::format("{}: the folder for backups cannot be created ({}).", folder, std::strerror(errno)));
    }
    const std::string path = fmt::format("{}/history-{:%Y-%m-%d}.sqlite", folder, fmt::localtime(std::time(nullptr)));
    std::error_code error;
    if (fs::exists(path, error)) return std::string();
    const auto alone = FileLock::tryLock(m_data_dir + "/backing-up.lock");
    if (!alone.ok()) return alone.status();
    if (!*alone || fs::exists(path, error)) return std::string();
    for (const auto& entry : fs::directory_iterator(folder, error)) {  // of programs that were killed
        if (entry.path().string().find(".sqlite.part") != std::string::npos) fs::remove(entry.path(), error);
    }
    const std::string temporary = path + ".part";
    createPrivateFile(temporary);
    const Status copied = guarded(m_path, [&]() -> Status {
        // A small history is copied before SQLite looks at the handler.
        if (stop.stop_requested()) return stopped("The backup was stopped.");
        const Interruptible interruptible(*m_db, stop);
        SQLite::Statement copy(*m_db, "VACUUM INTO ?");
        copy.bind(1, temporary);
        copy.exec();
        return {};
    });
    // SQLite does not wait for the disk when it writes a copy.
    if (!copied.ok() || !renameDurably(temporary, path)) {
        removeDatabase(temporary);
        return copied.ok() ? ioError(fmt::format("{}: the backup cannot be written; is the disk full?", path)) : copied;
    }
    std::size_t kept = 1;
    for (const std::string& backup : backupsNewestFirst(folder)) {
        if (backup != path && kept++ >= kBackupsKept) fs::remove(backup, error);
    }
    return path;
}

Result<OldCopies> History::oldCopies() {
    OldCopies copies;
    std::error_code error;
    const auto ends = [](const std::string& name) { return name.ends_with(".sqlite"); };
    for (const auto& entry : fs::directory_iterator(m_backups_dir, error)) {
        copies.backups += ends(entry.path().filename().string()) ? 1 : 0;
    }
    const std::string stem = fs::path(m_path).stem().string();
    for (const auto& entry : fs::directory_iterator(m_data_dir, error)) {
        const std::string name = entry.path().filename().string();
        copies.damaged += ends(name) && name.starts_with(stem + ".damaged-") ? 1 : 0;
        copies.earlier_forms += ends(name) && name.starts_with("history.form-") ? 1 : 0;
    }
    if (error) return ioError(fmt::format("{}: the folder cannot be read ({}).", m_data_dir, error.message()));
    return copies;
}

void History::truncateJournal() {
    moescope::setPatience(*m_db, 0);
    try {
        m_db->execAndGet("PRAGMA wal_checkpoint(TRUNCATE)");  // not while others read: they or the last to close do it
    } catch (const SQLite::Exception&) {
    }
    moescope::setPatience(*m_db, m_options.patience_ms);
}

Status History::checkIntegrity(const std::stop_token& stop) {
    return guarded(m_path, [&]() -> Status {
        const Interruptible interruptible(*m_db, stop);
        for (const char* sql : {"PRAGMA integrity_check(1)", "PRAGMA foreign_key_check"}) {
            SQLite::Statement check(*m_db, sql);
            if (!check.executeStep()) continue;
            const std::string verdict = check.getColumn(0).getString();
            if (verdict == "ok") continue;
            throw SQLite::Exception(verdict.substr(verdict.rfind('\n') + 1), SQLITE_CORRUPT);
        }
        // FTS5's own check takes the writer's lock for as long as it reads; going through all terms does not.
        for (const char* index : {"message_search", "title_search"}) {
            m_db->exec(fmt::format("CREATE VIRTUAL TABLE IF NOT EXISTS temp.{0}_terms USING fts5vocab(main, {0}, row)",
                                   index));
            m_db->execAndGet(fmt::format("SELECT count(*) FROM temp.{}_terms", index));
        }
        return {};
    });
}

}  // namespace moescope
