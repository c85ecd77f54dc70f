#pragma once
// Files that appear whole or not at all.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/status.h"

namespace moescope {

/// Writes beside the target; commit() syncs and puts it in place. Without commit() nothing of it stays and what was at
/// the target is untouched, also if the process is killed. The first error is kept and given by commit().
///
/// - A symbolic link stays: the file that it names is replaced, or made.
/// - A file that was there keeps its mode, and its owner and group where the user may give them; a new one gets the
///   mode that the umask leaves. One without write permission is refused, for root too.
/// - What is no regular file (a pipe, a terminal, a device, /dev/stdout, /dev/fd/N) is written straight into; what was
///   written before an error stays there. "-" is the standard output. A pipe that nobody reads is an error (where the
///   process ignores SIGPIPE; otherwise it ends as Unix programs do).
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
    void open();
    void openBeside(bool replaces);
    void fail(std::string_view what);
    void flush();
    /// Gives the file a name beside the target, if it has none yet.
    bool name();

    std::string m_path;                 // as it was asked for
    std::string m_target, m_temporary;  // where links lead to; "" as long as the file has no name
    int m_fd = -1;
    bool m_direct = false;
    std::string m_buffer;  // small writes are collected
    Status m_status;
};

}  // namespace moescope
