#include "engine/base/durable.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

namespace moescope {
namespace {
namespace fs = std::filesystem;
}

bool syncFile(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    const bool synced = ::fsync(fd) == 0;
    ::close(fd);
    return synced;
}

bool renameDurably(const std::string& from, const std::string& to) {
    if (!syncFile(from)) return false;
    std::error_code error;
    fs::rename(from, to, error);
    if (error) return false;
    syncFolderOf(to);
    return true;
}

void dropCache(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    ::close(fd);
}

bool createPrivateFile(const std::string& path) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (fd < 0) return false;
    ::close(fd);
    return true;
}

void syncFolderOf(const std::string& path) {
    const fs::path folder = fs::path(path).parent_path();
    syncFile(folder.empty() ? "." : folder.string());
}

bool diskIsFull(const std::string& path) {
    std::error_code error;
    const fs::path folder = fs::path(path).parent_path();
    const auto space = fs::space(folder.empty() ? "." : folder, error);
    return !error && space.available < (1u << 20);
}

}  // namespace moescope
