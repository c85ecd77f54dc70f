#pragma once
// Locks between processes that the system drops when their owner dies.

#include <optional>
#include <string>

#include "engine/base/status.h"

namespace moescope {

/// Holds a flock() on a file, which is created if need be; exclusive, unless it is shared. Move-only; released when
/// destroyed.
class FileLock {
public:
    /// Waits for the lock. Error: the file cannot be opened.
    static Result<FileLock> wait(const std::string& path);
    /// Waits until no one has it exclusively; many may share it.
    static Result<FileLock> waitShared(const std::string& path);
    /// nullopt if another holder (also one of this process) has it.
    static Result<std::optional<FileLock>> tryLock(const std::string& path);

    FileLock(FileLock&& other) noexcept : m_fd(std::exchange(other.m_fd, -1)) {}
    FileLock& operator=(FileLock&& other) noexcept {
        std::swap(m_fd, other.m_fd);
        return *this;
    }
    ~FileLock();

private:
    static Result<FileLock> waitFor(const std::string& path, int operation);
    explicit FileLock(int fd) : m_fd(fd) {}
    int m_fd = -1;
};

}  // namespace moescope
