#include "engine/base/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <climits>
#include <cstdio>
#include <cstring>
#include <optional>
#include <random>

#include "engine/base/foreign_text.h"

namespace moescope {
namespace {

/// The descriptor that a name stands for: "-", /dev/stdout and the like. They are not opened anew, as a file behind
/// them would then be written from its beginning.
std::optional<int> descriptorOf(std::string_view path) {
    if (path == "-" || path == "/dev/stdout") return STDOUT_FILENO;
    if (path == "/dev/stderr") return STDERR_FILENO;
    for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
        if (!path.starts_with(folder)) continue;
        const std::string_view number = path.substr(folder.size());
        int fd = -1;
        const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), fd);
        if (error == std::errc{} && end == number.data() + number.size() && fd >= 0) return fd;
    }
    return std::nullopt;
}

std::string folderOf(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

/// Where a chain of symbolic links ends, which need not be there; nullopt: they go in a circle.
std::optional<std::string> linkedTo(std::string path) {
    constexpr int kMostLinks = 40;  // as the system has it
    for (int i = 0; i < kMostLinks; ++i) {
        char target[PATH_MAX];
        const ssize_t length = readlink(path.c_str(), target, sizeof target);
        if (length < 0) return path;
        const std::string next(target, static_cast<std::size_t>(length));
        path = next.starts_with('/') ? next : folderOf(path) + "/" + next;
    }
    errno = ELOOP;
    return std::nullopt;
}

/// A name that nobody uses, in the target's folder.
std::string temporaryName(const std::string& target) {
    constexpr char kLetters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    std::random_device random;
    std::string name = folderOf(target) + "/.moescope-";
    for (int i = 0; i < 10; ++i) name += kLetters[random() % (sizeof kLetters - 1)];
    return name;
}

constexpr int kTries = 100;

}  // namespace

AtomicFile::AtomicFile(std::string path) : m_path(std::move(path)) {
    open();
}

AtomicFile::~AtomicFile() {
    if (m_fd < 0) return;
    close(m_fd);
    if (!m_temporary.empty()) unlink(m_temporary.c_str());
}

void AtomicFile::fail(std::string_view what) {
    if (!m_status.ok()) return;
    const int error = errno;
    m_status = ioError(fmt::format("{}: {}: {}.", harmless(m_path, true), what, std::strerror(error)));
}

void AtomicFile::open() {
    if (const auto fd = descriptorOf(m_path)) {
        m_direct = true;
        m_fd = fcntl(*fd, F_DUPFD_CLOEXEC, 3);
        if (m_fd < 0) fail("cannot be written");
        return;
    }
    const auto target = linkedTo(m_path);
    if (!target) return fail("cannot be written");
    m_target = *target;
    struct stat there {};
    if (stat(m_target.c_str(), &there) != 0) {
        if (errno != ENOENT) return fail("cannot be written");
        return openBeside(false);
    }
    if (S_ISDIR(there.st_mode)) {
        errno = EISDIR;
        return fail("cannot be written");
    }
    if (!S_ISREG(there.st_mode)) {
        m_direct = true;
        m_fd = ::open(m_target.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
        if (m_fd < 0) fail("cannot be written");
        return;
    }
    // rename() asks for the folder's permission only.
    const bool writable = (there.st_mode & 0222) != 0 && faccessat(AT_FDCWD, m_target.c_str(), W_OK, AT_EACCESS) == 0;
    if (!writable) {
        m_status = ioError(
            fmt::format("{}: it is write-protected; allow writing, or choose another name.", harmless(m_path, true)));
        return;
    }
    openBeside(true);
    if (!m_status.ok()) return;
    mode_t mode = there.st_mode & 0777;
    if (fchown(m_fd, there.st_uid, there.st_gid) != 0 && fchown(m_fd, static_cast<uid_t>(-1), there.st_gid) != 0) {
        mode &= ~mode_t{0070};  // they were for another group
    }
    if (fchmod(m_fd, mode) != 0) fail("cannot be written");
}

void AtomicFile::openBeside(bool replaces) {
    // Whoever may not read the old file must not read the new one for a moment.
    const mode_t mode = replaces ? 0600 : 0666;
    const std::string folder = folderOf(m_target);
    // A file without a name is gone when the process is; not all file systems have it.
    m_fd = ::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
    if (m_fd >= 0) return;
    const int error = errno;
    for (int i = 0; i < kTries && m_fd < 0; ++i) {
        m_temporary = temporaryName(m_target);
        m_fd = ::open(m_temporary.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, mode);
        if (m_fd < 0 && errno != EEXIST) break;
    }
    if (m_fd >= 0) return;
    m_temporary.clear();
    if (errno == 0) errno = error;
    fail("cannot be written");
}

bool AtomicFile::name() {
    if (!m_temporary.empty()) return true;
    const std::string self = fmt::format("/proc/self/fd/{}", m_fd);
    for (int i = 0; i < kTries; ++i) {
        const std::string candidate = temporaryName(m_target);
        if (linkat(AT_FDCWD, self.c_str(), AT_FDCWD, candidate.c_str(), AT_SYMLINK_FOLLOW) == 0) {
            m_temporary = candidate;
            return true;
        }
        if (errno != EEXIST) return false;
    }
    return false;
}

void AtomicFile::write(std::span<const std::byte> bytes) {
    if (!m_status.ok()) return;
    m_buffer.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    constexpr std::size_t kFlushBytes = 1 << 20;
    if (m_buffer.size() >= kFlushBytes) flush();
}

void AtomicFile::flush() {
    std::string_view rest = m_buffer;
    while (!rest.empty() && m_status.ok()) {
        const ssize_t written = ::write(m_fd, rest.data(), rest.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail("writing failed");
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    m_buffer.clear();
}

Status AtomicFile::commit() {
    if (m_status.ok()) flush();
    if (m_status.ok() && !m_direct) {
        if (fsync(m_fd) != 0) {
            fail("writing failed");
        } else if (!name() || std::rename(m_temporary.c_str(), m_target.c_str()) != 0) {
            fail("cannot be put in place");
        } else {
            m_temporary.clear();
        }
    }
    if (m_status.ok()) {
        // Some file systems say only now that there was no room.
        if (close(m_fd) != 0) fail("writing failed");
        m_fd = -1;
    }
    return m_status;
}

}  // namespace moescope
