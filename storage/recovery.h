#pragma once
// What is done with a history file that is damaged.

#include <optional>
#include <string>

#include "storage/database.h"

namespace moescope {

struct Recovered {
    std::string damaged_path;  ///< where the damaged file lies now
    std::int64_t conversations = 0, messages = 0;
};

/// Whether the file at `path` can be used: opens, is ours, passes a check whose length suits the file's size, or a
/// whole one if damage was seen before (see damageMark()), which also makes damaged indexes again. Throws
/// SQLite::Exception with SQLITE_CORRUPT or SQLITE_NOTADB if it is damaged.
void checkUsable(SQLite::Database& db, const std::string& path);

/// Makes the file of an empty history. It appears whole at `path` or not at all, so that an empty file is always
/// damage.
Status createFile(const std::string& path);

/// Puts the damaged file (and its journal) aside, and in its place a new one with every row that can still be read of
/// it and, for what is missing then, of the newest backup that can be read. The new file is whole before the damaged
/// one is moved: a program killed meanwhile loses nothing. Nobody else may have the file open.
Result<Recovered> recover(const std::string& path, const std::string& backups_dir);
/// Ends a recovery that was killed between its last steps; nullopt if there is none. To be called before `path` is
/// opened.
Result<std::optional<Recovered>> finishRecovery(const std::string& path);

}  // namespace moescope
