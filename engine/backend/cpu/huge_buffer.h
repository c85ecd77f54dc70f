#pragma once
// Large zeroed memory straight from the system, in huge pages where it has them.

#include <cstddef>
#include <utility>

#include "engine/base/status.h"

namespace moescope {

/// Move-only owner. Pages are taken as they are touched, and given back at once on destruction.
class HugeBuffer {
public:
    HugeBuffer() = default;
    static Result<HugeBuffer> allocate(std::size_t bytes);
    ~HugeBuffer();
    HugeBuffer(HugeBuffer&& other) noexcept
        : m_data(std::exchange(other.m_data, nullptr)), m_size(std::exchange(other.m_size, 0)) {}
    HugeBuffer& operator=(HugeBuffer&& other) noexcept {
        std::swap(m_data, other.m_data);
        std::swap(m_size, other.m_size);
        return *this;
    }

    unsigned char* data() const { return m_data; }  ///< aligned to a page
    std::size_t size() const { return m_size; }

private:
    unsigned char* m_data = nullptr;
    std::size_t m_size = 0;
};

}  // namespace moescope
