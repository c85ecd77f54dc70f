#pragma once
// What is done with a history file that is damaged.

#include <optional>
#include <string>

#include "storage/database.h"

namespace moescope {

struct Recovered {
    std::string damaged_path;  ///< where the damaged file is now
    std::int64_t conversations = 0, messages = 0;
};

/// Whether the file at `path` can be used: opens, is ours, passes a check whose length suits the file's size, or a
/// whole one if damage was seen before (see damageMark()), which also makes damaged indexes again. Throws
/// SQLite::Exception with SQLITE_CORRUPT or SQLITE_NOTADB if it is damaged.
void checkUsable(SQLite::Database& db, const std::string& path);

/// Makes the file of an empty history. It appears whole at `path` or not at all (a full disk), so that an empty file is
/// always damage.
Status createFile(const std::string& path);

/// Puts the damaged file (and its journal) aside, and in its place a new one with every row that can still be read of
/// it and, for what is missing then, of the newest backup that can be read, and of earlier damaged files that were not
/// looked at. The new file is whole, on the disk and checked before the damaged one is moved: a program killed
/// meanwhile, a disk that fills or fails lose nothing. About as much room as the damaged file takes must be free, twice
/// that if it has a journal. Nobody else may have the file open.
Result<Recovered> recover(const std::string& path, const std::string& backups_dir);
/// Ends a recovery that was killed between its last steps; nullopt if there is none. To be called before `path` is
/// opened.
Result<std::optional<Recovered>> finishRecovery(const std::string& path);

/// Adds to a sound history what damaged files beside it hold that was not recovered. Each is looked at once, which is
/// noted in the history. Gives what was added, and the path of the last file that something came from ("": nothing).
Result<Recovered> lookAgain(SQLite::Database& db, const std::string& path);

/// Removes what a program that was killed while it made or recovered the history at `path` has left beside it. To be
/// called when nobody does, and after lookAgain().
void removeLeftovers(const std::string& path);

}  // namespace moescope
