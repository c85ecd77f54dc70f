#pragma once
// Where --out and --trace lead: a file, or the standard output for "-".

#include <cstdio>
#include <string>
#include <string_view>

namespace moescope::cli {

/// Whether a path stands for the standard output.
bool isStandardOutput(std::string_view path);

/// Where what a command says beside its output goes: to stderr where stdout takes the output itself.
std::FILE* besides(std::string_view path);

/// Throws Failure if bytes that are not text would go to a terminal.
void refuseTerminal(std::string_view path, bool is_text);

/// As long as it lives, what is printed on stdout goes to stderr, if `path` is the standard output.
class StandardOutputKept {
public:
    explicit StandardOutputKept(std::string_view path);
    ~StandardOutputKept();
    StandardOutputKept(const StandardOutputKept&) = delete;
    StandardOutputKept& operator=(const StandardOutputKept&) = delete;

private:
    int m_kept = -1;
};

}  // namespace moescope::cli
