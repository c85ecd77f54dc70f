#include "engine/base/resources.h"

#include <filesystem>

namespace moescope {

std::string findResource(std::string_view name) {
    namespace fs = std::filesystem;
    std::error_code error;
    const fs::path program = fs::read_symlink("/proc/self/exe", error);
    if (error) return {};
    for (const char* beside : {".", "../share/moescope", "../../share/moescope"}) {
        const fs::path path = (program.parent_path() / beside / name).lexically_normal();
        if (fs::exists(path, error)) return path.string();
    }
    return {};
}

}  // namespace moescope
