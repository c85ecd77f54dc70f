#pragma once
// Locks between processes that the system drops when their owner dies.

#include <chrono>
#include <optional>
#include <string>

#include "engine/base/status.h"

namespace moescope {

/// Holds a flock() on a file, which is created (for this user alone) if need be; exclusive, unless it is shared.
/// Move-only; released when destroyed.
class FileLock {
public:
    using Patience = std::chrono::milliseconds;
    /// Waits for the lock. Errors: the file cannot be opened; kBusy, if another holder keeps it for longer than
    /// `patience`: the sentence names that program where the system tells which it is.
    static Result<FileLock> wait(const std::string& path, Patience patience);
    /// Waits until no one has it exclusively; many may share it.
    static Result<FileLock> waitShared(const std::string& path, Patience patience);
    /// nullopt if another holder (also one of this process) has it.
    static Result<std::optional<FileLock>> tryLock(const std::string& path);

    FileLock(FileLock&& other) noexcept : m_fd(std::exchange(other.m_fd, -1)) {}
    FileLock& operator=(FileLock&& other) noexcept {
        std::swap(m_fd, other.m_fd);
        return *this;
    }
    ~FileLock();

private:
    static Result<FileLock> waitFor(const std::string& path, int operation, Patience patience);
    bool names(const std::string& path) const;  // whether the file of that name is still the locked one
    explicit FileLock(int fd) : m_fd(fd) {}
    int m_fd = -1;
};

}  // namespace moescope
