#pragma once
// Where --out and --trace lead: a file, or the standard output for "-".

#include <string>
#include <string_view>

namespace moescope::cli {

/// Whether a path stands for the standard output.
bool isStandardOutput(std::string_view path);

/// Prints what a command says beside its output, a line: on stderr where stdout takes the output itself.
void sayBesides(std::string_view path, std::string_view line);

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
