#include "storage/salvage.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "engine/base/durable.h"
#include "storage/database.h"
#include "storage/message_rows.h"

namespace moescope {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kLargestId = std::int64_t{1} << 40;  // a larger one is damage
constexpr std::string_view kMagic = "SQLite format 3";

/// Whether an error of reading comes from the file's bytes. Others (memory, room) would come with a sound file too.
bool fromTheFile(const SQLite::Exception& error) {
    switch (error.getErrorCode() & 0xff) {
        case SQLITE_FULL:
        case SQLITE_NOMEM:
        case SQLITE_CANTOPEN:
        case SQLITE_PERM:
        case SQLITE_READONLY:
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_INTERRUPT:
            return false;
        case SQLITE_IOERR:
            return error.getExtendedErrorCode() == SQLITE_IOERR_READ ||
                   error.getExtendedErrorCode() == SQLITE_IOERR_SHORT_READ ||
                   error.getExtendedErrorCode() == SQLITE_IOERR_CORRUPTFS;
        default:
            return true;
    }
}

/// Copies a file; what the disk cannot read of it becomes zero. Throws if the copy is not whole.
void copyReadable(const std::string& from, const std::string& to) {
    const int in = ::open(from.c_str(), O_RDONLY | O_CLOEXEC);
    if (in < 0) throw SQLite::Exception(std::strerror(errno), SQLITE_CANTOPEN);
    const int out = ::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int failure = out < 0 ? errno : 0;
    constexpr std::size_t kBlock = 1u << 16, kSector = 4096;
    std::string bytes(kBlock, '\0');
    const off_t size = ::lseek(in, 0, SEEK_END);
    for (off_t at = 0; failure == 0 && at < size;) {
        const auto wanted = std::min<std::size_t>(kBlock, static_cast<std::size_t>(size - at));
        ssize_t got = ::pread(in, bytes.data(), wanted, at);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) {  // sector by sector past what is lost
            got = ::pread(in, bytes.data(), std::min(kSector, wanted), at);
            if (got <= 0) {
                got = static_cast<ssize_t>(std::min(kSector, wanted));
                std::fill_n(bytes.begin(), got, '\0');
            }
        }
        for (ssize_t written = 0; written < got && failure == 0;) {
            const ssize_t n = ::write(out, bytes.data() + written, static_cast<std::size_t>(got - written));
            if (n < 0 && errno != EINTR) failure = errno;
            if (n > 0) written += n;
        }
        at += got;
    }
    ::close(in);
    if (out >= 0 && ::close(out) != 0 && failure == 0) failure = errno;
    if (failure == ENOSPC || failure == EDQUOT) throw SQLite::Exception("no room for a copy", SQLITE_FULL);
    if (failure != 0) throw SQLite::Exception(std::strerror(failure), SQLITE_IOERR);
}

/// Gives a copy of a file whose first bytes are gone the header of a sound one; the pages behind it may be whole.
void mendHeader(const std::string& copy, const std::string& sound) {
    constexpr std::size_t kHeaderBytes = 100;
    std::string header(kHeaderBytes, '\0');
    if (!std::ifstream(sound, std::ios::binary).read(header.data(), kHeaderBytes)) return;
    std::fill_n(header.begin() + 18, 2, '\2');    // with a journal, if it has one
    std::fill_n(header.begin() + 28, 12, '\0');   // number of pages, free pages: to be found out
    std::fill_n(header.begin() + 92, 4, '\xff');  // the number of pages is not to be trusted
    std::fstream file(copy, std::ios::in | std::ios::out | std::ios::binary);
    file.write(header.data(), kHeaderBytes);
}

bool hasHeader(const std::string& path) {
    std::string begin(kMagic.size(), '\0');
    return std::ifstream(path, std::ios::binary).read(begin.data(), static_cast<std::streamsize>(begin.size())) &&
           begin == kMagic;
}

bool hasBytes(const std::string& path) {
    std::error_code error;
    const auto size = fs::file_size(path, error);
    return !error && size > 0;
}

