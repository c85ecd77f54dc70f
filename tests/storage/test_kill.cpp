// A program that is killed at a random moment while answers stream loses no question and at most a second of an
// answer. Rounds: MOESCOPE_KILL_ROUNDS (default 12).

#include <doctest/doctest.h>

#include <cstdlib>
#include <random>

#include "storage/history.h"
#include "tests/storage/temporary_dir.h"
#include "tests/support/killed_program.h"

using namespace moescope;

TEST_CASE("kill at random moments") {
    const char* wanted = std::getenv("MOESCOPE_KILL_ROUNDS");
    const int rounds = wanted ? std::atoi(wanted) : 12;
    std::mt19937 random(static_cast<unsigned>(rounds));
    const TemporaryDir dir;
    double worst_loss = 0;
    std::size_t questions = 0;
    for (int round = 0; round < rounds; ++round) {
        CAPTURE(round);
        const Told told =
            runAndKill({MOESCOPE_KILL_WRITER, dir.path()}, std::chrono::milliseconds(50 + random() % 3500));
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
            CHECK(m->finish != FinishReason::kUnfinished);
            const double lost = secondsLost(growth, m->text.size());
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
