#pragma once
// Files that appear whole or not at all.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/status.h"

namespace moescope {

/// Writes to a temporary name in the target's folder; commit() syncs and renames. Without commit() nothing of it
/// stays and what was at the target is untouched. The first error is kept and given by commit().
class AtomicFile {
public:
    explicit AtomicFile(std::string path);
    ~AtomicFile();
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    void write(std::span<const std::byte> bytes);
    void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
    const Status& status() const { return m_status; }
    Status commit();

private:
    void fail(std::string_view what);

    std::string m_path, m_temporary;
    int m_fd = -1;
    std::string m_buffer;  // small writes are collected
    void flush();
    Status m_status;
};

}  // namespace moescope
