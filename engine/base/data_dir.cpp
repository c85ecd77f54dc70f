#include "engine/base/data_dir.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace moescope {
namespace {

/// $XDG_DATA_HOME/moescope or ~/.local/share/moescope, or the like; empty if neither is known.
std::string standardDir(const char* xdg_variable, const char* below_home) {
    const auto variable = [](const char* name) -> std::string {
        const char* value = std::getenv(name);
        return value ? value : "";
    };
    // The specification has relative values ignored.
    if (const std::string xdg = variable(xdg_variable); xdg.starts_with('/')) return xdg + "/moescope";
    if (const std::string home = variable("HOME"); !home.empty()) return home + below_home + "/moescope";
    return {};
}

}  // namespace

Result<std::string> prepareDataDir(const std::string& chosen) {
    const std::string path = chosen.empty() ? standardDir("XDG_DATA_HOME", "/.local/share") : chosen;
    if (path.empty()) {
        return notFound("No folder for the history is known, as HOME is not set; name one with --data-dir.");
    }
    std::error_code error;
    const bool existed = std::filesystem::exists(path, error);
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
    error.clear();  // what is wrong shows in the next step
    if (!existed && ::mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
        error.assign(errno, std::generic_category());
    }
    if (error || !std::filesystem::is_directory(path)) {
        return ioError(
            fmt::format("{}: the folder for the history cannot be created ({}); choose another with --data-dir.", path,
                        error ? error.message() : "a file with that name is in the way"));
    }
    if (!existed) ::chmod(path.c_str(), S_IRWXU);
    return path;
}

std::string cacheDir() {
    return standardDir("XDG_CACHE_HOME", "/.cache");
}

}  // namespace moescope
