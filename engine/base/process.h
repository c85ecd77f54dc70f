#pragma once
// What a program is given by the one that started it.

namespace moescope {

/// To be called first in main(), before anything is opened or printed:
/// - standard streams that were closed get a descriptor that reads nothing and takes no writing. Else the next file
///   that is opened would get their number, and what is printed would go into it.
/// - a write to a pipe that nobody reads (SIGPIPE) or past a limit of size (SIGXFSZ) fails where it is made, with a
///   reason, and does not end the program.
void prepareProcess();

}  // namespace moescope
