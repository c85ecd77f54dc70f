#pragma once
// Who may read a history.

#include <string>

namespace moescope {

/// Takes from others the right to read or write what belongs to the history file at `path`, whatever the umask was when
/// it was made: the file with its journal, damaged and older ones beside it, locks, `backups` and `writers`, and
/// `data_dir` itself if nothing is in it that is not the program's. Only what is owned by this user; links are not
/// followed.
void makePrivate(const std::string& data_dir, const std::string& path);

/// Makes a folder (not those above it) for this user alone, unless it is there. False if it cannot be made.
bool createPrivateFolder(const std::string& path);

}  // namespace moescope
