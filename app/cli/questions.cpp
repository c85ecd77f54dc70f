#include "app/cli/questions.h"

#include <fmt/format.h>
#include <histedit.h>
#include <langinfo.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cwchar>
#include <iostream>
#include <string_view>

#include "app/cli/common.h"
#include "storage/exchange/transcript.h"

namespace moescope::cli {
namespace {

// What terminals send around a text that is pasted, if they are asked to.
constexpr const char* kMarkPastes = "\033[?2004h";
constexpr const char* kDoNotMarkPastes = "\033[?2004l";
constexpr std::wstring_view kPasteEnds = L"\033[201~";

/// Line ends as "\n", without what is no text, and without the line ends that copying leaves at the end.
std::wstring plainText(std::wstring_view pasted) {
    std::wstring text;
    for (std::size_t i = 0; i < pasted.size(); ++i) {
        const wchar_t c = pasted[i];
        if (c == L'\r') {
            if (i + 1 >= pasted.size() || pasted[i + 1] != L'\n') text += L'\n';
        } else if (c == L'\n' || c == L'\t' || (c >= 0x20 && c != 0x7f)) {
            text += c;
        }
    }
    while (text.ends_with(L'\n')) text.pop_back();
    return text;
}

unsigned char insertPaste(EditLine* line, int) {
    std::wstring pasted;
    for (wchar_t c = 0; !pasted.ends_with(kPasteEnds) && el_wgetc(line, &c) == 1;) pasted += c;
    if (pasted.ends_with(kPasteEnds)) pasted.resize(pasted.size() - kPasteEnds.size());
    el_winsertstr(line, plainText(pasted).c_str());
    return CC_REFRESH;
}

unsigned char insertLineBreak(EditLine* line, int) {
    el_winsertstr(line, L"\n");
    return CC_REFRESH;
}

const char* g_prompt = "> ";  // libedit asks a function without a context
char* prompt(EditLine*) {
    return const_cast<char*>(g_prompt);
}

}  // namespace

class Questions::Editor {
public:
    explicit Editor(const std::string& history_file) : m_history_file(history_file) {
        // libedit reads characters as the locale has them. Numbers keep their point: only the kind of characters is
        // set.
        const char* locale = std::setlocale(LC_CTYPE, "");
        if (!locale || std::string_view(nl_langinfo(CODESET)) != "UTF-8") std::setlocale(LC_CTYPE, "C.UTF-8");
        m_line.reset(el_init("moescope-cli", stdin, stdout, stderr));
        if (!m_line) return;
        EditLine* line = m_line.get();
        el_set(line, EL_PROMPT, prompt);
        el_set(line, EL_EDITOR, "emacs");
        el_set(line, EL_SIGNAL, 1);
        el_set(line, EL_SETTY, "-d", "intr=", nullptr);  // Ctrl+C is a key while a question is typed
        // Wide: libedit never frees its copies of narrow names.
        el_wset(line, EL_ADDFN, L"moescope-paste", L"Insert pasted text", insertPaste);
        el_wset(line, EL_ADDFN, L"moescope-line", L"Start a new line", insertLineBreak);
        el_set(line, EL_BIND, "^C", "em-kill-line", nullptr);
        el_set(line, EL_BIND, "\033[200~", "moescope-paste", nullptr);
        el_set(line, EL_BIND, "\033\r", "moescope-line", nullptr);
        el_set(line, EL_BIND, "\033\n", "moescope-line", nullptr);
        // What terminals send for Home, End and Delete, whatever their descriptions say.
        for (const char* home : {"\033[H", "\033OH", "\033[1~"}) el_set(line, EL_BIND, home, "ed-move-to-beg", nullptr);
        for (const char* end : {"\033[F", "\033OF", "\033[4~"}) el_set(line, EL_BIND, end, "ed-move-to-end", nullptr);
        el_set(line, EL_BIND, "\033[3~", "ed-delete-next-char", nullptr);
        m_history.reset(history_init());
        if (!m_history) return;
        constexpr int kKept = 1000;
        history(m_history.get(), &m_event, H_SETSIZE, kKept);
        history(m_history.get(), &m_event, H_SETUNIQUE, 1);
        el_set(line, EL_HIST, history, m_history.get());
        if (!m_history_file.empty()) history(m_history.get(), &m_event, H_LOAD, m_history_file.c_str());
    }
    bool ok() const { return m_line != nullptr; }

    std::optional<std::string> next() {
        std::string question;
        bool more = true;
        for (g_prompt = "> "; more; g_prompt = "… ") {
            int count = 0;
            std::fputs(kMarkPastes, stdout);
            std::fflush(stdout);
            const char* line = el_gets(m_line.get(), &count);
            std::fputs(kDoNotMarkPastes, stdout);
            std::fflush(stdout);
            if (!line || count <= 0) {
                if (question.empty()) return std::nullopt;
                break;
            }
            std::string_view text(line, static_cast<std::size_t>(count));
            if (text.ends_with('\n')) text.remove_suffix(1);
            more = text.ends_with('\\');
            if (more) text.remove_suffix(1);
            question += text;
            if (more) question += '\n';
        }
        keep(question);
        return question;
    }

private:
    void keep(const std::string& question) {
        if (!m_history || question.find_first_not_of(" \t\n") == std::string::npos) return;
        history(m_history.get(), &m_event, H_ENTER, question.c_str());
        if (m_history_file.empty()) return;
        // After each one, as the program may be killed. libedit gives the file to its owner only; before it does so,
        // too.
        const mode_t mask = umask(077);
        history(m_history.get(), &m_event, H_SAVE, m_history_file.c_str());
        umask(mask);
    }

    struct EndLine {
        void operator()(EditLine* line) const { el_end(line); }
    };
    struct EndHistory {
        void operator()(History* history) const { history_end(history); }
    };
    std::string m_history_file;
    HistEvent m_event{};
    std::unique_ptr<History, EndHistory> m_history;  // outlives the line, which uses it
    std::unique_ptr<EditLine, EndLine> m_line;
};

Questions::Questions(const std::string& history_file) {
    const char* terminal = std::getenv("TERM");
    const bool can_edit = terminal && *terminal && std::string_view(terminal) != "dumb";
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || !can_edit) return;
    auto editor = std::make_unique<Editor>(history_file);
    if (editor->ok()) m_editor = std::move(editor);
}

Questions::~Questions() = default;

std::optional<std::string> Questions::next() {
    writeOut("\n");
    if (m_editor) {
        auto question = m_editor->next();
        if (question) *question = validUtf8(*question);
        return question;
    }
    writeOut("> ");
    std::string line;
    if (!std::getline(std::cin, line)) return std::nullopt;
    if (m_at_start && line.starts_with("\xef\xbb\xbf")) line.erase(0, 3);
    m_at_start = false;
    while (line.ends_with('\r')) line.pop_back();
    line = validUtf8(line);
    // A transcript of piped input reads like a conversation; a terminal has shown it already.
    if (!isatty(STDIN_FILENO)) writeOut(line + "\n");
    return line;
}

}  // namespace moescope::cli
