#include "app/cli/output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "app/cli/common.h"

namespace moescope::cli {

bool isStandardOutput(std::string_view path) {
    return path == "-" || path == "/dev/stdout" || path == "/dev/fd/1" || path == "/proc/self/fd/1";
}

void sayBesides(std::string_view path, std::string_view line) {
    if (isStandardOutput(path)) return note(line);
    writeOut(std::string(line) + "\n");
}

void refuseTerminal(std::string_view path, bool is_text) {
    if (is_text || !isStandardOutput(path) || !isatty(STDOUT_FILENO)) return;
    throw Failure{"The output is not text, and stdout is a terminal; redirect it to a file or a program."};
}

StandardOutputKept::StandardOutputKept(std::string_view path) {
    if (!isStandardOutput(path)) return;
    std::fflush(stdout);
    m_kept = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    if (m_kept >= 0) dup2(STDERR_FILENO, STDOUT_FILENO);
}

StandardOutputKept::~StandardOutputKept() {
    if (m_kept < 0) return;
    std::fflush(stdout);
    dup2(m_kept, STDOUT_FILENO);
    close(m_kept);
}

}  // namespace moescope::cli
