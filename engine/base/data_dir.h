#pragma once
// Where the program keeps what belongs to its user.

#include <string>

#include "engine/base/status.h"

namespace moescope {

/// `chosen` if it is not empty, else $XDG_DATA_HOME/moescope or ~/.local/share/moescope. Creates the folder (and those
/// above it) for this user alone. Error: it cannot be created, or something else has its name.
Result<std::string> prepareDataDir(const std::string& chosen);

/// Where the program keeps what it can make again: $XDG_CACHE_HOME/moescope or ~/.cache/moescope, which need not be
/// there. Empty if neither is known.
std::string cacheDir();

}  // namespace moescope
