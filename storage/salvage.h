#pragma once
// Reads what can be had of a history file that may be damaged, and merges it into another one.

#include <string>

#include "storage/database.h"

namespace moescope {

struct Salvaged {
    std::int64_t read = 0;                         ///< rows that could be read
    std::int64_t conversations = 0, messages = 0;  ///< that were added
};

/// Which conversations are added that are not there.
enum class Missing {
    kAll,
    kNew,  ///< only those with ids that were never used there: the others were purged
};

/// Adds to `to`, in its transaction, every conversation and message of the file at `from` that it does not have: the
/// same id with the same times is the same one; another one of that id gets a new id, and so do those under it. Parts
/// that cannot be read are stepped over. The file stays as it is: where it has a journal to be applied or no header, a
/// copy is made at `scratch` (removed afterwards), and lacking its header it gets that of the sound file `sound`.
/// Throws SQLite::Exception where not the damage is in the way but the disk or memory (no room for the copy, an error
/// while writing): then what was added is not all that there is.
Salvaged salvage(const std::string& from, const std::string& scratch, const std::string& sound, SQLite::Database& to,
                 Missing missing);

/// Makes trees of what was salvaged: messages whose conversation or parent is lost, shown branches that do not exist.
/// Changes nothing of a sound history.
void mend(SQLite::Database& db);

}  // namespace moescope
