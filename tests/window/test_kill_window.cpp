// The window, killed at random moments while answers stream, loses no question and at most a second of an answer; and
// starts again, on what it left. Killed at each moment at which sending waits for the disk, it loses nothing that was
// typed. Rounds: MOESCOPE_KILL_ROUNDS (default 6).

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
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
    // A token that is named so ends an answer, whatever the file says of it.
    const std::string named = "<\uff5cend\u2581of\u2581sentence\uff5c>";
    const auto name = bytes.find(named);
    REQUIRE(name != std::string::npos);
    bytes[name + named.find("end")] = 'a';
    const std::string path = folder + "/endless.gguf";
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
}

/// Runs a program with a shim that kills it at a sync; whether it was killed.
bool killedAtSync(const std::vector<std::string>& command, const std::string& armed, int at) {
    std::filesystem::remove(armed);
    const pid_t child = ::fork();
    if (child == 0) {
        ::setenv("LD_PRELOAD", MOESCOPE_KILL_AT_SYNC, 1);
        ::setenv("MOESCOPE_KILL_ARMED", armed.c_str(), 1);
        ::setenv("MOESCOPE_KILL_AT", std::to_string(at).c_str(), 1);
        ::setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
        std::vector<char*> arguments;
        for (const std::string& a : command) arguments.push_back(const_cast<char*>(a.c_str()));
        arguments.push_back(nullptr);
        ::execv(arguments[0], arguments.data());
        ::_exit(127);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) {
        CHECK(WTERMSIG(status) == SIGKILL);
        return true;
    }
    REQUIRE(WEXITSTATUS(status) == 0);
    return false;
}

int questionsOf(History& history, const std::string& text) {
    int found = 0;
    const auto chats = history.conversations({}).value();
    for (const Conversation& c : chats) {
        const auto messages = history.messages(c.id).value();
        for (const Message& m : messages) found += m.author == Author::kUser && m.text == text;
    }
    return found;
}

int draftsOf(History& history, const std::string& text) {
    int found = history.settings().get("window.draft", "").value() == text;
    const auto chats = history.conversations({}).value();
    for (const Conversation& c : chats) found += c.draft == text;
    return found;
}

/// Sends `text`, killed at each sync from `from` on, until it is not any more. Gives the number of kills.
int killAtEachSync(const std::string& folder, const std::string& model, const std::string& name, bool first,
                   bool edit) {
    int kills = 0;
    constexpr int kMost = 40;
    std::vector<std::string> sent;
    for (int at = 1; at <= kMost; ++at) {
        CAPTURE(at);
        const std::string text = name + " " + std::to_string(at);
        // A first question needs a history without chats.
        const std::string data = first ? folder + "/" + name + std::to_string(at) : folder;
        if (!first && at == 1)
            REQUIRE_FALSE(
                killedAtSync({MOESCOPE_SEND_WINDOW, data, model, "the first", data + "/armed"}, data + "/armed", 1000));
        std::vector<std::string> command{MOESCOPE_SEND_WINDOW, data, model, text, data + "/armed"};
        if (edit) command.emplace_back("edit");
        std::filesystem::create_directories(data);
        const bool killed = killedAtSync(command, data + "/armed", at);
        kills += killed;
        const auto history = History::open(data);
        REQUIRE_MESSAGE(history.ok(), history.status().message());
        CHECK((*history)->checkIntegrity().ok());
        const auto chats = (*history)->conversations({}).value();
        for (const Conversation& c : chats) {
            CHECK_MESSAGE(c.message_count > 0, "a chat without its question was left");
        }
        // It is a question or a draft, and not both. What is being edited is no draft: the question stands as it was.
        const int asked = questionsOf(**history, text), written = draftsOf(**history, text);
        if (!edit || !killed) CHECK_MESSAGE(asked + written == 1, text);
        if (asked > 0) sent.push_back(text);
        for (const std::string& earlier : sent) {
            if (!first) CHECK_MESSAGE(questionsOf(**history, earlier) == 1, earlier);
        }
        if (!killed) return kills;
    }
    FAIL("sending waits for the disk without end");
    return kills;
}

}  // namespace

TEST_CASE("the window is killed at each sync of sending") {
    const char* wanted = std::getenv("MOESCOPE_KILL_ROUNDS");
    const int rounds = std::max(1, (wanted ? std::atoi(wanted) : 6) / 6);
    const TemporaryDir dir, models;
    const std::string model = endlessModel(models.path());
    int kills = 0;
    for (int round = 0; round < rounds; ++round) {
        const std::string folder = dir.path() + "/" + std::to_string(round);
        std::filesystem::create_directories(folder + "/later");
        std::filesystem::create_directories(folder + "/edited");
        kills += killAtEachSync(folder, model, "first question", true, false);
        kills += killAtEachSync(folder + "/later", model, "later question", false, false);
        kills += killAtEachSync(folder + "/edited", model, "edited question", false, true);
    }
    CHECK(kills >= 6 * rounds);
    MESSAGE(kills << " kills at syncs, nothing that was typed was lost");
}

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
            CHECK(m->finish != FinishReason::kUnfinished);
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
