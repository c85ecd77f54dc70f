#include "app/window/crash_note.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "engine/base/foreign_text.h"
#include "engine/base/version.h"

namespace moescope {
namespace {

constexpr const char* kName = "crash-note";

// What the handler reads: nothing of it is allocated or changed by parts.
std::array<char, 4096> g_path{};
std::atomic<const char*> g_action{"starting"};
std::array<unsigned char, 64 << 10> g_stack{};  // also where the program's own is full

struct CrashSignal {
    int number;
    const char* name;
};
constexpr CrashSignal kSignals[] = {
    {SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"}, {SIGILL, "SIGILL"}, {SIGFPE, "SIGFPE"}, {SIGABRT, "SIGABRT"}};

std::filesystem::path pathIn(const std::string& data_dir) {
    return std::filesystem::path(data_dir) / kName;
}

// Only calls what a signal handler may, and says nothing of failures: the program is ending.
void put(int file, const char* text) {
    [[maybe_unused]] const auto written = write(file, text, std::strlen(text));
}

void onCrash(int number, siginfo_t*, void*) {
    const int file = open(g_path.data(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file >= 0) {
        for (const CrashSignal& one : kSignals) {
            if (one.number == number) put(file, one.name);
        }
        for (const char* text : {"\n", programVersion(), "\n", g_action.load(), "\n"}) put(file, text);
        close(file);
    }
    // As if nobody had looked. A fault comes again when this returns; an abort is raised anew.
    signal(number, SIG_DFL);
    raise(number);
}

}  // namespace

void leaveCrashNotes(const std::string& data_dir) {
    const std::string path = pathIn(data_dir).string();
    if (path.size() >= g_path.size()) return;
    std::copy(path.begin(), path.end(), g_path.begin());
    stack_t stack = {};
    stack.ss_sp = g_stack.data();
    stack.ss_size = g_stack.size();
    sigaltstack(&stack, nullptr);
    struct sigaction action = {};
    action.sa_sigaction = onCrash;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    for (const CrashSignal& one : kSignals) sigaction(one.number, &action, nullptr);
}

void nowDoing(const char* action) {
    g_action = action;
}

std::optional<CrashNote> takeCrashNote(const std::string& data_dir) {
    const std::filesystem::path path = pathIn(data_dir);
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) return std::nullopt;
    CrashNote note;
    {
        std::ifstream file(path, std::ios::binary);
        std::array<char, 512> bytes{};
        file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        std::string rest(bytes.data(), static_cast<std::size_t>(file.gcount()));
        for (std::string* part : {&note.signal, &note.version, &note.action}) {
            *part = harmless(rest.substr(0, rest.find('\n')), true);
            rest.erase(0,
                       std::min(rest.size(), rest.find('\n') == std::string::npos ? rest.size() : rest.find('\n') + 1));
        }
    }
    std::filesystem::remove(path, error);
    return note;
}

std::string crashWords(const CrashNote& note) {
    return fmt::format("{} in version {}, while {}", note.signal, note.version, note.action);
}

}  // namespace moescope
