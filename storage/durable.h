#pragma once
// Files that survive a power cut, and what the file system has left.

#include <string>

namespace moescope {

/// Waits until a file's bytes are on the disk. False if the system refuses.
bool syncFile(const std::string& path);

/// Gives `from` the name `to` (in the same folder) in one step, and waits until both its bytes and its name are on the
/// disk. False if it cannot be renamed; then nothing has changed.
bool renameDurably(const std::string& from, const std::string& to);

/// Removes a database file of ours and what SQLite keeps beside it.
void removeDatabase(const std::string& path);

/// Whether the file system that holds `path` has less than 1 MB left.
bool diskIsFull(const std::string& path);

}  // namespace moescope
