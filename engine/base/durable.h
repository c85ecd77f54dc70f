#pragma once
// Files that survive a power cut, and what the file system has left.

#include <string>

namespace moescope {

/// Waits until a file's bytes are on the disk. False if the system refuses.
bool syncFile(const std::string& path);

/// Gives `from` the name `to` (in the same folder) in one step, and waits until both its bytes and its name are on the
/// disk. False if it cannot be renamed; then nothing has changed.
bool renameDurably(const std::string& from, const std::string& to);

/// Makes an empty file that only this user may read, unless there is one of that name: SQLite writes into it, and gives
/// its journal the same permissions. False if it cannot be made.
bool createPrivateFile(const std::string& path);

/// Waits until the names in the folder of `path` are on the disk.
void syncFolderOf(const std::string& path);

/// Lets the system drop what it remembers of a file's bytes.
void dropCache(const std::string& path);

/// Whether the file system that holds `path` has less than 1 MB left.
bool diskIsFull(const std::string& path);

}  // namespace moescope
