// Opening a History: links, locks, recovery, migration, permissions, and files that can only be read.

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "engine/base/data_dir.h"
#include "engine/base/durable.h"
#include "engine/base/foreign_text.h"
#include "storage/database.h"
#include "storage/history.h"
#include "storage/privacy.h"
#include "storage/recovery.h"
#include "storage/schema.h"

namespace moescope {
namespace {

namespace fs = std::filesystem;

/// Opens, and throws if the file is damaged. A file of no bytes is one that a crash of the system has emptied.
std::unique_ptr<SQLite::Database> openExisting(const std::string& path, int patience_ms) {
    if (fs::is_regular_file(path) && fs::file_size(path) == 0) throw SQLite::Exception("it is empty", SQLITE_NOTADB);
    auto db = openConnection(path, Access::kWrite, patience_ms);
    checkUsable(*db, path);
    return db;
}

/// The file of the history in a folder; what a link there leads to.
Result<std::string> fileIn(const std::string& folder) {
    const fs::path file = fs::path(folder) / "history.sqlite";
    std::error_code error;
    if (!fs::is_symlink(fs::symlink_status(file, error))) {
        if (fs::is_directory(file, error)) {
            return invalid(
                fmt::format("{}: there is a folder where the history file belongs; move it away.", file.string()));
        }
        return file.string();
    }
    const fs::path target = fs::canonical(file, error);
    if (error) {
        const fs::path wanted = fs::read_symlink(file, error);
        return notFound(
            fmt::format("{}: is a link to {}, which is missing; connect the drive that it is on, or remove "
                        "the link to start a new history.",
                        file.string(), moescope::quoted(wanted.string())));
    }
    if (fs::is_directory(target, error)) {
        return invalid(fmt::format("{}: is a link to a folder; move it away.", file.string()));
    }
    return target.string();
}

bool canBeWritten(const std::string& path) {
    return ::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0;
}

bool hasBytes(const std::string& path) {
    std::error_code error;
    const auto size = fs::file_size(path, error);
    return !error && size > 0;
}

Status newerForm(const std::string& path, int version) {
    return unsupported(
        fmt::format("{}: the history was written by a newer Moescope (format {}, this program knows {}); "
                    "use the newer program. Nothing was changed.",
                    path, version, schemaVersion()));
}

}  // namespace

std::string OpenReport::sentence() const {
    std::string said;
    const auto say = [&](const std::string& sentence) { said += (said.empty() ? "" : " ") + sentence; };
    if (!damaged_path.empty()) {
        say(
            fmt::format("The history was damaged: {} chats with {} messages were recovered, and the damaged "
                        "file was kept as {}.",
                        recovered_conversations, recovered_messages, damaged_path));
    } else if (migrated_from >= 0) {
        say(fmt::format("Your history was upgraded to the current format; a copy is {}.", copy_path));
    } else if (interrupted_answers == 1) {
        say("One answer was interrupted when the program ended; the text written so far was kept.");
    } else if (interrupted_answers > 1) {
        say(fmt::format("{} answers were interrupted when the program ended; the text written so far was kept.",
                        interrupted_answers));
    }
    if (!looked_at_again.empty()) {
        say(fmt::format("{} messages that an earlier recovery had missed were brought back from {}.",
                        brought_back_messages, looked_at_again));
    }
    if (!problem.empty()) say(problem);
    return said;
}

History::History(const std::string& data_dir, std::string path, const HistoryOptions& options)
    : m_path(std::move(path)),
      m_data_dir(fs::path(m_path).parent_path().string()),
      m_backups_dir(data_dir + "/backups"),
      m_options(options),
      m_opened(m_path) {}

History::~History() {
    std::error_code ignored;
    if (m_writer_lock) fs::remove(m_data_dir + "/writers/" + m_writer_name, ignored);
    m_db.reset();
    if (!m_scratch.empty()) fs::remove_all(m_scratch, ignored);
}

bool History::readOnly() const {
    return m_access != Access::kWrite;
}

void History::setPatience(int ms) {
    m_options.patience_ms = ms;
    moescope::setPatience(*m_db, ms);
}

Result<std::unique_ptr<History>> History::open(const std::string& data_dir, const HistoryOptions& options) {
    const auto folder = prepareDataDir(data_dir);
    if (!folder.ok()) return folder.status();
    auto file = fileIn(*folder);
    if (!file.ok()) return file.status();
    std::unique_ptr<History> h(new History(*folder, std::move(*file), options));
    std::error_code error;
    const bool writable = canBeWritten(h->m_data_dir) && (!fs::exists(h->m_path, error) || canBeWritten(h->m_path));
    Status status;
    if (writable || !options.reading_is_enough) {
        status = h->openToWrite(*folder);
        if (status.ok()) return h;
    }
    if (!options.reading_is_enough || (writable && status.code() != StatusCode::kIo)) return status;
    std::unique_ptr<History> reader(new History(*folder, h->m_path, options));
    h.reset();
    const Status read = reader->openToRead();
    if (!read.ok()) return status.ok() ? read : status;
    if (!status.ok()) reader->m_report.problem = status.message();
    return reader;
}

Status History::openToWrite(const std::string& data_dir) {
    // Two programs that start at once must not both migrate or recover.
    const FileLock::Patience patience(m_options.patience_ms);
    const auto opening = FileLock::wait(m_data_dir + "/opening.lock", patience);
    if (!opening.ok()) return opening.status();
    const std::string in_use = m_data_dir + "/in-use.lock";
    const auto report = [&](const Recovered& recovered) {
        m_report.damaged_path = recovered.damaged_path;
        m_report.recovered_conversations = recovered.conversations;
        m_report.recovered_messages = recovered.messages;
    };
    return guarded(m_path, [&]() -> Status {
        std::error_code error;
        makePrivate(data_dir, m_path);
        const auto finished = finishRecovery(m_path);
        if (!finished.ok()) return finished.status();
        if (*finished) report(**finished);
        if (!fs::exists(m_path, error)) {
            // A journal whose file somebody has moved away would be applied to the new one.
            if (hasBytes(m_path + "-wal")) fs::rename(m_path + "-wal", m_path + ".without-file-wal");
            if (Status made = createFile(m_path); !made.ok()) return made;
            m_report.created = true;
        }
        try {
            if (Status used = use(); !used.ok()) return used;
        } catch (const SQLite::Exception& e) {
            if (!isDamage(e)) throw;
            m_db.reset();
            // Whoever has the damaged file open would go on writing into it after it was put aside.
            const auto alone = FileLock::tryLock(in_use);
            if (!alone.ok()) return alone.status();
            if (!*alone) {
                return invalid(
                    fmt::format("{}: the history is damaged, and another Moescope has it open; close that one, then "
                                "restart to recover it.",
                                m_path));
            }
            const auto recovered = recover(m_path, m_backups_dir);
            if (!recovered.ok()) return recovered.status();
            report(*recovered);
            if (Status used = use(); !used.ok()) return used;
        }
        auto shared = FileLock::waitShared(in_use, patience);
        if (!shared.ok()) return shared.status();
        m_in_use.emplace(std::move(*shared));
        return {};
    });
}

Status History::use() {
    m_db = openExisting(m_path, m_options.patience_ms);
    const int version = m_db->execAndGet("PRAGMA user_version").getInt();
    if (version > schemaVersion()) return newerForm(m_path, version);
    if (version < schemaVersion()) {
        m_report.migrated_from = version;
        m_report.copy_path = fmt::format("{}/history.form-{}.sqlite", m_data_dir, version);
        const std::string part = m_report.copy_path + ".part";
        removeDatabase(part);
        createPrivateFile(part);
        SQLite::Statement copy(*m_db, "VACUUM INTO ?");
        copy.bind(1, part);
        copy.exec();
        if (!renameDurably(part, m_report.copy_path)) {
            return ioError(
                fmt::format("{}: the history cannot be copied before it is upgraded to the current format; free "
                            "some space in the folder.",
                            m_report.copy_path));
        }
    }
    migrate(*m_db);
    // What follows is not needed to read and write: a full disk, or another program that writes, must not keep the
    // user from it.
    const auto again = lookAgain(*m_db, m_path);
    if (again.ok()) {
        m_report.looked_at_again = again->damaged_path;
        m_report.brought_back_conversations = again->conversations;
        m_report.brought_back_messages = again->messages;
        removeLeftovers(m_path);
    } else {
        m_report.problem = again.status().message();
    }
    try {
        if (Status closed = closeInterruptedAnswers(); !closed.ok()) m_report.problem = closed.message();
    } catch (const SQLite::Exception& e) {
        if (isDamage(e)) throw;
        m_report.problem = sqliteStatus(e, m_path).message();
    }
    removeDeadWriters();
    return {};
}

void History::removeDeadWriters() {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(m_data_dir + "/writers", error)) {
        if (!entry.is_regular_file(error)) continue;
        const auto lock = FileLock::tryLock(entry.path().string());
        if (lock.ok() && *lock) fs::remove(entry.path(), error);
    }
}

