// If these fail, a history of an earlier program is lost or changed when a newer one opens it.

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <filesystem>
#include <map>
#include <set>

#include "storage/history.h"
#include "storage/schema.h"
#include "tests/storage/temporary_dir.h"

using namespace moescope;

namespace {

template <class T>
T must(Result<T> result) {
    REQUIRE_MESSAGE(result.ok(), result.status().message());
    return std::move(*result);
}

/// What the program of form 1 has written: two imported conversations, one of them in the trash, and one of its own
/// with routing.
void bringFirstForm(const TemporaryDir& dir) {
    std::filesystem::copy_file(MOESCOPE_TEST_DATA "/history/form-1.sqlite", dir.path() + "/history.sqlite");
}

int formOf(const std::string& path) {
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK);
    int form = -1;
    const auto take = [](void* to, int, char** values, char**) {
        *static_cast<int*>(to) = std::atoi(values[0]);
        return 0;
    };
    sqlite3_exec(db, "PRAGMA user_version", take, &form, nullptr);
    sqlite3_close(db);
    return form;
}

}  // namespace

TEST_CASE("a history of form 1 is brought to the newest form with all that it holds") {
    const TemporaryDir dir;
    bringFirstForm(dir);
    std::set<std::string> origins;
    for (const bool again : {false, true}) {
        const auto history = must(History::open(dir.path()));
        const OpenReport& report = history->report();
        CHECK(report.migrated_from == (again ? -1 : 1));
        CHECK(report.damaged_path.empty());
        CHECK(formOf(history->path()) == schemaVersion());
        if (!again) {
            CHECK(formOf(report.copy_path) == 1);
            CHECK(report.sentence().find(report.copy_path) != std::string::npos);
        }

        const auto shown = must(history->conversations({}));
        REQUIRE(shown.size() == 2);
        CHECK(shown[0].title == "Branches");  // pinned
        CHECK(shown[1].title == "What is 7 plus 8?");
        ConversationFilter in_trash;
        in_trash.trash = true;
        REQUIRE(must(history->conversations(in_trash)).size() == 1);

        const auto branches = must(history->content(1));
        CHECK(branches.folder_name == "Routing studies");
        CHECK(branches.messages.size() == 9);
        CHECK(branches.conversation.draft == "half a thou");
        const auto chat = must(history->content(3));
        REQUIRE(chat.messages.size() == 4);
        CHECK(chat.messages[1].message.text == "7 + 8 = 15");
        CHECK(chat.messages[1].tokens.size() == 9);
        REQUIRE(chat.messages[1].routing);
        CHECK(chat.messages[1].routing->size() > 9);
        CHECK(must(history->search("router scores", 10)).hits.size() == 1);
        CHECK(must(history->settings().get("kept", "")) == "yes");

        for (const std::int64_t id : {1, 2, 3}) {
            const std::string origin = must(history->conversation(id)).origin;
            CHECK(origin.starts_with("moescope:"));
            CHECK(origin.size() == 9 + 32);
            origins.insert(origin);
        }
        CHECK(origins.size() == 3);  // each its own, and the same ones at the second start
        CHECK(history->checkIntegrity().ok());
    }
}

TEST_CASE("new conversations have an origin of their own, or the one that they come with") {
    const TemporaryDir dir;
    const auto history = must(History::open(dir.path()));
    const auto first = must(history->createConversation({})), second = must(history->createConversation({}));
    CHECK(must(history->conversation(first)).origin != must(history->conversation(second)).origin);
    Conversation other;
    other.origin = "other:1";
    CHECK(must(history->conversation(must(history->createConversation(other)))).origin == "other:1");
}

TEST_CASE("conversations of one time are listed as they came") {
    const TemporaryDir dir;
    const auto history = must(History::open(dir.path()));
    Conversation c;
    c.updated_ms = 1000;
    std::vector<std::int64_t> ids, listed;
    for (int i = 0; i < 5; ++i) ids.push_back(must(history->createConversation(c)));
    for (const Conversation& found : must(history->conversations({}))) listed.push_back(found.id);
    CHECK(listed == ids);
}

TEST_CASE("a history of form 3 says how each answer ended, and why one failed") {
    const TemporaryDir dir;
    std::filesystem::copy_file(MOESCOPE_TEST_DATA "/history/form-3.sqlite", dir.path() + "/history.sqlite");
    for (const bool again : {false, true}) {
        const auto history = must(History::open(dir.path()));
        CHECK(history->report().migrated_from == (again ? -1 : 3));
        CHECK(formOf(history->path()) == schemaVersion());
        std::map<std::string, Message> by_text;
        for (const Conversation& c : must(history->conversations({}))) {
            CHECK(c.model_path == "/models/moescope-demo.gguf");
            for (Message& m : must(history->messages(c.id))) by_text[m.text] = m;
        }
        const auto finish = [&](const char* text) { return by_text.at(text).finish; };
        CHECK(finish("ended") == FinishReason::kEndOfText);
        CHECK(finish("cut") == FinishReason::kLength);
        CHECK(finish("full") == FinishReason::kContextFull);
        CHECK(finish("stopp") == FinishReason::kStopped);
        CHECK(finish("inter") == FinishReason::kInterrupted);
        CHECK(finish("edited") == FinishReason::kEdited);
        CHECK(finish("unknown") == FinishReason::kUnfinished);
        CHECK(finish("fai") == FinishReason::kError);
        CHECK(by_text.at("fai").error == "The weights yield no numbers; load the model again.");
        CHECK(by_text.at("ended").error.empty());
        CHECK(by_text.at("ended").model_name == "Moescope Demo");
        CHECK(finish("7 + 8 = 15") == FinishReason::kEndOfText);
        CHECK(by_text.at("7 + 8 = 15").model_name == "Moescope Demo");
        CHECK(must(history->routing(by_text.at("7 + 8 = 15").id))->size() > 9);
        CHECK(must(history->search("unknown", 10)).hits.size() == 1);
        CHECK(history->checkIntegrity().ok());
    }
}
