// A damaged file, a newer one, a full disk: nothing that could be read is lost, and nothing is overwritten.

#include <doctest/doctest.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "storage/blob.h"
#include "tests/storage/samples.h"
#include "tests/storage/temporary_dir.h"
#include "tests/support/skip.h"

using namespace moescope;
namespace fs = std::filesystem;

namespace {

template <class T>
T must(Result<T> result) {
    REQUIRE_MESSAGE(result.ok(), result.status().message());
    return std::move(*result);
}

/// A history with `n` conversations of ten messages, closed.
void fill(const std::string& dir, int n) {
    const auto history = must(History::open(dir));
    for (int i = 0; i < n; ++i) {
        Conversation c;
        c.title = "conversation " + std::to_string(i);
        const auto id = must(history->createConversation(c));
        std::optional<std::int64_t> last;
        for (int k = 0; k < 10; ++k) {
            last =
                must(history->addMessage(question(id, "message " + std::to_string(k) + std::string(500, 'x'), last)));
        }
    }
}

std::int64_t countMessages(History& history) {
    ConversationFilter all;
    all.limit = 100'000;
    std::int64_t n = 0;
    for (const auto& c : must(history.conversations(all))) n += c.message_count;
    return n;
}

void overwrite(const std::string& path, std::uintmax_t from, std::uintmax_t count, char value) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(from));
    file << std::string(count, value);
}

}  // namespace

TEST_CASE("a damaged file is put aside, and what can be read of it comes back") {
    const TemporaryDir dir;
    fill(dir.path(), 40);
    const std::string path = dir.path() + "/history.sqlite";
    const auto size = fs::file_size(path);
    std::int64_t expected = 0;  // at least
    SUBCASE("cut to two thirds") {
        fs::resize_file(path, size * 2 / 3);
        expected = 100;
    }
    SUBCASE("a part in the middle is zero") {
        overwrite(path, size / 2 / 4096 * 4096, 4 * 4096, '\0');
        expected = 200;
    }
    SUBCASE("the header is gone") {
        overwrite(path, 0, 100, '\xff');
        expected = 400;
    }
    SUBCASE("all of it is zero") {
        overwrite(path, 0, size, '\0');
        expected = 0;
    }
    SUBCASE("it is empty") {
        fs::resize_file(path, 0);
        expected = 0;
    }
    SUBCASE("it is something else") {
        std::ofstream(path) << "Dear diary";
        expected = 0;
    }
    const auto damaged_size = fs::file_size(path);
    const auto history = must(History::open(dir.path()));
    const OpenReport& report = history->report();
    REQUIRE_FALSE(report.damaged_path.empty());
    CHECK(fs::file_size(report.damaged_path) == damaged_size);
    CHECK(report.sentence().find(report.damaged_path) != std::string::npos);
    const auto found = countMessages(*history);
    MESSAGE(found << " of 400 messages recovered");
    CHECK(found >= expected);
    CHECK(history->checkIntegrity().ok());
    CHECK(history->createConversation({}).ok());
}

TEST_CASE("what a damaged file has lost comes from the newest backup") {
    const TemporaryDir dir;
    fill(dir.path(), 5);
    must(must(History::open(dir.path()))->backUp());
    fs::resize_file(dir.path() + "/history.sqlite", 0);
    const auto history = must(History::open(dir.path()));
    CHECK(countMessages(*history) == 50);
    CHECK(must(history->search("conversation 3", 10)).hits.size() == 1);
    CHECK(history->checkIntegrity().ok());
}

