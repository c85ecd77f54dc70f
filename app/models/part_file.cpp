#include "app/models/part_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "engine/base/durable.h"
#include "engine/base/foreign_text.h"

namespace moescope {
namespace {

/// The first bytes of a file. kIo: errno says why.
Status addFrom(int fd, std::uint64_t bytes, Sha256& hash, const std::stop_token& stop,
               const std::function<void(std::uint64_t)>& progress) {
    std::vector<std::byte> buffer(1 << 18);
    for (std::uint64_t at = 0; at < bytes;) {
        if (stop.stop_requested()) return stopped("The download was stopped.");
        const std::size_t want = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), bytes - at));
        const ssize_t got = ::pread(fd, buffer.data(), want, static_cast<off_t>(at));
        if (got < 0 && errno == EINTR) continue;
        if (got == 0) errno = EIO;  // it was longer a moment ago
        if (got <= 0) return ioError("The file cannot be read.");
        hash.add(std::span(buffer).first(static_cast<std::size_t>(got)));
        at += static_cast<std::uint64_t>(got);
        progress(at);
    }
    return {};
}

}  // namespace

Result<bool> isWhole(const std::string& path, std::uint64_t bytes, const std::string& sha256,
                     const std::stop_token& stop, const std::function<void(std::uint64_t)>& progress) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return false;
    struct stat about {};
    Status status;
    Sha256 hash;
    const bool same_size =
        ::fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && static_cast<std::uint64_t>(about.st_size) == bytes;
    if (same_size) status = addFrom(fd, bytes, hash, stop, progress);
    ::close(fd);
    if (status.code() == StatusCode::kStopped) return status;
    return same_size && status.ok() && hash.hex() == sha256;
}

PartFile::PartFile(PartFile&& other) noexcept
    : m_target(std::move(other.m_target)),
      m_fd(std::exchange(other.m_fd, -1)),
      m_mine(other.m_mine),
      m_size(other.m_size),
      m_hash(std::move(other.m_hash)) {}

PartFile::~PartFile() {
    if (m_fd < 0) return;
    if (m_mine && m_size == 0) ::unlink(path().c_str());
    ::close(m_fd);
}

Status PartFile::failed(const char* what) const {
    const std::string why = errno == EFBIG ? "it is longer than the system allows a file to be" : std::strerror(errno);
    return ioError(fmt::format("{} cannot be {}: {}. The partial download is kept.", quoted(path()), what, why));
}

Result<PartFile> PartFile::open(const std::string& target) {
    const std::string path = target + ".part";
    while (true) {
        const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
        PartFile part(target, fd);
        if (fd < 0) return part.failed("opened");
        if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
            if (errno != EWOULDBLOCK) return part.failed("locked");
            return busy(fmt::format("Another program is already downloading {}.", quoted(target)));
        }
        struct stat mine {
        }, there{};
        if (::fstat(fd, &mine) != 0) return part.failed("read");
        if (!S_ISREG(mine.st_mode)) return ioError(fmt::format("{} is not a file.", quoted(path)));
        // Whoever had the lock before may have given the file its name meanwhile.
        if (::stat(path.c_str(), &there) != 0 || mine.st_ino != there.st_ino) continue;
        part.m_size = static_cast<std::uint64_t>(mine.st_size);
        part.m_mine = true;
        return part;
    }
}

Status PartFile::readAgain(std::uint64_t most, const std::stop_token& stop,
                           const std::function<void(std::uint64_t)>& progress) {
    if (m_size > most) return restart();
    m_hash->restart();
    const Status status = addFrom(m_fd, m_size, *m_hash, stop, progress);
    return status.code() == StatusCode::kIo ? failed("read") : status;
}

Status PartFile::append(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t put = ::pwrite(m_fd, bytes.data(), bytes.size(), static_cast<off_t>(m_size));
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return failed("written");
        m_hash->add(bytes.first(static_cast<std::size_t>(put)));
        m_size += static_cast<std::uint64_t>(put);
        bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
    return {};
}

Status PartFile::restart() {
    m_hash->restart();
    m_size = 0;
    return ::ftruncate(m_fd, 0) == 0 ? Status() : failed("emptied");
}

Status PartFile::finish(const std::string& sha256) {
    if (m_hash->hex() != sha256) {
        if (Status status = restart(); !status.ok()) return status;
        return invalid(
            fmt::format("The downloaded {} is not what the hub lists (its SHA-256 differs).", quoted(m_target)));
    }
    if (!renameDurably(path(), m_target)) return failed("renamed");
    m_mine = false;
    return {};
}

}  // namespace moescope