Status History::openToRead() {
    const Status opened = guarded(m_path, [&]() -> Status {
        m_access = Access::kImmutable;
        if (hasBytes(m_path + "-wal")) {
            // What was committed last is in the journal, which is read through memory that is in a file.
            try {
                m_access = Access::kRead;
                m_db = openConnection(m_path, m_access, m_options.patience_ms);
                m_db->execAndGet("SELECT count(*) FROM sqlite_master");
            } catch (const SQLite::Exception& e) {
                if (isDamage(e)) throw;
                if (Status copied = openCopy(); !copied.ok()) return copied;
            }
        }
        if (!m_db) m_db = openConnection(m_opened, m_access, m_options.patience_ms);
        const auto version = [this] { return m_db->execAndGet("PRAGMA user_version").getInt(); };
        if (version() < schemaVersion() && m_scratch.empty()) {  // a copy can be brought to the newest form
            if (Status copied = openCopy(); !copied.ok()) return copied;
        }
        if (m_db->execAndGet("PRAGMA application_id").getInt() != kApplicationId) {
            throw SQLite::Exception("not a history", SQLITE_NOTADB);
        }
        return version() > schemaVersion() ? newerForm(m_path, version()) : Status();
    });
    if (opened.code() == StatusCode::kInvalid) {
        return invalid(
            fmt::format("{}: the history is damaged, and cannot be recovered in a read-only folder; copy it "
                        "to another folder and open it there with --data-dir.",
                        m_path));
    }
    return opened;
}

Status History::openCopy() {
    m_db.reset();
    m_access = Access::kImmutable;
    m_scratch = (fs::temp_directory_path() / "moescope-reading-XXXXXX").string();
    if (::mkdtemp(m_scratch.data()) == nullptr) {
        m_scratch.clear();
        return ioError(
            fmt::format("{}: the history must be copied to be read, but no temporary folder can be created.", m_path));
    }
    m_opened = m_scratch + "/history.sqlite";
    for (const char* ending : {"", "-wal"}) {
        if (!fs::exists(m_path + ending)) continue;
        fs::copy_file(m_path + ending, m_opened + ending);
        fs::permissions(m_opened + ending, fs::perms::owner_read | fs::perms::owner_write);
    }
    const auto copy = openConnection(m_opened);
    checkUsable(*copy, m_opened);
    if (copy->execAndGet("PRAGMA user_version").getInt() < schemaVersion()) migrate(*copy);
    copy->exec("PRAGMA wal_checkpoint(TRUNCATE)");
    m_db = openConnection(m_opened, m_access, m_options.patience_ms);
    return {};
}

}  // namespace moescope
