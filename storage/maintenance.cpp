// A History's backups and checks.

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <ctime>
#include <filesystem>

#include "storage/database.h"
#include "storage/durable.h"
#include "storage/history.h"

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
    const std::string folder = m_data_dir + "/backups";
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return ioError(fmt::format("{}: the folder for backups cannot be made ({}).", folder, error.message()));
    const std::string path = fmt::format("{}/history-{:%Y-%m-%d}.sqlite", folder, fmt::localtime(std::time(nullptr)));
    if (fs::exists(path)) return std::string();
    const std::string temporary = path + ".part";
    fs::remove(temporary, error);
    const Status copied = guarded(m_path, [&]() -> Status {
        const Interruptible interruptible(*m_db, stop);
        SQLite::Statement copy(*m_db, "VACUUM INTO ?");
        copy.bind(1, temporary);
        copy.exec();
        return {};
    });
    if (!copied.ok()) {
        fs::remove(temporary, error);
        return copied;
    }
    // SQLite does not wait for the disk when it writes a copy.
    if (!renameDurably(temporary, path)) return ioError(fmt::format("{}: the backup cannot be named.", path));
    std::vector<fs::path> backups;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        if (entry.path().extension() == ".sqlite") backups.push_back(entry.path());
    }
    std::sort(backups.rbegin(), backups.rend());
    for (std::size_t i = kBackupsKept; i < backups.size(); ++i) fs::remove(backups[i], error);
    return path;
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
