#pragma once
// The tables of a history, and how older ones become the newest.

#include "storage/database.h"

namespace moescope {

/// `PRAGMA application_id` of our files: "Moes".
inline constexpr int kApplicationId = 0x4d6f6573;
/// `PRAGMA user_version` that this program writes.
int schemaVersion();

/// Takes a file from its version to the newest, each step in a transaction of its own. Throws SQLite::Exception.
void migrate(SQLite::Database& db);

}  // namespace moescope
