#pragma once
// A file mapped read-only into memory.

#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "engine/base/status.h"

namespace moescope {

/// Move-only owner of the mapping. Bytes are read from disk as they are touched.
class MappedFile {
public:
    MappedFile() = default;
    static Result<MappedFile> open(const std::string& path);
    ~MappedFile();
    MappedFile(MappedFile&& other) noexcept
        : m_data(std::exchange(other.m_data, nullptr)), m_size(std::exchange(other.m_size, 0)) {}
    MappedFile& operator=(MappedFile&& other) noexcept {
        std::swap(m_data, other.m_data);
        std::swap(m_size, other.m_size);
        return *this;
    }

    std::span<const std::byte> bytes() const { return {m_data, m_size}; }

    /// Asks the system to map `part` in one go, which is many times cheaper than a fault for each page.
    void populate(std::span<const std::byte> part) const;

    /// Tells the system that the whole pages within `part` are not needed for now; they are read again on a touch.
    void release(std::span<const std::byte> part) const;

private:
    const std::byte* m_data = nullptr;
    std::size_t m_size = 0;
};

}  // namespace moescope
