#include "engine/base/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace moescope {

AtomicFile::AtomicFile(std::string path) : m_path(std::move(path)), m_temporary(m_path + ".XXXXXX") {
    m_fd = mkstemp(m_temporary.data());
    if (m_fd < 0) {
        fail("cannot be written");
        return;
    }
    const mode_t mask = umask(0);
    umask(mask);
    fchmod(m_fd, 0666 & ~mask);  // mkstemp gives 0600; the file should be what open() would have made
}

AtomicFile::~AtomicFile() {
    if (m_fd < 0) return;
    close(m_fd);
    unlink(m_temporary.c_str());
}

void AtomicFile::fail(std::string_view what) {
    if (m_status.ok()) m_status = ioError(fmt::format("{}: {}: {}.", m_path, what, std::strerror(errno)));
}

void AtomicFile::write(std::span<const std::byte> bytes) {
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
    if (m_status.ok() && fsync(m_fd) != 0) fail("writing failed");
    if (m_status.ok() && std::rename(m_temporary.c_str(), m_path.c_str()) != 0) fail("cannot be put in place");
    if (m_status.ok()) {
        close(m_fd);
        m_fd = -1;
    }
    return m_status;
}

}  // namespace moescope
