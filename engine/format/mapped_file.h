#pragma once
// A file mapped read-only into memory.

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <span>
#include <string>
#include <utility>

#include "engine/base/status.h"

namespace moescope {

/// Move-only owner of the mapping. Bytes are read from disk as they are touched.
///
/// A file may be cut short while it is mapped, and its drive may fail or be pulled. Touching what is gone would end the
/// program with SIGBUS; here the whole mapping becomes zeros instead, and intact() says so. Whoever has read from the
/// mapping asks intact() before trusting what was read. (The handler is the program's one for SIGBUS from the first
/// open() on; faults elsewhere go on to the handler before.)
class MappedFile {
public:
    MappedFile() = default;
    /// Errors: nothing there, not a regular file (which is not waited for: a named pipe may never answer), no memory.
    static Result<MappedFile> open(const std::string& path);
    ~MappedFile();
    MappedFile(MappedFile&& other) noexcept
        : m_data(std::exchange(other.m_data, nullptr)),
          m_size(std::exchange(other.m_size, 0)),
          m_guard(std::exchange(other.m_guard, nullptr)),
          m_origin(std::exchange(other.m_origin, {})) {}
    MappedFile& operator=(MappedFile&& other) noexcept {
        std::swap(m_data, other.m_data);
        std::swap(m_size, other.m_size);
        std::swap(m_guard, other.m_guard);
        std::swap(m_origin, other.m_origin);
        return *this;
    }

    std::span<const std::byte> bytes() const { return {m_data, m_size}; }

    /// Ok if all that was read so far were the bytes of the file as it was when it was opened. Else a sentence that
    /// names it: it could not be read to its end, or someone wrote into it.
    Status intact() const;

    /// Tells this file from others and from what it was before: 32 hexadecimal digits of its size, the time of its last
    /// change, and its first MB. Empty for an empty file, and for one that cannot be read.
    std::string fingerprint() const;

    /// Asks the system to map `part` in one go, which is many times cheaper than a fault for each page.
    void populate(std::span<const std::byte> part) const;

    /// Asks the system for huge pages, which miss fewer translations of addresses. Some have them for files as well,
    /// for what they read from then on.
    void preferHugePages() const;

    /// Tells the system that the whole pages within `part` are not needed for now; they are read again on a touch.
    void release(std::span<const std::byte> part) const;

    struct Guard;  ///< what the handler of SIGBUS knows of a mapping

private:
    /// The file as it was when it was opened.
    struct Origin {
        std::string path;
        std::uint64_t device = 0, inode = 0;
        std::timespec changed{};
    };
    const std::byte* m_data = nullptr;
    std::size_t m_size = 0;
    Guard* m_guard = nullptr;
    Origin m_origin;
};

}  // namespace moescope
