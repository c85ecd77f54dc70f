#pragma once
// Runs a program that streams answers into a history, and kills it. The program tells on stdout what it has handed
// over: "Q conversation message text" once a question has been stored, "T message bytes" as an answer grows.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace moescope {

struct Told {
    using Clock = std::chrono::steady_clock;
    struct Growth {
        Clock::time_point at;
        std::size_t bytes;
    };
    std::map<std::int64_t, std::string> questions;
    std::map<std::int64_t, std::vector<Growth>> answers;
};

/// Starts a program, reads what it tells, and kills it after `life`.
inline Told runAndKill(const std::vector<std::string>& command, std::chrono::milliseconds life) {
    using Clock = Told::Clock;
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(ends[1], 1);
        std::vector<char*> arguments;
        for (const std::string& a : command) arguments.push_back(const_cast<char*>(a.c_str()));
        arguments.push_back(nullptr);
        ::execv(arguments[0], arguments.data());
        ::_exit(127);
    }
    ::close(ends[1]);
    Told told;
    std::string buffer;
    const auto deadline = Clock::now() + life;
    bool killed = false;
    while (true) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
        if (!killed && left <= 0) {
            ::kill(child, SIGKILL);
            killed = true;
        }
        pollfd wait{ends[0], POLLIN, 0};
        // What it wrote before is still read; not more, as something that it started may keep the pipe open.
        ::poll(&wait, 1, killed ? 2000 : static_cast<int>(std::max<long>(left, 0)));
        if (wait.revents == 0 && killed) break;
        if (wait.revents == 0) continue;
        char bytes[4096];
        const ssize_t n = ::read(ends[0], bytes, sizeof bytes);
        if (n <= 0) break;
        const auto now = Clock::now();
        buffer.append(bytes, static_cast<std::size_t>(n));
        std::size_t end;
        while ((end = buffer.find('\n')) != std::string::npos) {
            std::istringstream line(buffer.substr(0, end));
            buffer.erase(0, end + 1);
            char kind = 0;
            std::int64_t first = 0, second = 0;
            line >> kind >> first >> second;
            if (kind == 'Q') {
                std::string text;
                std::getline(line >> std::ws, text);
                told.questions[second] = text;
            } else if (kind == 'T') {
                told.answers[first].push_back({now, static_cast<std::size_t>(second)});
            }
        }
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status));
    return told;
}

/// How old what is missing was when the program was killed: seconds of an answer that are lost.
inline double secondsLost(const std::vector<Told::Growth>& growth, std::size_t saved_bytes) {
    for (const Told::Growth& g : growth) {
        if (g.bytes > saved_bytes) return std::chrono::duration<double>(growth.back().at - g.at).count();
    }
    return 0;
}

}  // namespace moescope
