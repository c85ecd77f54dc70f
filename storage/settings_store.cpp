#include "storage/settings_store.h"

#include "storage/database.h"
#include "storage/message_rows.h"

namespace moescope {

Result<std::string> SettingsStore::get(const std::string& key, const std::string& otherwise) const {
    return guarded(*m_path, [&]() -> Result<std::string> {
        SQLite::Statement row(*m_db, "SELECT value FROM settings WHERE key = ?");
        row.bind(1, key);
        return row.executeStep() ? row.getColumn(0).getString() : otherwise;
    });
}

Status SettingsStore::set(const std::string& key, const std::string& value) {
    return guarded(*m_path, [&]() -> Status {
        SQLite::Statement statement(*m_db, "INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)");
        statement.bind(1, key);
        statement.bind(2, withoutZeros(value));
        statement.exec();
        return {};
    });
}

}  // namespace moescope