TEST_CASE("a history of a newer program is refused and not touched") {
    const TemporaryDir dir;
    fill(dir.path(), 1);
    const std::string path = dir.path() + "/history.sqlite";
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
    REQUIRE(sqlite3_exec(db, "PRAGMA user_version = 999; DROP TABLE folders", nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(db);
    const auto time = fs::last_write_time(path);
    const auto history = History::open(dir.path());
    REQUIRE_FALSE(history.ok());
    CHECK(history.status().code() == StatusCode::kUnsupported);
    CHECK(history.status().message().find("newer") != std::string::npos);
    CHECK(fs::last_write_time(path) == time);
}

TEST_CASE("another program's database is not taken for ours") {
    const TemporaryDir dir;
    const std::string path = dir.path() + "/history.sqlite";
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
    REQUIRE(sqlite3_exec(db, "CREATE TABLE t (x); INSERT INTO t VALUES (1)", nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(db);
    const auto history = must(History::open(dir.path()));
    CHECK(fs::exists(history->report().damaged_path));
}

TEST_CASE("folders that cannot be used give a sentence") {
    const TemporaryDir dir;
    std::ofstream(dir.path() + "/file") << "x";
    CHECK(History::open(dir.path() + "/file").status().message().find("--data-dir") != std::string::npos);
    fs::create_directories(dir.path() + "/folder/history.sqlite");
    CHECK_FALSE(History::open(dir.path() + "/folder").ok());
    if (::geteuid() != 0) {
        fs::create_directories(dir.path() + "/closed");
        fs::permissions(dir.path() + "/closed", fs::perms::owner_read | fs::perms::owner_exec);
        CHECK_FALSE(History::open(dir.path() + "/closed").ok());
        fs::permissions(dir.path() + "/closed", fs::perms::owner_all);
    }
}

TEST_CASE("a full disk: said at once, the answer stays in memory, and nothing that was saved is touched") {
    const TemporaryDir dir;
    if (::mount("tmpfs", dir.path().c_str(), "tmpfs", 0, "size=2m") != 0) {
        return skipCase("mounting a small disk needs root");
    }
    {
        const auto history = must(History::open(dir.path()));
        const auto id = must(history->createConversation({}));
        const auto asked = must(history->addMessage(question(id, "Question")));
        auto writer = must(history->beginAnswer(answerTo(id, asked), sampleShape()));
        appendSample(*writer, "first part, ", 0);
        REQUIRE(writer->commit().ok());
        const std::string filler = dir.path() + "/filler";
        {
            std::ofstream fill_up(filler, std::ios::binary);
            const std::string block(4096, 'f');
            while (fill_up << block << std::flush) {
            }
        }
        writer->appendText(std::string(200'000, 'y'));
        const Status full = writer->commit();
        REQUIRE_FALSE(full.ok());
        CHECK(full.message().find("full") != std::string::npos);
        CHECK(writer->text().size() == 200'012);
        CHECK(must(history->messages(id))[1].text == "first part, ");
        fs::remove(filler);
        CHECK(writer->commit().ok());
        REQUIRE(writer->finish(FinishReason::kEndOfText, {}).ok());
        CHECK(must(history->messages(id))[1].text.size() == 200'012);
        CHECK(history->checkIntegrity().ok());
    }
    ::umount(dir.path().c_str());
}

TEST_CASE("two starts at once make one history") {
    const TemporaryDir dir;
    std::vector<std::thread> threads;
    std::vector<int> ok(8, 0);
    for (std::size_t i = 0; i < ok.size(); ++i) {
        threads.emplace_back([&, i] {
            auto history = History::open(dir.path());
            if (!history.ok()) return;
            const auto id = (*history)->createConversation({});
            ok[i] = id.ok() && (*history)->addMessage(question(*id, "hello")).ok();
        });
    }
    for (auto& t : threads) t.join();
    for (const int good : ok) CHECK(good);
    const auto history = must(History::open(dir.path()));
    CHECK(countMessages(*history) == 8);
}

TEST_CASE("damaged blobs are refused, whatever is cut or changed") {
    const std::vector<MessageToken> tokens = {{1, 0, 5, 0}, {70000, 5, 9, 1}, {2, 9, 9, 2}};
    const std::string blob = encodeTokens(tokens);
    CHECK(must(decodeTokens(blob)) == tokens);
    RoutingChunk chunk(sampleShape());
    for (int i = 0; i < 20; ++i) {
        const auto layers = sampleLayers(i);
        chunk.add({i, i, Phase::kPrefill, layers});
    }
    const std::string routing = chunk.blob();
    for (std::size_t cut = 0; cut < routing.size(); ++cut) {
        std::optional<RoutingLog> log;
        CHECK_FALSE(decodeRoutingChunk(std::string_view(routing).substr(0, cut), log).ok());
    }
    for (std::size_t at = 0; at < routing.size(); ++at) {
        for (const int bit : {0, 3, 7}) {
            std::string changed = routing;
            changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
            std::optional<RoutingLog> log;
            (void)decodeRoutingChunk(changed, log);  // must not crash; values may be other values
        }
    }
    for (std::size_t cut = 1; cut < blob.size(); ++cut) CHECK_FALSE(decodeTokens(blob.substr(0, cut)).ok());
}
