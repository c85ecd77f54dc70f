// Several programs on one history: nobody waits for ever, a long import lets others write, and what a killed import or
// purge leaves is seen by nobody and goes. If these fail, a window freezes, or half a chat looks whole.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/storage/samples.h"
#include "tests/storage/temporary_dir.h"
#include "tests/support/timing.h"

using namespace moescope;
namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

template <class T>
T must(Result<T> result) {
    REQUIRE_MESSAGE(result.ok(), result.status().message());
    return std::move(*result);
}
void must(const Status& status) {
    REQUIRE_MESSAGE(status.ok(), status.message());
}

double msSince(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// A chat of one branch.
ConversationContent chain(int messages) {
    ConversationContent content;
    content.conversation.title = "Long";
    content.folder_name = "Brought in";
    for (int i = 0; i < messages; ++i) {
        MessageContent m;
        m.message.id = i + 1;
        if (i > 0) m.message.parent = i;
        m.message.text = "message " + std::to_string(i) + " of a chat with some words to index";
        content.messages.push_back(std::move(m));
    }
    content.conversation.leaf = messages;
    return content;
}

/// Another connection that writes, as a program that hangs would.
class Holder {
public:
    explicit Holder(const std::string& dir) {
        sqlite3_open((dir + "/history.sqlite").c_str(), &m_db);
        REQUIRE(sqlite3_exec(m_db, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
    }
    ~Holder() { sqlite3_close(m_db); }

private:
    sqlite3* m_db = nullptr;
};

std::int64_t rowsOf(const TemporaryDir& dir, const char* table) {
    sqlite3* db = nullptr;
    sqlite3_stmt* row = nullptr;
    REQUIRE(sqlite3_open((dir.path() + "/history.sqlite").c_str(), &db) == SQLITE_OK);
    REQUIRE(sqlite3_prepare_v2(db, (std::string("SELECT count(*) FROM ") + table).c_str(), -1, &row, nullptr) ==
            SQLITE_OK);
    sqlite3_step(row);
    const std::int64_t n = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    sqlite3_close(db);
    return n;
}

/// Runs `f` in another process, which is killed once `ready` says so.
template <class F, class Ready>
void runUntil(F&& f, Ready&& ready) {
    const pid_t child = ::fork();
    if (child == 0) {
        f();
        ::_exit(0);
    }
    int status = 0;
    while (::waitpid(child, &status, WNOHANG) == 0) {
        if (ready()) {
            ::kill(child, SIGKILL);
            ::waitpid(child, &status, 0);
            break;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    REQUIRE(WIFSIGNALED(status));
}

std::size_t listed(History& history) {
    ConversationFilter trash;
    trash.trash = true;
    return must(history.conversations({})).size() + must(history.conversations(trash)).size();
}

}  // namespace

TEST_CASE("a call waits for another writer as long as it is told, and says that it is busy") {
    const TemporaryDir dir;
    HistoryOptions options;
    options.patience_ms = 60;
    const auto history = must(History::open(dir.path(), options));
    const auto id = must(history->createConversation({}));
    {
        const Holder holder(dir.path());
        for (const int patience : {60, 300}) {
            history->setPatience(patience);
            const auto start = Clock::now();
            const Status status = history->setDraft(id, "draft");
            const double ms = msSince(start);
            CHECK(status.code() == StatusCode::kBusy);
            CHECK(status.message().find("another program") != std::string::npos);
            CHECK(ms >= patience);
            CHECK(ms < patience + 1000);
            CHECK(must(history->conversation(id)).draft.empty());  // readers do not wait
        }
        CHECK(history->ask({}, question(0, "q")).status().code() == StatusCode::kBusy);
    }
    must(history->setDraft(id, "draft"));
}

TEST_CASE("the locks of opening have a limit and a sentence that names who holds them" *
          doctest::test_suite("timing")) {
    for (const char* name : {"opening.lock", "in-use.lock"}) {
        CAPTURE(name);
        const TemporaryDir dir;
        (void)must(History::open(dir.path()));
        const int fd = ::open((dir.path() + "/" + name).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        REQUIRE(::flock(fd, LOCK_EX) == 0);
        HistoryOptions options;
        options.patience_ms = 200;
        const auto start = Clock::now();
        const auto history = History::open(dir.path(), options);
        REQUIRE_FALSE(history.ok());
        CHECK(inTime(msSince(start), 2000));
        CHECK(history.status().code() == StatusCode::kBusy);
        CHECK(history.status().message().find(name) != std::string::npos);
        MESSAGE(history.status().message());
        ::close(fd);
        CHECK(History::open(dir.path(), options).ok());
    }
}

TEST_CASE("others write while a long chat is brought in, and see it when it is whole") {
    const TemporaryDir dir;
    const auto history = must(History::open(dir.path())), other = must(History::open(dir.path()));
    const auto id = must(other->createConversation({}));
    std::atomic<bool> done = false;
    std::size_t steps = 0, last = 0;
    std::thread import([&] {
        (void)must(history->import(chain(6000), [&](std::size_t stored, std::size_t all) {
            CHECK(all == 6000);
            CHECK(stored >= last);
            last = stored;
            ++steps;
        }));
        done = true;
    });
    other->setPatience(2000);
    double longest = 0;
    int writes = 0;
    while (!done) {
        const auto start = Clock::now();
        must(other->setDraft(id, "draft " + std::to_string(writes++)));
        longest = std::max(longest, msSince(start));
        for (const Conversation& c : must(other->conversations({}))) CHECK((c.id == id || c.message_count == 6000));
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    import.join();
    MESSAGE(steps << " steps, " << writes << " writes meanwhile, the longest of " << longest << " ms");
    CHECK(steps >= 12);
    CHECK(last == 6000);
    CHECK(writes > 12);
    const auto chats = must(other->conversations({}));
    REQUIRE(chats.size() == 2);
    const auto& chat = chats[0].title == "Long" ? chats[0] : chats[1];
    CHECK(chat.message_count == 6000);
    CHECK(chat.folder);
    CHECK(chat.leaf == must(other->messages(chat.id)).back().id);
}

TEST_CASE("an import that is stopped leaves nothing") {
    const TemporaryDir dir;
    const auto history = must(History::open(dir.path()));
    std::stop_source stop;
    const auto stopped = history->import(
        chain(3000), [&](std::size_t, std::size_t) { stop.request_stop(); }, stop.get_token());
    CHECK(stopped.status().code() == StatusCode::kStopped);
    CHECK(listed(*history) == 0);
    for (const char* table : {"messages", "conversations", "settings", "folders"}) CHECK(rowsOf(dir, table) == 0);
    must(history->checkIntegrity());
}

TEST_CASE("a killed import shows nothing, and the next one removes its remains") {
    const TemporaryDir dir;
    (void)must(History::open(dir.path()));
    runUntil([&] { (void)must(History::open(dir.path()))->import(chain(50'000)); },
             [&] { return rowsOf(dir, "messages") >= 1000; });
    const auto history = must(History::open(dir.path()));
    CHECK(listed(*history) == 0);
    CHECK(must(history->search("message", 10)).hits.empty());
    CHECK(must(history->search("Long", 10)).hits.empty());
    must(history->purgeTrash(nowMs() + 1000));
    ConversationContent small = chain(3);
    (void)must(history->import(small));
    CHECK(listed(*history) == 1);
    CHECK(rowsOf(dir, "messages") == 3);
    CHECK(rowsOf(dir, "settings") == 0);
    must(history->checkIntegrity());
}

TEST_CASE("a chat that was being purged when the program was killed does not come back") {
    const TemporaryDir dir;
    {
        const auto history = must(History::open(dir.path()));
        (void)must(history->import(chain(10'000)));
        (void)must(history->import(chain(3)));
    }
    runUntil(
        [&] {
            const auto history = must(History::open(dir.path()));
            (void)history->purge(1);
        },
        [&] { return rowsOf(dir, "messages") < 9000; });
    const auto history = must(History::open(dir.path()));
    CHECK(listed(*history) == 1);
    CHECK_FALSE(history->conversation(1).ok());
    (void)must(history->import(chain(3)));
    CHECK(rowsOf(dir, "messages") == 6);
    must(history->checkIntegrity());
}

TEST_CASE("zeros in texts are replaced, so that all of a text is found") {
    const TemporaryDir dir;
    const auto history = must(History::open(dir.path()));
    const std::string replaced =
        "before\xef\xbf\xbd"
        "after";
    const std::string with_zero = std::string("before\0after", 12);
    Conversation c;
    c.title = with_zero;
    const Asked asked = must(history->ask(c, question(0, with_zero)));
    CHECK(must(history->conversation(asked.conversation)).title == replaced);
    CHECK(must(history->message(asked.message)).text == replaced);
    CHECK(must(history->search("after", 10)).hits.size() == 2);
    auto writer = must(history->beginAnswer(answerTo(asked.conversation, asked.message), sampleShape()));
    CHECK(writer->appendText(with_zero) == replaced);
    must(writer->finish(FinishReason::kStopped, {}));
    CHECK(must(history->message(writer->message())).text == replaced);
    ConversationContent content = chain(1);
    content.messages[0].message.text = std::string("a\0b\0c", 5);
    content.messages[0].tokens = {{1, 0, 2, 0}, {2, 2, 3, 1}, {3, 3, 5, 2}};
    const auto copy = must(history->content(must(history->import(content))));
    CHECK(copy.messages[0].message.text ==
          "a\xef\xbf\xbd"
          "b\xef\xbf\xbd"
          "c");
    CHECK(copy.messages[0].tokens == std::vector<MessageToken>{{1, 0, 4, 0}, {2, 4, 5, 1}, {3, 5, 9, 2}});
}
