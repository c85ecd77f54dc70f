// If these fail, an import that is done again brings doubles, loses what was written since, or keeps others from
// writing.

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "storage/history.h"
#include "tests/storage/samples.h"
#include "tests/storage/temporary_dir.h"

using namespace moescope;

namespace {

template <class T>
T must(Result<T> result) {
    REQUIRE_MESSAGE(result.ok(), result.status().message());
    return std::move(*result);
}

/// A conversation of another program: "TITLE 1" to "TITLE n", one after another.
ConversationContent chat(const std::string& title, int messages) {
    ConversationContent content;
    content.conversation.title = title;
    content.conversation.origin = "other:" + title;
    content.conversation.created_ms = content.conversation.updated_ms = 1000;
    for (int i = 1; i <= messages; ++i) {
        Message m;
        m.id = i;
        if (i > 1) m.parent = i - 1;
        m.author = i % 2 ? Author::kUser : Author::kAssistant;
        m.text = title + " " + std::to_string(i);
        m.created_ms = 1000 + i;
        content.messages.push_back({std::move(m), {}, {}, {}});
    }
    if (messages > 0) content.conversation.leaf = messages;
    return content;
}

BroughtIn bring(History& history, const std::vector<ConversationContent>& chats) {
    BroughtIn brought;
    const Status status = history.bringIn(chats, brought);
    REQUIRE_MESSAGE(status.ok(), status.message());
    return brought;
}

std::vector<std::string> texts(History& history, std::int64_t id) {
    std::vector<std::string> found;
    for (const Message& m : must(history.messages(id))) found.push_back(m.text);
    return found;
}

std::int64_t only(History& history) {
    const auto found = must(history.conversations({}));
    REQUIRE(found.size() == 1);
    return found[0].id;
}

}  // namespace

TEST_CASE("bringing in what is here already changes nothing") {
    const TemporaryDir dir;
    const auto history = must(History::open(dir.path()));
    const std::vector<ConversationContent> chats = {chat("A", 2), chat("B", 200), chat("C", 0), chat("D", 50)};
    BroughtIn first = bring(*history, chats);
    CHECK(first.added == 4);
    CHECK(first.messages == 252);
    CHECK(first.present + first.extended == 0);
    const auto before = must(history->conversations({}));
    const BroughtIn again = bring(*history, chats);
    CHECK(again.added == 0);
    CHECK(again.messages == 0);
    CHECK(again.present == 4);
    const auto after = must(history->conversations({}));
    REQUIRE(after.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(after[i].title == chats[i].conversation.title);  // of one time: in their order
        CHECK(after[i].id == before[i].id);
        CHECK(after[i].leaf == before[i].leaf);
        CHECK(after[i].updated_ms == before[i].updated_ms);
        CHECK(after[i].message_count == before[i].message_count);
    }
    CHECK(texts(*history, after[1].id).size() == 200);
}

TEST_CASE("a file that holds a conversation twice brings it once") {
    const TemporaryDir dir;
    const auto history = must(History::open(dir.path()));
    const BroughtIn brought = bring(*history, {chat("A", 2), chat("A", 4), chat("A", 2)});
    CHECK(brought.added == 1);
    CHECK(brought.extended == 1);
    CHECK(brought.present == 1);
    CHECK(texts(*history, only(*history)) == std::vector<std::string>{"A 1", "A 2", "A 3", "A 4"});
}

