#pragma once
// What programs keep under a key: settings, the draft of a chat that is not stored yet, where the window was. In the
// history's file, as some of it changes in one step with chats. See History::settings().

#include <string>

#include "engine/base/status.h"

namespace SQLite {
class Database;
}

namespace moescope {

/// A view of an open history: of its thread, and no longer-lived than it.
class SettingsStore {
public:
    /// The value of `key`, or `otherwise` where nothing was set.
    Result<std::string> get(const std::string& key, const std::string& otherwise) const;
    /// Is on the disk when this returns.
    Status set(const std::string& key, const std::string& value);

private:
    friend class History;
    SettingsStore(SQLite::Database& db, const std::string& path) : m_db(&db), m_path(&path) {}
    SQLite::Database* m_db;
    const std::string* m_path;  // for sentences
};

}  // namespace moescope
