#include "engine/format/mapped_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace moescope {

Result<MappedFile> MappedFile::open(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        const std::string message = fmt::format("{}: cannot be opened: {}.", path, std::strerror(errno));
        return errno == ENOENT ? notFound(message) : ioError(message);
    }
    struct stat status = {};
    const bool known = fstat(fd, &status) == 0;
    MappedFile file;
    Status error;
    if (!known || !S_ISREG(status.st_mode)) {
        error = ioError(fmt::format("{}: is not a regular file.", path));
    } else if (status.st_size > 0) {
        const auto size = static_cast<std::size_t>(status.st_size);
        void* p = mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0);
        if (p == MAP_FAILED) {
            error = ioError(fmt::format("{}: cannot be mapped into memory: {}.", path, std::strerror(errno)));
        } else {
            file.m_data = static_cast<const std::byte*>(p);
            file.m_size = size;
        }
    }
    close(fd);  // the mapping keeps the file
    if (!error.ok()) return error;
    return file;
}

MappedFile::~MappedFile() {
    if (m_data) munmap(const_cast<std::byte*>(m_data), m_size);
}

namespace {

std::uintptr_t pageBytes() {
    return static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

void MappedFile::populate(std::span<const std::byte> part) const {
#ifdef MADV_POPULATE_READ
    if (!m_data) return;
    const auto begin = reinterpret_cast<std::uintptr_t>(part.data()) / pageBytes() * pageBytes();
    const auto end = reinterpret_cast<std::uintptr_t>(part.data()) + part.size();
    madvise(reinterpret_cast<void*>(begin), end - begin, MADV_POPULATE_READ);  // only a wish
#endif
}

void MappedFile::release(std::span<const std::byte> part) const {
    if (!m_data) return;
    const auto page = pageBytes();
    const auto begin = (reinterpret_cast<std::uintptr_t>(part.data()) + page - 1) / page * page;
    const auto end = (reinterpret_cast<std::uintptr_t>(part.data()) + part.size()) / page * page;
    if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

}  // namespace moescope
