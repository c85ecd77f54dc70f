#include "storage/file_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace moescope {
namespace {

Result<int> openLockFile(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0) return fd;
    return ioError(
        fmt::format("{}: cannot be opened ({}); check the folder's permissions.", path, std::strerror(errno)));
}

}  // namespace

Result<FileLock> FileLock::wait(const std::string& path) {
    return waitFor(path, LOCK_EX);
}

Result<FileLock> FileLock::waitShared(const std::string& path) {
    return waitFor(path, LOCK_SH);
}

Result<FileLock> FileLock::waitFor(const std::string& path, int operation) {
    const auto fd = openLockFile(path);
    if (!fd.ok()) return fd.status();
    FileLock lock(*fd);
    while (::flock(*fd, operation) != 0) {
        if (errno != EINTR) return ioError(fmt::format("{}: cannot be locked ({}).", path, std::strerror(errno)));
    }
    return lock;
}

Result<std::optional<FileLock>> FileLock::tryLock(const std::string& path) {
    const auto fd = openLockFile(path);
    if (!fd.ok()) return fd.status();
    FileLock lock(*fd);
    if (::flock(*fd, LOCK_EX | LOCK_NB) == 0) return std::optional<FileLock>(std::move(lock));
    if (errno == EWOULDBLOCK) return std::optional<FileLock>();
    return ioError(fmt::format("{}: cannot be locked ({}).", path, std::strerror(errno)));
}

FileLock::~FileLock() {
    if (m_fd >= 0) ::close(m_fd);
}

}  // namespace moescope
