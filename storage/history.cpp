#include "storage/history.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <chrono>
#include <filesystem>
#include <random>

#include "engine/base/data_dir.h"
#include "engine/base/durable.h"
#include "storage/database.h"
#include "storage/message_rows.h"
#include "storage/recovery.h"
#include "storage/schema.h"

namespace moescope {
namespace {

namespace fs = std::filesystem;

Conversation readConversation(SQLite::Statement& row) {
    Conversation c;
    int i = 0;
    const auto optional = [&](int column) -> std::optional<std::int64_t> {
        if (row.isColumnNull(column)) return std::nullopt;
        return row.getColumn(column).getInt64();
    };
    c.id = row.getColumn(i++).getInt64();
    c.folder = optional(i++);
    c.title = row.getColumn(i++).getString();
    c.automatic_title = row.getColumn(i++).getInt() != 0;
    c.pinned = row.getColumn(i++).getInt() != 0;
    c.created_ms = row.getColumn(i++).getInt64();
    c.updated_ms = row.getColumn(i++).getInt64();
    c.deleted_ms = optional(i++);
    c.system_prompt = row.getColumn(i++).getString();
    c.model_path = row.getColumn(i++).getString();
    c.settings = row.getColumn(i++).getString();
    c.draft = row.getColumn(i++).getString();
    c.leaf = optional(i++);
    c.message_count = row.getColumn(i++).getInt64();
    c.origin = row.getColumn(i++).getString();
    return c;
}
constexpr const char* kConversationColumns =
    "id, folder, title, automatic_title, pinned, created_ms, updated_ms, deleted_ms, system_prompt, model, settings, "
    "draft, leaf, message_count, origin";

}  // namespace

std::int64_t nowMs() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::int64_t History::insertConversation(const Conversation& c) {
    SQLite::Statement insert(*m_db, R"sql(
        INSERT INTO conversations (folder, title, automatic_title, pinned, created_ms, updated_ms, deleted_ms,
            system_prompt, model, settings, draft, origin)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, coalesce(?, 'moescope:' || lower(hex(randomblob(16))))))sql");
    const std::int64_t now = nowMs();
    if (c.folder) insert.bind(1, *c.folder);
    insert.bind(2, withoutZeros(c.title));
    insert.bind(3, c.automatic_title ? 1 : 0);
    insert.bind(4, c.pinned ? 1 : 0);
    insert.bind(5, c.created_ms ? c.created_ms : now);
    insert.bind(6, c.updated_ms ? c.updated_ms : now);
    if (c.deleted_ms) insert.bind(7, std::max(*c.deleted_ms, kUnfinished + 1));
    insert.bind(8, withoutZeros(c.system_prompt));
    insert.bind(9, withoutZeros(c.model_path));
    insert.bind(10, withoutZeros(c.settings));
    insert.bind(11, withoutZeros(c.draft));
    if (!c.origin.empty()) insert.bind(12, withoutZeros(c.origin));
    insert.exec();
    return m_db->getLastInsertRowid();
}

Result<std::int64_t> History::createConversation(const Conversation& c) {
    return guarded(m_path, [&]() -> Result<std::int64_t> { return insertConversation(c); });
}

Result<Conversation> History::conversation(std::int64_t id) {
    return guarded(m_path, [&]() -> Result<Conversation> {
        SQLite::Statement row(*m_db, fmt::format("SELECT {} FROM conversations WHERE id = ? AND deleted_ms IS NOT ?",
                                                 kConversationColumns));
        row.bind(1, id);
        row.bind(2, kUnfinished);
        if (!row.executeStep()) return notFound(fmt::format("There is no chat {}.", id));
        return readConversation(row);
    });
}

Result<std::vector<Conversation>> History::conversations(const ConversationFilter& filter) {
    return guarded(m_path, [&]() -> Result<std::vector<Conversation>> {
        SQLite::Statement rows(
            *m_db, fmt::format("SELECT {} FROM conversations WHERE deleted_ms IS {} {} "
                               "ORDER BY pinned DESC, updated_ms DESC, id LIMIT ? OFFSET ?",
                               kConversationColumns,
                               filter.trash ? fmt::format("NOT NULL AND deleted_ms <> {}", kUnfinished) : "NULL",
                               filter.folder ? fmt::format("AND folder = {}", *filter.folder) : ""));
        rows.bind(1, filter.limit);
        rows.bind(2, filter.offset);
        std::vector<Conversation> found;
        while (rows.executeStep()) found.push_back(readConversation(rows));
        return found;
    });
}

