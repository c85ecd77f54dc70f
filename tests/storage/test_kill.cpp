// A program that is killed at a random moment while answers stream loses no question and at most a second of an
// answer. Rounds: MOESCOPE_KILL_ROUNDS (default 12).

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <map>
#include <random>
#include <sstream>

#include "storage/history.h"
#include "tests/storage/temporary_dir.h"

using namespace moescope;
using Clock = std::chrono::steady_clock;

namespace {

struct Told {
    std::map<std::int64_t, std::string> questions;
    struct Growth {
        Clock::time_point at;
        std::size_t bytes;
    };
    std::map<std::int64_t, std::vector<Growth>> answers;
};

/// Starts the writer, reads what it tells, and kills it after `life`.
Told runAndKill(const std::string& dir, std::chrono::milliseconds life) {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(ends[1], 1);
        ::execl(MOESCOPE_KILL_WRITER, "kill_writer", dir.c_str(), static_cast<char*>(nullptr));
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
        ::poll(&wait, 1, killed ? -1 : static_cast<int>(std::max<long>(left, 0)));
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
            } else {
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

}  // namespace

TEST_CASE("kill at random moments") {
    const char* wanted = std::getenv("MOESCOPE_KILL_ROUNDS");
    const int rounds = wanted ? std::atoi(wanted) : 12;
    std::mt19937 random(static_cast<unsigned>(rounds));
    const TemporaryDir dir;
    double worst_loss = 0;
    std::size_t questions = 0;
    for (int round = 0; round < rounds; ++round) {
        CAPTURE(round);
        const Told told = runAndKill(dir.path(), std::chrono::milliseconds(50 + random() % 3500));
        const auto end = Clock::now();
        const auto history = History::open(dir.path());
        REQUIRE_MESSAGE(history.ok(), history.status().message());
        CHECK((*history)->report().damaged_path.empty());
        const Status whole = (*history)->checkIntegrity();
        CHECK_MESSAGE(whole.ok(), whole.message());
        questions += told.questions.size();
        for (const auto& [id, text] : told.questions) {
            const auto m = (*history)->message(id);
            REQUIRE(m.ok());
            CHECK(m->text == text);
        }
        for (const auto& [id, growth] : told.answers) {
            const auto m = (*history)->message(id);
            REQUIRE(m.ok());
            CHECK_FALSE(m->finish.empty());
            // The last state that is older than what was saved must not be older than a second.
            auto lost_since = end;
            for (const auto& g : growth) {
                if (g.bytes > m->text.size()) {
                    lost_since = g.at;
                    break;
                }
            }
            const double lost = growth.empty() ? 0
                                : lost_since == end
                                    ? 0
                                    : std::chrono::duration<double>(growth.back().at - lost_since).count();
            CHECK(lost <= 1.0);
            worst_loss = std::max(worst_loss, lost);
            CHECK((*history)->tokens(id).value().size() == m->text.size() / 5);
            const auto routing = (*history)->routing(id);
            REQUIRE(routing.ok());
            CHECK((routing->has_value() ? (**routing).size() : 0) == m->text.size() / 5);
        }
    }
    MESSAGE(rounds << " kills, " << questions << " questions, none lost; most lost of an answer: " << worst_loss
                   << " s");
}
