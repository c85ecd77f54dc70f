// The window, killed at random moments while answers stream, loses no question and at most a second of an answer; and
// starts again, on what it left. Rounds: MOESCOPE_KILL_ROUNDS (default 6).

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <random>

#include "storage/history.h"
#include "tests/storage/temporary_dir.h"
#include "tests/support/killed_program.h"

using namespace moescope;

namespace {

/// A model that knows no end of text, so that answers last.
std::string endlessModel(const std::string& folder) {
    std::ifstream in(MOESCOPE_TEST_DATA "/tiny-moe/model.gguf", std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), {});
    const std::string end = "ggml.eos_token_id";
    const auto at = bytes.find(end);
    REQUIRE(at != std::string::npos);
    bytes[at + 5] = 'x';
    const std::string path = folder + "/endless.gguf";
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
}

}  // namespace

TEST_CASE("the window is killed at random moments") {
    const char* wanted = std::getenv("MOESCOPE_KILL_ROUNDS");
    const int rounds = wanted ? std::atoi(wanted) : 6;
    std::mt19937 random(static_cast<unsigned>(rounds));
    const TemporaryDir dir, models;
    const std::string model = endlessModel(models.path());
    double worst_loss = 0;
    std::size_t questions = 0, answers = 0;
    std::map<std::int64_t, std::string> all_questions;
    for (int round = 0; round < rounds; ++round) {
        CAPTURE(round);
        const Told told =
            runAndKill({MOESCOPE_KILL_WINDOW, dir.path(), model}, std::chrono::milliseconds(500 + random() % 4000));
        const auto history = History::open(dir.path());
        REQUIRE_MESSAGE(history.ok(), history.status().message());
        CHECK((*history)->report().damaged_path.empty());
        const Status whole = (*history)->checkIntegrity();
        CHECK_MESSAGE(whole.ok(), whole.message());
        questions += told.questions.size();
        answers += told.answers.size();
        all_questions.insert(told.questions.begin(), told.questions.end());
        for (const auto& [id, text] : all_questions) {  // those of earlier rounds too
            const auto m = (*history)->message(id);
            REQUIRE(m.ok());
            CHECK(m->text == text);
        }
        for (const auto& [id, growth] : told.answers) {
            const auto m = (*history)->message(id);
            REQUIRE(m.ok());
            CHECK_FALSE(m->finish.empty());
            const double lost = secondsLost(growth, m->text.size());
            CHECK(lost <= 1.0);
            worst_loss = std::max(worst_loss, lost);
            // Tokens and their routing as far as the text; a first token may have none: a blank, part of a character.
            const auto tokens = (*history)->tokens(id).value();
            REQUIRE((!tokens.empty() || m->text.empty()));
            if (tokens.empty()) continue;
            // The end of an answer may have left a character incomplete, which no token completed.
            const std::string rest = m->text.substr(tokens.back().end);
            CHECK((rest.empty() || rest == "\uFFFD"));
            const auto routing = (*history)->routing(id);
            REQUIRE(routing.ok());
            REQUIRE(routing->has_value());
            CHECK((**routing).token((**routing).size() - 1).position >= tokens.back().position - 1);
        }
    }
    CHECK(questions > 0);
    MESSAGE(rounds << " kills of the window, " << questions << " questions and " << answers
                   << " answers, none lost; most lost of an answer: " << worst_loss << " s");
}
