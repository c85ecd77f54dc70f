#include "engine/backend/cpu/huge_buffer.h"

#include <fmt/format.h>
#include <sys/mman.h>

namespace moescope {

Result<HugeBuffer> HugeBuffer::allocate(std::size_t bytes) {
    HugeBuffer buffer;
    if (bytes == 0) return buffer;
    void* p = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) {
        return outOfMemory(
            fmt::format("{:.1f} GB of memory could not be reserved; close other programs or choose a "
                        "smaller model or context.",
                        static_cast<double>(bytes) / 1e9));
    }
    madvise(p, bytes, MADV_HUGEPAGE);  // a wish: faster where it is granted, right where it is not
    buffer.m_data = static_cast<unsigned char*>(p);
    buffer.m_size = bytes;
    return buffer;
}

HugeBuffer::~HugeBuffer() {
    if (m_data) munmap(m_data, m_size);
}

}  // namespace moescope
