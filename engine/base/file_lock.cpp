#include "engine/base/file_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>

#include "engine/base/foreign_text.h"

namespace moescope {
namespace {

/// Some file systems of others have no lasting numbers of files: there a lock is taken as it is.
constexpr int kMostTries = 100;

Result<int> openLockFile(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
    if (fd >= 0) return fd;
    const int error = errno;
    if (error == ENOSPC || error == EDQUOT) return ioError(fmt::format("{}: the disk is full; free some space.", path));
    return ioError(
        fmt::format("{}: cannot be opened ({}); check the folder's permissions.", path, std::strerror(error)));
}

/// "moescope (process 123)", or "another program" where the system does not tell.
std::string holderOf(int fd) {
    struct stat file {};
    if (::fstat(fd, &file) == 0) {
        const std::string wanted = fmt::format("{:02x}:{:02x}:{}", major(file.st_dev), minor(file.st_dev), file.st_ino);
        std::ifstream locks("/proc/locks");
        for (std::string line; std::getline(locks, line);) {
            std::istringstream fields(line);
            std::string number, kind, advisory, mode, where;
            long process = 0;
            fields >> number >> kind >> advisory >> mode >> process >> where;
            if (kind != "FLOCK" || where != wanted || process <= 0) continue;
            std::string name;
            std::getline(std::ifstream(fmt::format("/proc/{}/comm", process)), name);
            return name.empty() ? fmt::format("process {}", process)
                                : fmt::format("{} (process {})", harmless(name, true), process);
        }
    }
    return "another program";
}

}  // namespace

Result<FileLock> FileLock::wait(const std::string& path, Patience patience) {
    return waitFor(path, LOCK_EX, patience);
}

Result<FileLock> FileLock::waitShared(const std::string& path, Patience patience) {
    return waitFor(path, LOCK_SH, patience);
}

Result<FileLock> FileLock::waitFor(const std::string& path, int operation, Patience patience) {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + patience;
    for (int tries = 1;; ++tries) {
        const auto fd = openLockFile(path);
        if (!fd.ok()) return fd.status();
        FileLock lock(*fd);
        while (::flock(*fd, operation | LOCK_NB) != 0) {
            if (errno != EINTR && errno != EWOULDBLOCK) {
                return ioError(fmt::format("{}: cannot be locked ({}).", path, std::strerror(errno)));
            }
            if (Clock::now() >= end) {
                return busy(
                    fmt::format("{}: {} has kept the history locked for a while; wait until it is done, or end it, "
                                "then try again.",
                                path, holderOf(*fd)));
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        // Whoever had it may have removed it: then the next one would lock another file of that name.
        if (lock.names(path) || tries == kMostTries) return lock;
    }
}

Result<std::optional<FileLock>> FileLock::tryLock(const std::string& path) {
    for (int tries = 1;; ++tries) {
        const auto fd = openLockFile(path);
        if (!fd.ok()) return fd.status();
        FileLock lock(*fd);
        if (::flock(*fd, LOCK_EX | LOCK_NB) == 0) {
            if (lock.names(path) || tries == kMostTries) return std::optional<FileLock>(std::move(lock));
            continue;
        }
        if (errno == EWOULDBLOCK) return std::optional<FileLock>();
        if (errno != EINTR) return ioError(fmt::format("{}: cannot be locked ({}).", path, std::strerror(errno)));
    }
}

bool FileLock::names(const std::string& path) const {
    struct stat locked {
    }, named{};
    return ::fstat(m_fd, &locked) == 0 && ::stat(path.c_str(), &named) == 0 && locked.st_ino == named.st_ino &&
           locked.st_dev == named.st_dev;
}

FileLock::~FileLock() {
    if (m_fd >= 0) ::close(m_fd);
}

}  // namespace moescope
