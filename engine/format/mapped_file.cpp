#include "engine/format/mapped_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <mutex>

#include "engine/base/fingerprint.h"

namespace moescope {

/// Never freed, as the handler may be looking at it; used again for the next mapping.
struct MappedFile::Guard {
    std::atomic<std::uintptr_t> begin{0}, end{0};  ///< whole pages; 0: not in use
    std::atomic<bool> lost{false};
    Guard* next = nullptr;
};

namespace {

std::atomic<MappedFile::Guard*> g_guards{nullptr};
std::mutex g_guards_mutex;  // for those that take and give back
struct sigaction g_previous = {};

std::uintptr_t pageBytes() {
    static const auto bytes = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    return bytes;
}

/// Puts zeros in place of a mapping that cannot be read. Only calls what a signal handler may.
void onBusError(int number, siginfo_t* info, void* context) {
    const int saved_errno = errno;
    const auto at = reinterpret_cast<std::uintptr_t>(info->si_addr);
    for (MappedFile::Guard* guard = g_guards.load(); guard; guard = guard->next) {
        const std::uintptr_t begin = guard->begin.load(), end = guard->end.load();
        if (at < begin || at >= end) continue;
        // All of it: a file that was cut to nothing would fault for each of its millions of pages.
        void* p = mmap(reinterpret_cast<void*>(begin), end - begin, PROT_READ,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
        if (p == MAP_FAILED) break;
        guard->lost = true;
        errno = saved_errno;
        return;
    }
    errno = saved_errno;
    if (g_previous.sa_flags & SA_SIGINFO) {
        g_previous.sa_sigaction(number, info, context);
    } else if (g_previous.sa_handler != SIG_DFL && g_previous.sa_handler != SIG_IGN) {
        g_previous.sa_handler(number);
    } else {
        signal(SIGBUS, SIG_DFL);  // the access is tried again, and ends the program
    }
}

void installHandler() {
    static const bool installed = [] {
        pageBytes();
        struct sigaction action = {};
        action.sa_sigaction = onBusError;
        action.sa_flags = SA_SIGINFO | SA_RESTART;
        sigemptyset(&action.sa_mask);
        return sigaction(SIGBUS, &action, &g_previous) == 0;
    }();
    static_cast<void>(installed);
}

MappedFile::Guard* takeGuard(const void* data, std::size_t size) {
    const std::lock_guard lock(g_guards_mutex);
    MappedFile::Guard* guard = g_guards.load();
    while (guard && guard->end.load() != 0) guard = guard->next;
    if (!guard) {
        guard = new MappedFile::Guard;
        guard->next = g_guards.load();
        g_guards = guard;
    }
    const auto begin = reinterpret_cast<std::uintptr_t>(data);
    guard->lost = false;
    guard->begin = begin;
    guard->end = begin + (size + pageBytes() - 1) / pageBytes() * pageBytes();
    return guard;
}

void giveBack(MappedFile::Guard* guard) {
    const std::lock_guard lock(g_guards_mutex);
    guard->end = 0;
    guard->begin = 0;
}

constexpr std::size_t kHugePage = 2u << 20;

std::size_t wholeHugePages(std::size_t bytes) {
    return (bytes + kHugePage - 1) / kHugePage * kHugePage;
}

/// A range of `bytes` addresses that starts on a huge page, with no access yet; null if there is none.
void* reserve(std::size_t bytes) {
    const std::size_t size = wholeHugePages(bytes);
    void* p = mmap(nullptr, size + kHugePage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) return nullptr;
    const auto begin = reinterpret_cast<std::uintptr_t>(p), aligned = wholeHugePages(begin);
    if (aligned > begin) munmap(p, aligned - begin);
    const std::uintptr_t end = aligned + (bytes + pageBytes() - 1) / pageBytes() * pageBytes();
    munmap(reinterpret_cast<void*>(end), begin + size + kHugePage - end);
    return reinterpret_cast<void*>(aligned);
}

bool sameTime(const std::timespec& a, const std::timespec& b) {
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

}  // namespace

Result<MappedFile> MappedFile::open(const std::string& path) {
    installHandler();
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // of use for named pipes only
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
        void* at = reserve(size);
        void* p = mmap(at, size, PROT_READ, MAP_SHARED | (at ? MAP_FIXED : 0), fd, 0);
        if (p == MAP_FAILED) {
            error = ioError(fmt::format("{}: cannot be mapped into memory: {}.", path, std::strerror(errno)));
            if (at) munmap(at, size);
        } else {
            file.m_data = static_cast<const std::byte*>(p);
            file.m_size = size;
            file.m_guard = takeGuard(p, size);
            file.m_origin = {path, status.st_dev, status.st_ino, status.st_mtim};
        }
    }
    close(fd);  // the mapping keeps the file
    if (!error.ok()) return error;
    return file;
}

MappedFile::~MappedFile() {
    if (!m_data) return;
    giveBack(m_guard);
    munmap(const_cast<std::byte*>(m_data), m_size);
}

Status MappedFile::intact() const {
    if (!m_data) return {};
    if (m_guard->lost) {
        return ioError(
            fmt::format("{}: could not be read to its end: it was cut short in the meantime, or its drive "
                        "failed or was removed; open it again when it is complete.",
                        m_origin.path));
    }
    // Another file of this name is none of ours; one that is gone by name is still there for those who opened it.
    struct stat now = {};
    const bool same =
        stat(m_origin.path.c_str(), &now) == 0 && now.st_dev == m_origin.device && now.st_ino == m_origin.inode;
    if (same && (static_cast<std::size_t>(now.st_size) != m_size || !sameTime(now.st_mtim, m_origin.changed))) {
        return ioError(
            fmt::format("{}: was changed while it was being read; open it again when it is complete.", m_origin.path));
    }
    return {};
}

std::string MappedFile::fingerprint() const {
    if (!m_data) return {};
    constexpr std::size_t kHead = 1u << 20;
    const std::uint64_t numbers[] = {m_size, static_cast<std::uint64_t>(m_origin.changed.tv_sec),
                                     static_cast<std::uint64_t>(m_origin.changed.tv_nsec)};
    Fingerprint fingerprint;
    fingerprint.add(std::as_bytes(std::span(numbers)));
    fingerprint.add(bytes().first(std::min(m_size, kHead)));
    return m_guard->lost ? std::string() : fingerprint.text();
}

void MappedFile::populate(std::span<const std::byte> part) const {
#ifdef MADV_POPULATE_READ
    if (!m_data) return;
    const auto begin = reinterpret_cast<std::uintptr_t>(part.data()) / pageBytes() * pageBytes();
    const auto end = reinterpret_cast<std::uintptr_t>(part.data()) + part.size();
    madvise(reinterpret_cast<void*>(begin), end - begin, MADV_POPULATE_READ);  // only a wish
#endif
}

void MappedFile::preferHugePages() const {
    if (m_data) madvise(const_cast<std::byte*>(m_data), m_size, MADV_HUGEPAGE);  // only a wish
}

void MappedFile::release(std::span<const std::byte> part) const {
    if (!m_data) return;
    const auto page = pageBytes();
    const auto begin = (reinterpret_cast<std::uintptr_t>(part.data()) + page - 1) / page * page;
    const auto end = (reinterpret_cast<std::uintptr_t>(part.data()) + part.size()) / page * page;
    if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

}  // namespace moescope
