#include "storage/durable.h"

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
    syncFile(fs::path(to).parent_path());
    return true;
}

void removeDatabase(const std::string& path) {
    std::error_code ignored;
    for (const char* ending : {"-wal", "-shm", "-journal", ""}) fs::remove(path + ending, ignored);
}

bool diskIsFull(const std::string& path) {
    std::error_code error;
    const auto space = fs::space(fs::path(path).parent_path(), error);
    return !error && space.available < (1u << 20);
}

}  // namespace moescope