Status History::update(const char* sql, std::int64_t id, const std::string& text) {
    return guarded(m_path, [&]() -> Status {
        SQLite::Statement statement(*m_db, sql);
        statement.bind(1, withoutZeros(text));
        statement.bind(2, id);
        if (statement.exec() == 0) return notFound("It is no longer in the history.");
        return {};
    });
}

Status History::update(const char* sql, std::int64_t id, std::optional<std::int64_t> number) {
    return guarded(m_path, [&]() -> Status {
        SQLite::Statement statement(*m_db, sql);
        if (number) statement.bind(1, *number);
        statement.bind(2, id);
        if (statement.exec() == 0) return notFound("It is no longer in the history.");
        return {};
    });
}

Status History::setTitle(std::int64_t id, const std::string& title, bool automatic) {
    return update(automatic ? "UPDATE conversations SET title = ?, automatic_title = 1 WHERE id = ?"
                            : "UPDATE conversations SET title = ?, automatic_title = 0 WHERE id = ?",
                  id, title);
}
Status History::setPinned(std::int64_t id, bool pinned) {
    return update("UPDATE conversations SET pinned = ? WHERE id = ?", id, std::int64_t{pinned});
}
Status History::setFolder(std::int64_t id, std::optional<std::int64_t> folder) {
    return update("UPDATE conversations SET folder = ? WHERE id = ?", id, folder);
}
Status History::setSystemPrompt(std::int64_t id, const std::string& text) {
    return update("UPDATE conversations SET system_prompt = ? WHERE id = ?", id, text);
}
Status History::setModel(std::int64_t id, const std::string& path) {
    return update("UPDATE conversations SET model = ? WHERE id = ?", id, path);
}
Status History::setConversationSettings(std::int64_t id, const std::string& json) {
    return update("UPDATE conversations SET settings = ? WHERE id = ?", id, json);
}
Status History::setDraft(std::int64_t id, const std::string& text) {
    return update("UPDATE conversations SET draft = ? WHERE id = ?", id, text);
}
Status History::setLeaf(std::int64_t id, std::optional<std::int64_t> message) {
    return update("UPDATE conversations SET leaf = ? WHERE id = ?", id, message);
}
Status History::moveToTrash(std::int64_t id) {
    return update("UPDATE conversations SET deleted_ms = ? WHERE id = ?", id, nowMs());
}
Status History::restore(std::int64_t id) {
    return update("UPDATE conversations SET deleted_ms = ? WHERE id = ?", id, std::optional<std::int64_t>());
}
Status History::purgeTrash(std::int64_t older_than_ms) {
    std::vector<std::int64_t> old;
    const Status found = guarded(m_path, [&]() -> Status {
        SQLite::Statement rows(*m_db, "SELECT id FROM conversations WHERE deleted_ms < ? AND deleted_ms <> ?");
        rows.bind(1, older_than_ms);
        rows.bind(2, kUnfinished);
        while (rows.executeStep()) old.push_back(rows.getColumn(0).getInt64());
        return {};
    });
    if (!found.ok()) return found;
    for (const std::int64_t id : old) {
        if (Status status = purge(id); !status.ok()) return status;
    }
    return {};
}

Result<std::vector<Folder>> History::folders() {
    return guarded(m_path, [&]() -> Result<std::vector<Folder>> {
        std::vector<Folder> found;
        SQLite::Statement rows(*m_db, "SELECT id, name FROM folders ORDER BY name COLLATE NOCASE, id");
        while (rows.executeStep()) found.push_back({rows.getColumn(0).getInt64(), rows.getColumn(1).getString()});
        return found;
    });
}
Result<std::int64_t> History::createFolder(const std::string& name) {
    return guarded(m_path, [&]() -> Result<std::int64_t> {
        SQLite::Statement insert(*m_db, "INSERT INTO folders (name) VALUES (?)");
        insert.bind(1, withoutZeros(name));
        insert.exec();
        return static_cast<std::int64_t>(m_db->getLastInsertRowid());
    });
}
Status History::renameFolder(std::int64_t id, const std::string& name) {
    return update("UPDATE folders SET name = ? WHERE id = ?", id, name);
}
Status History::deleteFolder(std::int64_t id) {
    return guarded(m_path, [&]() -> Status {
        SQLite::Statement statement(*m_db, "DELETE FROM folders WHERE id = ?");
        statement.bind(1, id);
        statement.exec();
        return {};
    });
}

SettingsStore History::settings() {
    return {*m_db, m_path};
}

}  // namespace moescope