TEST_CASE("a later export adds what is new, under what it follows") {
    for (const int length : {2, 120}) {  // short ones come together, long ones in steps
        CAPTURE(length);
        const TemporaryDir dir;
        const auto history = must(History::open(dir.path()));
        bring(*history, {chat("A", length)});
        ConversationContent later = chat("A", length + 2);
        later.conversation.updated_ms = 5000;
        Message other;  // another answer to the first question
        other.id = length + 3;
        other.parent = 1;
        other.author = Author::kAssistant;
        other.text = "Another";
        later.messages.push_back({other, {}, {}, {}});
        const BroughtIn brought = bring(*history, {later});
        CHECK(brought.extended == 1);
        CHECK(brought.new_in_known == 3);
        CHECK(brought.messages == 3);
        const std::int64_t id = only(*history);
        const auto content = must(history->content(id));
        REQUIRE(content.messages.size() == static_cast<std::size_t>(length) + 3);
        const auto at = [&](int i) { return content.messages[static_cast<std::size_t>(i)].message; };
        CHECK(at(length).parent == at(length - 1).id);
        CHECK(at(length + 2).text == "Another");
        CHECK(at(length + 2).parent == at(0).id);
        CHECK(content.conversation.leaf == at(length + 1).id);  // the branch that was shown goes on
        CHECK(content.conversation.updated_ms == 5000);
        CHECK(content.conversation.message_count == length + 3);
    }
}

TEST_CASE("what was done here stays: branches, the one that is shown, titles, deletions, the trash") {
    const TemporaryDir dir;
    const auto history = must(History::open(dir.path()));
    bring(*history, {chat("A", 4)});
    const std::int64_t id = only(*history);
    const auto there = must(history->messages(id));
    const auto mine = must(history->addMessage(question(id, "mine", there[1].id)));
    REQUIRE(history->setTitle(id, "My title", false).ok());
    CHECK(bring(*history, {chat("A", 6)}).extended == 1);
    CHECK(must(history->conversation(id)).leaf == mine);
    CHECK(must(history->conversation(id)).title == "My title");
    CHECK(must(history->messages(id)).size() == 7);

    // Deleted here, with what followed; what comes later under it is deleted too, and nothing comes back.
    REQUIRE(history->deleteMessage(there[2].id).ok());
    CHECK(bring(*history, {chat("A", 8)}).new_in_known == 2);
    CHECK(texts(*history, id) == std::vector<std::string>{"A 1", "A 2", "mine"});
    CHECK(must(history->conversation(id)).message_count == 3);
    CHECK(bring(*history, {chat("A", 8)}).present == 1);

    REQUIRE(history->moveToTrash(id).ok());
    const BroughtIn brought = bring(*history, {chat("A", 8)});
    CHECK(brought.present == 1);
    CHECK(brought.in_trash == 1);
    CHECK(must(history->conversations({})).empty());
    REQUIRE(history->purge(id).ok());
    CHECK(bring(*history, {chat("A", 8)}).added == 1);  // gone for good: it is new again
}

TEST_CASE("equal answers are as many as there are") {
    const TemporaryDir dir;
    const auto history = must(History::open(dir.path()));
    ConversationContent twins = chat("A", 1);
    for (int i = 2; i <= 3; ++i) {
        Message m;
        m.id = i;
        m.parent = 1;
        m.author = Author::kAssistant;
        m.text = "Yes.";
        twins.messages.push_back({m, {}, {}, {}});
    }
    bring(*history, {twins});
    CHECK(bring(*history, {twins}).present == 1);
    CHECK(must(history->messages(only(*history))).size() == 3);
}

TEST_CASE("two histories are brought together, with routing") {
    const TemporaryDir dir, other_dir;
    const auto history = must(History::open(dir.path())), other = must(History::open(other_dir.path()));
    const auto id = must(history->createConversation({}));
    const auto q = must(history->addMessage(question(id, std::string("zero \0 inside", 13))));
    bring(*other, {must(history->content(id))});
    const auto away = only(*other);
    CHECK(must(other->conversation(away)).origin == must(history->conversation(id)).origin);
    const auto answer = [](History& h, std::int64_t conversation, std::int64_t parent, const std::string& word) {
        auto writer = must(h.beginAnswer(answerTo(conversation, parent), sampleShape()));
        for (int t = 0; t < 30; ++t) appendSample(*writer, word, t);
        REQUIRE(writer->finish(FinishReason::kLength, {3, 0.5, 9}).ok());
    };
    answer(*history, id, q, "home ");
    answer(*other, away, must(other->messages(away))[0].id, "away ");
    CHECK(bring(*history, {must(other->content(away))}).new_in_known == 1);
    CHECK(bring(*other, {must(history->content(id))}).new_in_known == 1);
    const auto here = must(history->content(id)), there = must(other->content(away));
    REQUIRE(here.messages.size() == 3);
    REQUIRE(there.messages.size() == 3);
    REQUIRE(here.messages[2].routing);
    CHECK(here.messages[2].message.text.starts_with("away "));
    CHECK(here.messages[2].routing->size() == 30);
    CHECK(here.messages[2].tokens.size() == 30);
    CHECK(there.messages[2].message.text.starts_with("home "));
}

