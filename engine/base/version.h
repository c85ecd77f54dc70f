#pragma once
// Which version this is. The body is written by each build (version.cmake), so that only it is compiled again.

namespace moescope {

/// Such as "0.1.0"; of sources some commits after a release, "0.1.0+12.g1a2b3c4".
const char* programVersion();

}  // namespace moescope
