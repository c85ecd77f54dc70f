#include "storage/privacy.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace moescope {
namespace {

namespace fs = std::filesystem;

/// Of a file, or of a folder itself.
void tighten(const fs::path& path) {
    struct stat found {};
    if (::lstat(path.c_str(), &found) != 0 || found.st_uid != ::geteuid()) return;
    if (!S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode)) return;
    constexpr mode_t kOthers = S_IRWXG | S_IRWXO;
    if (found.st_mode & kOthers) ::chmod(path.c_str(), found.st_mode & 07777 & ~kOthers);
}

void tightenAllIn(const fs::path& folder) {
    std::error_code error;
    if (!fs::is_directory(fs::symlink_status(folder, error))) return;
    tighten(folder);
    for (const auto& entry : fs::directory_iterator(folder, error)) tighten(entry.path());
}

bool isLock(const std::string& name) {
    return name == "opening.lock" || name == "in-use.lock" || name == "backing-up.lock";
}

/// Names of what the program makes in its folder: the history's files, the window's and the command line's.
bool isOurs(const std::string& name) {
    for (const char* own : {"backups", "writers", "models", "server-keys.json", "typed-questions"}) {
        if (name == own) return true;
    }
    return isLock(name) || name.starts_with("history.") || name.starts_with("window.");
}

}  // namespace

void makePrivate(const std::string& data_dir, const std::string& path) {
    std::error_code error;
    const fs::path beside = fs::path(path).parent_path();
    const std::string stem = fs::path(path).stem().string() + ".";
    for (const auto& entry : fs::directory_iterator(beside, error)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with(stem) || isLock(name)) tighten(entry.path());
    }
    tightenAllIn(beside / "writers");
    tightenAllIn(fs::path(data_dir) / "backups");
    bool ours = true;
    for (const auto& entry : fs::directory_iterator(data_dir, error)) {
        ours = ours && isOurs(entry.path().filename().string());
    }
    if (ours && !error) tighten(data_dir);
}

bool createPrivateFolder(const std::string& path) {
    return ::mkdir(path.c_str(), S_IRWXU) == 0 || errno == EEXIST;
}

}  // namespace moescope