TEST_CASE("a stop keeps whole conversations, and doing it again brings the rest") {
    const TemporaryDir dir;
    const auto history = must(History::open(dir.path()));
    std::vector<ConversationContent> chats;
    for (int i = 0; i < 100; ++i) chats.push_back(chat("Chat " + std::to_string(i), i % 10 == 9 ? 60 : 20));
    BroughtIn all;
    for (int round = 0; all.added < chats.size(); ++round) {
        REQUIRE(round < 200);
        std::stop_source stop;
        BroughtIn brought;
        std::size_t told = 0;
        const Status status = history->bringIn(
            chats, brought,
            [&](std::size_t stored, std::size_t of) {
                REQUIRE(stored >= told);
                REQUIRE(of == 2400);
                if (stored > told + 300) stop.request_stop();
                told = stored;
            },
            stop.get_token());
        if (!status.ok()) CHECK(status.code() == StatusCode::kStopped);
        all.added += brought.added;
        all.messages += brought.messages;
        ConversationFilter every;
        every.limit = 1000;
        const auto found = must(history->conversations(every));
        REQUIRE(found.size() == all.added);
        for (const Conversation& c : found) CHECK((c.message_count == 20 || c.message_count == 60));
        if (status.ok()) break;
    }
    CHECK(all.added == 100);
    CHECK(all.messages == 2400);
}

TEST_CASE("another program can write while a large import goes on") {
    // MOESCOPE_MANY_MESSAGES=100000 for the size that somebody with years of chats has.
    const char* many = std::getenv("MOESCOPE_MANY_MESSAGES");
    const int messages = many ? std::atoi(many) : 20'000;
    std::vector<ConversationContent> chats = {chat("Long", messages / 2)};
    for (int i = 0; i < messages / 40; ++i) chats.push_back(chat("Chat " + std::to_string(i), 20));
    const TemporaryDir dir;
    const auto other = must(History::open(dir.path()));

    std::atomic<bool> done{false};
    Status imported;
    BroughtIn brought;
    std::thread importer([&] {
        auto history = History::open(dir.path());
        imported = history.ok() ? (*history)->bringIn(chats, brought) : history.status();
        done = true;
    });
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(other->path().c_str(), &db) == SQLITE_OK);
    // Counts how often it looked in vain, every 4 ms, which says more than a clock on a machine that is busy.
    int retries = 0;
    sqlite3_busy_handler(
        db,
        [](void* count, int) {
            std::this_thread::sleep_for(std::chrono::milliseconds(4));
            return ++*static_cast<int*>(count) < 5000 ? 1 : 0;
        },
        &retries);
    int writes = 0, most = 0;
    while (!done) {
        retries = 0;
        const int code =
            sqlite3_exec(db, "INSERT OR REPLACE INTO settings VALUES ('other', 'wrote')", nullptr, nullptr, nullptr);
        CHECK(code == SQLITE_OK);
        if (!done) most = std::max(most, retries);
        ++writes;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    importer.join();
    sqlite3_close(db);
    REQUIRE_MESSAGE(imported.ok(), imported.message());
    CHECK(brought.messages == static_cast<std::size_t>(messages));
    MESSAGE(writes << " writes beside the import of " << messages << " messages, at most " << most << " retries each");
    CHECK(writes > 5);
    CHECK(most < 500);  // one transaction of it all would take thousands
}