/// Opens the file, or a copy of it.
std::unique_ptr<SQLite::Database> openDamaged(const std::string& from, const std::string& scratch,
                                              const std::string& sound) {
    std::unique_ptr<SQLite::Database> db;
    if (hasHeader(from) && !hasBytes(from + "-wal")) {
        db = std::make_unique<SQLite::Database>(immutableUri(from), SQLite::OPEN_READONLY | SQLite::OPEN_URI);
    } else {
        removeDatabase(scratch);
        copyReadable(from, scratch);
        if (hasBytes(from + "-wal")) copyReadable(from + "-wal", scratch + "-wal");
        if (!hasHeader(scratch) && hasBytes(scratch)) mendHeader(scratch, sound);
        // Writable, as the journal of what was committed last has to be applied. Alone, so that no memory is shared
        // through a file.
        db = std::make_unique<SQLite::Database>(scratch, SQLite::OPEN_READWRITE);
        db->exec("PRAGMA locking_mode = EXCLUSIVE");
    }
    db->exec("PRAGMA writable_schema = ON");  // read on although the file is shorter than its header says
    return db;
}

std::vector<std::string> columnsOf(SQLite::Database& db, const std::string& table) {
    std::vector<std::string> names;
    SQLite::Statement columns(db, "SELECT name FROM pragma_table_info(?)");
    columns.bind(1, table);
    while (columns.executeStep()) names.push_back(columns.getColumn(0).getString());
    return names;
}

/// An error of the file that is written: unlike those of the file that is read, it ends the salvage.
struct WriteError {
    SQLite::Exception cause;
};

