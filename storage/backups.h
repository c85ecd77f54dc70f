#pragma once
// The copies of a history in `backups`.

#include <string>
#include <vector>

namespace moescope {

/// Those that hold most first: by how many conversations and messages had ever been made when they were written, which
/// no clock can be wrong about, then by the time of writing. What cannot be read comes last.
std::vector<std::string> backupsNewestFirst(const std::string& folder);

}  // namespace moescope
