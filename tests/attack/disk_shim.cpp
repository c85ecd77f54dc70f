// Preloaded into a program (LD_PRELOAD): records what it does to the files of one folder, or lets calls fail as a bad
// or full disk does.
//
//   MOESCOPE_SHIM_DIR     the folder (absolute); other files are left alone
//   MOESCOPE_SHIM_LOG     file that gets the record, see power_cut.py
//   MOESCOPE_SHIM_FAULT   CALL:N:ERRNO:once|ever: the N-th call of that name (open, pwrite, fsync, ftruncate, rename)
//                         fails, or it and all later ones
//
// What is written to stdout is recorded too: it tells what the program had promised at that time.

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>

namespace {

template <class F>
F real(const char* name) {
    return reinterpret_cast<F>(::dlsym(RTLD_NEXT, name));
}

bool ours(const char* path) {
    static const char* dir = std::getenv("MOESCOPE_SHIM_DIR");
    return dir && path && std::strncmp(path, dir, std::strlen(dir)) == 0;
}

bool ours(int fd) {
    if (fd <= 2) return false;
    char link[64], path[4096];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t n = ::readlink(link, path, sizeof path - 1);
    if (n <= 0) return false;
    path[n] = 0;
    return ours(path);
}

/// Whether this call is to fail; sets errno.
bool fails(const char* call) {
    static const char* fault = std::getenv("MOESCOPE_SHIM_FAULT");
    static std::atomic<long> calls = 0;
    if (!fault) return false;
    const std::size_t length = std::strlen(call);
    if (std::strncmp(fault, call, length) != 0 || fault[length] != ':') return false;
    long wanted = 0;
    int error = 0;
    char often[8] = "";
    if (std::sscanf(fault + length, ":%ld:%d:%7s", &wanted, &error, often) != 3) return false;
    const long now = ++calls;
    if (now != wanted && (now < wanted || std::strcmp(often, "ever") != 0)) return false;
    errno = error;
    return true;
}

void record(const char* kind, unsigned long inode, long long at, const void* data, std::size_t bytes) {
    static const char* path = std::getenv("MOESCOPE_SHIM_LOG");
    if (!path) return;
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    static const int log =
        real<int (*)(const char*, int, ...)>("open")(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    char head[128];
    const int n = std::snprintf(head, sizeof head, "%s %lu %lld %zu\n", kind, inode, at, bytes);
    std::string all(head, static_cast<std::size_t>(n));
    all.append(static_cast<const char*>(data), bytes);
    static const auto write_ = real<ssize_t (*)(int, const void*, size_t)>("write");
    for (std::size_t done = 0; done < all.size();) {
        const ssize_t written = write_(log, all.data() + done, all.size() - done);
        if (written <= 0) std::abort();
        done += static_cast<std::size_t>(written);
    }
}

bool isFolder(int fd) {
    struct stat found {};
    return ::fstat(fd, &found) == 0 && S_ISDIR(found.st_mode);
}

unsigned long inodeOf(int fd) {
    struct stat found {};
    ::fstat(fd, &found);
    return found.st_ino;
}

int opened(const char* path, int flags, int fd) {
    if (fd >= 0 && ours(path) && !isFolder(fd)) {
        record((flags & O_TRUNC) ? "create" : "open", inodeOf(fd), 0, path, std::strlen(path));
    }
    return fd;
}

ssize_t wrote(int fd, const void* data, ssize_t n, off_t at) {
    if (n > 0) record("write", inodeOf(fd), at, data, static_cast<std::size_t>(n));
    return n;
}

mode_t modeOf(int flags, va_list rest) {
    return (flags & O_CREAT) ? static_cast<mode_t>(va_arg(rest, int)) : 0;
}

}  // namespace

#define SHIM_OPEN(name)                                                       \
    extern "C" int name(const char* path, int flags, ...) {                   \
        va_list rest;                                                         \
        va_start(rest, flags);                                                \
        const mode_t mode = modeOf(flags, rest);                              \
        va_end(rest);                                                         \
        if (ours(path) && fails("open")) return -1;                           \
        static const auto next = real<int (*)(const char*, int, ...)>(#name); \
        return opened(path, flags, next(path, flags, mode));                  \
    }
SHIM_OPEN(open)
SHIM_OPEN(open64)

#define SHIM_PWRITE(name)                                                                   \
    extern "C" ssize_t name(int fd, const void* data, size_t bytes, off_t at) {             \
        static const auto next = real<ssize_t (*)(int, const void*, size_t, off_t)>(#name); \
        if (!ours(fd)) return next(fd, data, bytes, at);                                    \
        if (fails("pwrite")) return -1;                                                     \
        return wrote(fd, data, next(fd, data, bytes, at), at);                              \
    }
SHIM_PWRITE(pwrite)
SHIM_PWRITE(pwrite64)

extern "C" ssize_t write(int fd, const void* data, size_t bytes) {
    static const auto next = real<ssize_t (*)(int, const void*, size_t)>("write");
    if (fd == 1) {
        const ssize_t n = next(fd, data, bytes);
        if (n > 0) record("said", 0, 0, data, static_cast<std::size_t>(n));
        return n;
    }
    if (!ours(fd)) return next(fd, data, bytes);
    if (fails("pwrite")) return -1;
    const off_t at = ::lseek(fd, 0, SEEK_CUR);
    return wrote(fd, data, next(fd, data, bytes), at);
}

#define SHIM_TRUNCATE(name)                                        \
    extern "C" int name(int fd, off_t size) noexcept {             \
        static const auto next = real<int (*)(int, off_t)>(#name); \
        if (!ours(fd)) return next(fd, size);                      \
        if (fails("ftruncate")) return -1;                         \
        const int rc = next(fd, size);                             \
        if (rc == 0) record("truncate", inodeOf(fd), size, "", 0); \
        return rc;                                                 \
    }
SHIM_TRUNCATE(ftruncate)
SHIM_TRUNCATE(ftruncate64)

#define SHIM_SYNC(name)                                     \
    extern "C" int name(int fd) {                           \
        static const auto next = real<int (*)(int)>(#name); \
        if (!ours(fd)) return next(fd);                     \
        if (fails("fsync")) return -1;                      \
        const int rc = next(fd);                            \
        if (rc == 0) record("sync", inodeOf(fd), 0, "", 0); \
        return rc;                                          \
    }
SHIM_SYNC(fsync)
SHIM_SYNC(fdatasync)

extern "C" int rename(const char* from, const char* to) noexcept {
    static const auto next = real<int (*)(const char*, const char*)>("rename");
    if (!ours(to)) return next(from, to);
    if (fails("rename")) return -1;
    const int rc = next(from, to);
    const std::string both = std::string(from) + "\n" + to;
    if (rc == 0) record("rename", 0, 0, both.data(), both.size());
    return rc;
}

extern "C" int unlink(const char* path) noexcept {
    static const auto next = real<int (*)(const char*)>("unlink");
    const int rc = next(path);
    if (rc == 0 && ours(path)) record("unlink", 0, 0, path, std::strlen(path));
    return rc;
}

extern "C" int remove(const char* path) noexcept {
    static const auto next = real<int (*)(const char*)>("remove");
    const int rc = next(path);
    if (rc == 0 && ours(path)) record("unlink", 0, 0, path, std::strlen(path));
    return rc;
}
