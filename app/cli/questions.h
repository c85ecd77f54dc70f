#pragma once
// The questions of a chat: typed at a terminal, or lines that a program or a file gives.

#include <memory>
#include <optional>
#include <string>

namespace moescope::cli {

/// At a terminal a question is edited with the arrow keys and those of emacs, earlier ones come back with the up key,
/// and what is pasted is one question, however many lines it has. Alt+Enter, or a backslash at the end of a line,
/// begins another line. Ctrl+C clears what was typed, Ctrl+D ends.
/// Elsewhere each line is a question; carriage returns at the end of lines and a byte order mark are not part of it.
class Questions {
public:
    /// `history_file` keeps what is typed, for the next time; empty: nothing is kept. It is readable by its owner only.
    explicit Questions(const std::string& history_file);
    ~Questions();
    Questions(const Questions&) = delete;
    Questions& operator=(const Questions&) = delete;

    /// Whether a person types them.
    bool typed() const { return m_editor != nullptr; }
    /// Asks for the next one; nullopt at the end. Valid UTF-8, perhaps empty.
    std::optional<std::string> next();

private:
    class Editor;
    std::unique_ptr<Editor> m_editor;  // of a terminal
    bool m_at_start = true;
};

}  // namespace moescope::cli
