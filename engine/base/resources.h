#pragma once
// Finds what comes with the program, wherever the program was moved to: nothing of where it was built is in it.

#include <string>
#include <string_view>

namespace moescope {

/// The path of a file or folder of the program's own, such as "moescope-demo.gguf": beside the program, in
/// ../share/moescope (an installation), or in ../../share/moescope (a build folder). Empty if it is in none.
std::string findResource(std::string_view name);

}  // namespace moescope
