#pragma once
// The tables of a history, and how older ones become the newest.

#include "storage/database.h"

namespace moescope {

/// `PRAGMA application_id` of our files: "Moes".
inline constexpr int kApplicationId = 0x4d6f6573;
/// `PRAGMA user_version` that this program writes.
int schemaVersion();

/// Takes a file from its version to the newest, or in tests to an older one, each step in a transaction of its own.
/// Throws SQLite::Exception.
void migrate(SQLite::Database& db, int version = schemaVersion());

/// Gives a file that has lost its version (tools that copy tables do not copy it) the one whose tables, indexes and
/// triggers it has. False if it has those of none. Throws SQLite::Exception.
bool adoptVersion(SQLite::Database& db);

}  // namespace moescope
