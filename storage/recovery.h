#pragma once
// What is done with a history file that is damaged.

#include <string>

#include "storage/database.h"

namespace moescope {

struct Recovered {
    std::string damaged_path;  ///< where the damaged file lies now
    std::int64_t conversations = 0, messages = 0;
};

/// Whether the file at `path` can be used: opens, is ours, passes a check whose length suits the file's size. Throws
/// SQLite::Exception with SQLITE_CORRUPT or SQLITE_NOTADB if it is damaged.
void checkUsable(SQLite::Database& db, const std::string& path);

/// Puts the damaged file (and its journal) aside, makes a new one at `path`, and copies into it every row that can
/// still be read of the damaged file and, for what is missing then, of the newest backup.
Result<Recovered> recover(const std::string& path, const std::string& backups_dir);

}  // namespace moescope