/// Calls `take` with each row that can be read, in the order of ids, and steps over parts that cannot be. Gives how
/// many there were. The columns are the row's id, then `names`.
std::int64_t forEachRow(SQLite::Database& from, const std::string& table, const std::vector<std::string>& names,
                        const std::function<void(SQLite::Statement&)>& take) {
    std::string list;
    for (const std::string& name : names) list += ", " + name;
    SQLite::Statement rows(from, fmt::format("SELECT rowid{} FROM {} WHERE rowid >= ? ORDER BY rowid", list, table));
    constexpr int kMostStrange = 10'000;
    int strange = 0;
    std::int64_t read = 0, next = 0;  // ids are positive
    /// Goes on from row `next`; false when it comes to one that cannot be read.
    const auto goOn = [&] {
        try {
            rows.tryReset();  // reset() would throw the last error again
            rows.bind(1, next);
            while (rows.executeStep()) {
                const std::int64_t id = rows.getColumn(0).getInt64();
                // Damaged pages may lead in circles.
                if (id < next || (id > kLargestId && ++strange > kMostStrange)) return false;
                if (id > kLargestId) continue;
                ++read;
                try {
                    take(rows);
                } catch (const SQLite::Exception& e) {
                    throw WriteError{e};
                }
                next = id + 1;
            }
            return true;
        } catch (const SQLite::Exception& e) {
            if (!fromTheFile(e)) throw WriteError{e};
            return false;
        }
    };
    const auto readable = [&](std::int64_t from_row) {
        try {
            rows.tryReset();
            rows.bind(1, from_row);
            return !rows.executeStep() || rows.getColumn(0).getInt64() >= from_row;
        } catch (const SQLite::Exception& e) {
            if (!fromTheFile(e)) throw WriteError{e};
            return false;
        }
    };
    // A page that is lost holds a run of rows: find its end by doubling, then by halving.
    constexpr std::int64_t kLongestGap = std::int64_t{1} << 24;
    while (!goOn()) {
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

/// The title that mend() gives.
constexpr std::string_view kStandIn = "Recovered";

/// Takes the rows of one file into another. Throws WriteError and SQLite::Exception.
class Merge {
public:
    Merge(SQLite::Database& from, SQLite::Database& to, Missing missing) : m_from(from), m_to(to), m_missing(missing) {}

    Salvaged run() {
        takeSequences();
        const auto each = [this](const char* table, const auto& take) {
            try {
                Columns columns(m_from, m_to, table);
                if (columns.names.empty()) return;
                m_columns = &columns;
                m_salvaged.read += forEachRow(m_from, table, columns.names, take);
            } catch (const SQLite::Exception& e) {
                if (!fromTheFile(e)) throw;  // else this table cannot be read at all
            }
        };
        each("folders", [this](auto& row) { folder(row); });
        each("conversations", [this](auto& row) { conversation(row); });
        each("messages", [this](auto& row) { message(row); });
        each("answer_pieces", [this](auto& row) { part(row, m_added); });
        each("routing_chunks", [this](auto& row) { part(row, m_messages); });
        for (const char* table : {"settings", "models"}) {
            each(table, [this](auto& row) { insert(row, {}); });
        }
        try {
            showBranches();
        } catch (const SQLite::Exception& e) {
            throw WriteError{e};
        }
        return m_salvaged;
    }

private:
    using Number = std::optional<std::int64_t>;
    using Ids = std::map<std::int64_t, std::int64_t>;  // there -> here

    /// The columns that a table has in both files (an older form may have fewer), and the statement that inserts them.
    struct Columns {
        Columns(SQLite::Database& from, SQLite::Database& to, const std::string& table) {
            const std::vector<std::string> present = columnsOf(from, table);
            std::string list, marks;
            for (const std::string& name : columnsOf(to, table)) {
                if (std::find(present.begin(), present.end(), name) == present.end()) continue;
                list += (names.empty() ? "" : ", ") + name;
                marks += names.empty() ? "?" : ", ?";
                names.push_back(name);
            }
            if (names.empty()) return;
            // A row with values that the schema refuses cannot be kept.
            insert.emplace(to, fmt::format("INSERT OR IGNORE INTO {} ({}) VALUES ({})", table, list, marks));
        }
        /// In the row that is read, where the id comes first; 0 if it is not there.
        int indexOf(std::string_view name) const {
            const auto found = std::find(names.begin(), names.end(), name);
            return found == names.end() ? 0 : static_cast<int>(found - names.begin()) + 1;
        }
        std::vector<std::string> names;
        std::optional<SQLite::Statement> insert;
    };

    Number number(SQLite::Statement& row, std::string_view column) const {
        const int index = m_columns->indexOf(column);
        if (index == 0 || row.isColumnNull(index)) return std::nullopt;
        return row.getColumn(index).getInt64();
    }

    /// Inserts a row with other values in some columns; false if the schema refuses it.
    bool insert(SQLite::Statement& row, const std::map<std::string_view, Number>& others) {
        SQLite::Statement& to = *m_columns->insert;
        to.tryReset();
        for (std::size_t i = 0; i < m_columns->names.size(); ++i) {
            const int index = static_cast<int>(i) + 1;
            if (const auto other = others.find(m_columns->names[i]); other != others.end()) {
                if (other->second) {
                    to.bind(index, *other->second);
                } else {
                    to.bind(index);
                }
                continue;
            }
            const SQLite::Column value = row.getColumn(index);
            if (value.isNull()) {
                to.bind(index);
            } else if (value.isInteger()) {
                to.bind(index, value.getInt64());
            } else if (value.isFloat()) {
                to.bind(index, value.getDouble());
            } else if (value.isBlob()) {
                to.bind(index, value.getBlob(), value.getBytes());
            } else {
                to.bind(index, value.getString());
            }
        }
        try {
            return to.exec() > 0;
        } catch (const SQLite::Exception& e) {
            if ((e.getErrorCode() & 0xff) != SQLITE_CONSTRAINT) throw;
            return false;
        }
    }

    void folder(SQLite::Statement& row) {
        const std::int64_t id = row.getColumn(0).getInt64();
        const int name_index = m_columns->indexOf("name");
        const std::string name = name_index ? row.getColumn(name_index).getString() : std::string();
        SQLite::Statement same(m_to, "SELECT id FROM folders WHERE id = ? OR name = ? ORDER BY name = ? DESC");
        same.bind(1, id);
        same.bind(2, name);
        same.bind(3, name);
        const bool there = same.executeStep();
        if (there) {
            SQLite::Statement named(m_to, "SELECT id FROM folders WHERE name = ? ORDER BY id = ? DESC");
            named.bind(1, name);
            named.bind(2, id);
            if (named.executeStep()) {
                m_folders[id] = named.getColumn(0).getInt64();
                return;
            }
        }
        if (insert(row, {{"id", there ? Number() : Number(id)}})) m_folders[id] = m_to.getLastInsertRowid();
    }

    void conversation(SQLite::Statement& row) {
        const std::int64_t id = row.getColumn(0).getInt64();
        const Number created = number(row, "created_ms");
        SQLite::Statement there(m_to, "SELECT created_ms, title, automatic_title FROM conversations WHERE id = ?");
        there.bind(1, id);
        const bool taken = there.executeStep();
        if (taken && there.getColumn(0).getInt64() == created) {
            m_conversations[id] = id;
            return;
        }
        // The same one under another id, as an earlier look at a damaged file has stored it.
        if (const auto same = sameOrigin(row); same && !m_new.contains(*same)) {
            m_conversations[id] = *same;
            return;
        }
        // One that was made by mend() for messages without a conversation is that conversation.
        if (taken && there.getColumn(1).getString() == kStandIn && there.getColumn(2).getInt() != 0) {
            SQLite::Statement name(m_to, "UPDATE conversations SET title = ?, created_ms = ? WHERE id = ?");
            const int title = m_columns->indexOf("title");
            name.bind(1, title ? row.getColumn(title).getString() : std::string(kStandIn));
            name.bind(2, created.value_or(0));
            name.bind(3, id);
            name.exec();
            m_conversations[id] = id;
            return;
        }
        if (m_missing == Missing::kNew && id <= m_last_conversation) {
            m_purged.insert(id);
            return;
        }
        const Number folder_there = number(row, "folder");
        const auto folder = folder_there ? m_folders.find(*folder_there) : m_folders.end();
        if (!insert(row, {{"id", taken ? Number() : Number(id)},
                          {"folder", folder == m_folders.end() ? Number() : Number(folder->second)},
                          {"message_count", 0}})) {
            return;
        }
        m_conversations[id] = m_to.getLastInsertRowid();
        m_new.insert(m_conversations[id]);
        m_leaves[m_conversations[id]] = number(row, "leaf");
        ++m_salvaged.conversations;
    }

    Number sameOrigin(SQLite::Statement& row) {
        const int index = m_columns->indexOf("origin");
        if (index == 0 || row.getColumn(index).getString().empty()) return std::nullopt;
        SQLite::Statement same(m_to, "SELECT id FROM conversations WHERE origin = ?");
        same.bind(1, row.getColumn(index).getString());
        if (!same.executeStep()) return std::nullopt;
        return same.getColumn(0).getInt64();
    }

    void message(SQLite::Statement& row) {
        const std::int64_t id = row.getColumn(0).getInt64();
        const Number there = number(row, "conversation"), parent = number(row, "parent");
        if (!there || m_purged.contains(*there)) return;
        const std::int64_t conversation = here(m_conversations, *there),
                           new_parent = parent ? here(m_messages, *parent) : 0;
        SQLite::Statement same(m_to, "SELECT conversation, created_ms, author FROM messages WHERE id = ?");
        same.bind(1, id);
        const bool taken = same.executeStep();
        // Parents are older than their children, also by their ids.
        const bool moved = conversation != *there || (parent && new_parent != *parent);
        if (taken && !moved && same.getColumn(0).getInt64() == conversation &&
            number(row, "created_ms") == same.getColumn(1).getInt64() &&
            number(row, "author") == same.getColumn(2).getInt64()) {
            m_messages[id] = id;
            return;
        }
        const Number context = number(row, "context_start");
        if (!insert(row, {{"id", taken || moved ? Number() : Number(id)},
                          {"conversation", conversation},
                          {"parent", parent ? Number(new_parent) : Number()},
                          {"context_start", context ? Number(here(m_messages, *context)) : Number()}})) {
            return;
        }
        m_messages[id] = m_added[id] = m_to.getLastInsertRowid();
        ++m_salvaged.messages;
    }

    /// A row that belongs to one of `messages`; that of no message is left for mend() in a file that was empty.
    void part(SQLite::Statement& row, const Ids& messages) {
        const Number message = number(row, "message");
        if (!message) return;
        if (const auto found = messages.find(*message); found != messages.end())
            insert(row, {{"message", found->second}});
    }

    /// The shown branch of conversations that were added and whose messages have other ids here.
    void showBranches() {
        for (const auto& [conversation, leaf] : m_leaves) {
            if (!leaf || here(m_messages, *leaf) == *leaf) continue;
            showLeaf(m_to, conversation, here(m_messages, *leaf), false);
        }
    }

    /// Ids are never used again, also not those of what is gone.
    void takeSequences() {
        for (const char* table : {"conversations", "messages"}) {
            std::int64_t there = 0;
            try {
                SQLite::Statement last(m_from, "SELECT seq FROM sqlite_sequence WHERE name = ?");
                last.bind(1, table);
                if (last.executeStep()) there = last.getColumn(0).getInt64();
            } catch (const SQLite::Exception& e) {
                if (!fromTheFile(e)) throw;
            }
            SQLite::Statement own(m_to, "SELECT seq FROM sqlite_sequence WHERE name = ?");
            own.bind(1, table);
            const bool has = own.executeStep();
            const std::int64_t here = has ? own.getColumn(0).getInt64() : 0;
            if (table == std::string_view("conversations")) m_last_conversation = here;
            if (there <= here || there > kLargestId) continue;
            SQLite::Statement raise(m_to, has ? "UPDATE sqlite_sequence SET seq = ?1 WHERE name = ?2"
                                              : "INSERT INTO sqlite_sequence (seq, name) VALUES (?1, ?2)");
            raise.bind(1, there);
            raise.bind(2, table);
            raise.exec();
        }
    }

    static std::int64_t here(const Ids& ids, std::int64_t there) {
        const auto found = ids.find(there);
        return found == ids.end() ? there : found->second;
    }

    SQLite::Database &m_from, &m_to;
    Missing m_missing;
    Columns* m_columns = nullptr;
    Salvaged m_salvaged;
    Ids m_folders, m_conversations, m_messages, m_added;  // m_added: only messages that were added
    std::map<std::int64_t, Number> m_leaves;
    std::set<std::int64_t> m_purged, m_new;  // conversations there that were purged, here that were added
    std::int64_t m_last_conversation = 0;
};

}  // namespace

Salvaged salvage(const std::string& from, const std::string& scratch, const std::string& sound, SQLite::Database& to,
                 Missing missing) {
    Salvaged salvaged;
    const auto clean = [&] { removeDatabase(scratch); };
    try {
        const auto db = openDamaged(from, scratch, sound);
        salvaged = Merge(*db, to, missing).run();
    } catch (const WriteError& e) {
        clean();
        throw SQLite::Exception(e.cause);
    } catch (const SQLite::Exception& e) {
        clean();
        if (!fromTheFile(e)) throw;  // else nothing can be had of this file
    }
    clean();
    return salvaged;
}

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
        -- Pieces of an answer that has ended stand in its text.
        DELETE FROM answer_pieces WHERE message NOT IN (SELECT id FROM messages WHERE writer IS NOT NULL);
        DELETE FROM routing_chunks WHERE message NOT IN (SELECT id FROM messages);
        UPDATE conversations SET origin = 'moescope:' || lower(hex(randomblob(16))) WHERE origin = '';
        UPDATE conversations SET message_count =
            (SELECT count(*) FROM messages WHERE conversation = conversations.id AND deleted_ms IS NULL))sql");
}

}  // namespace moescope
