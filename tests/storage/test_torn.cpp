// Recoveries that earlier programs ended with a torn file, and disks that fill while one is made. If these fail,
// messages that lie in a damaged file are never seen again, or purged ones come back.

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>
#include <sys/mount.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>

#include "storage/database.h"
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
void must(const Status& status) {
    REQUIRE_MESSAGE(status.ok(), status.message());
}

std::int64_t ask(const std::string& file, const std::string& sql) {
    SQLite::Database db(file, SQLite::OPEN_READWRITE);
    addSearchTerms(db);  // what the file's triggers call
    SQLite::Statement statement(db, sql);
    return statement.executeStep() ? statement.getColumn(0).getInt64() : 0;
}

/// Chats of messages in one branch, with texts that tell them apart.
void fill(const std::string& dir, int chats, int messages) {
    const auto history = must(History::open(dir));
    for (int c = 0; c < chats; ++c) {
        ConversationContent content;
        content.conversation.title = "chat " + std::to_string(c);
        content.conversation.created_ms = content.conversation.updated_ms = 1000 + c;
        for (int i = 0; i < messages; ++i) {
            MessageContent m;
            m.message.id = i + 1;
            if (i > 0) m.message.parent = i;
            m.message.created_ms = 5000 + c * messages + i;
            m.message.text = "text " + std::to_string(c) + "." + std::to_string(i) + " " + std::string(700, 'x');
            content.messages.push_back(std::move(m));
        }
        content.conversation.leaf = messages;
        must(history->import(content));
    }
}

/// How many of fill()'s messages are there, each under the one before it.
int found(History& history, int chats, int messages) {
    int n = 0;
    ConversationFilter all;
    all.limit = 100'000;
    std::vector<bool> seen(static_cast<std::size_t>(chats * messages));
    for (const Conversation& conversation : must(history.conversations(all))) {
        std::map<std::int64_t, std::string> by_id;
        for (const Message& m : must(history.messages(conversation.id))) {
            by_id[m.id] = m.text;
            int c = 0, i = 0;
            if (std::sscanf(m.text.c_str(), "text %d.%d", &c, &i) != 2) continue;
            const auto at = static_cast<std::size_t>(c * messages + i);
            CHECK_FALSE(seen.at(at));  // no doubles
            seen[at] = true;
            const std::string before = "text " + std::to_string(c) + "." + std::to_string(i - 1) + " ";
            if (i > 0) CHECK((m.parent && by_id[*m.parent].starts_with(before)));
            ++n;
        }
    }
    return n;
}

struct TornDir {
    TemporaryDir dir;
    std::string file = dir.path() + "/history.sqlite";
    std::string first = dir.path() + "/history.damaged-2025-01-01-100000.sqlite";
    std::string second = dir.path() + "/history.damaged-2025-01-01-110000.sqlite";
};

}  // namespace

TEST_CASE("messages that a torn recovery lost come back from the damaged file, once") {
    const TornDir t;
    fill(t.dir.path(), 6, 40);
    fs::copy_file(t.file, t.first);
    // What the old program made of its torn file: chats with few messages or none, one lost; ids begin anew.
    ask(t.file, "DELETE FROM messages WHERE id > 60");
    ask(t.file, "DELETE FROM conversations WHERE id = 6");
    ask(t.file, "UPDATE conversations SET leaf = (SELECT max(id) FROM messages WHERE conversation = conversations.id)");
    ask(t.file, "UPDATE sqlite_sequence SET seq = 60 WHERE name = 'messages'");
    ask(t.file, "UPDATE sqlite_sequence SET seq = 5 WHERE name = 'conversations'");
    fs::copy_file(t.file, t.second);
    // The user has gone on since: these take ids that lost messages had.
    ask(t.file, "INSERT INTO conversations (title, created_ms, updated_ms) VALUES ('since', 9, 9)");
    ask(t.file,
        "INSERT INTO messages (conversation, parent, author, text, created_ms) VALUES "
        "(6, NULL, 0, 'new question', 7), (6, 61, 1, 'new answer', 8), (3, NULL, 0, 'another', 9)");
    {
        const auto history = must(History::open(t.dir.path()));
        const OpenReport& report = history->report();
        CHECK(report.looked_at_again == t.first);
        CHECK(report.brought_back_messages == 180);
        CHECK(report.brought_back_conversations == 1);
        CHECK(report.sentence().find("180") != std::string::npos);
        CHECK(found(*history, 6, 40) == 240);
        CHECK(must(history->search("new answer", 5)).hits.size() == 1);
        CHECK(must(history->search("another", 5)).hits.size() == 1);
        must(history->checkIntegrity());
        must(history->purge(2));
    }
    const auto later = must(History::open(t.dir.path()));
    CHECK(later->report().sentence().empty());
    CHECK(found(*later, 6, 40) == 200);  // what was purged stays away
    CHECK(fs::exists(t.first));
}

TEST_CASE("a damaged file that was recovered wholly brings back nothing that was purged since") {
    const TornDir t;
    fill(t.dir.path(), 4, 10);
    fs::copy_file(t.file, t.first);
    {
        const auto history = must(History::open(t.dir.path()));
        (void)history;
    }
    ask(t.file, "DELETE FROM settings");  // by an earlier program, which noted nothing
    ask(t.file, "DELETE FROM messages WHERE conversation = 2");
    ask(t.file, "DELETE FROM conversations WHERE id = 2");
    const auto history = must(History::open(t.dir.path()));
    CHECK(history->report().looked_at_again.empty());
    CHECK(found(*history, 4, 10) == 30);
}

TEST_CASE("the next recovery also takes what an earlier one had missed") {
    const TornDir t;
    fill(t.dir.path(), 6, 40);
    fs::copy_file(t.file, t.first);
    for (const char* sql :
         {"DELETE FROM messages WHERE id > 60", "UPDATE sqlite_sequence SET seq = 60 WHERE name = 'messages'"}) {
        ask(t.file, sql);
    }
    fs::resize_file(t.file, fs::file_size(t.file) - 8192);
    const auto history = must(History::open(t.dir.path()));
    CHECK_FALSE(history->report().damaged_path.empty());
    CHECK(found(*history, 6, 40) == 240);
    must(history->checkIntegrity());
}

TEST_CASE("a recovered file that is torn is not put in place") {
    const TornDir t;
    fill(t.dir.path(), 6, 40);
    const std::string ready = t.dir.path() + "/history.recovered-2025-01-01-100000.sqlite";
    fs::copy_file(t.file, ready);
    fs::resize_file(ready, fs::file_size(ready) / 2);
    SUBCASE("before the damaged file was moved") {}
    SUBCASE("after it was") {
        fs::rename(t.file, t.first);
    }
    const auto history = must(History::open(t.dir.path()));
    CHECK(found(*history, 6, 40) == 240);
    CHECK_FALSE(fs::exists(ready));
}

TEST_CASE("pieces that a backup has of an answer that has ended since are not added to it") {
    const TemporaryDir dir;
    {
        const auto history = must(History::open(dir.path()));
        const Asked asked = must(history->ask({}, question(0, "q")));
        auto writer = must(history->beginAnswer(answerTo(asked.conversation, asked.message), sampleShape()));
        appendSample(*writer, "half ", 0);
        must(writer->commit());
        must(history->backUp());
        appendSample(*writer, "and whole", 1);
        must(writer->finish(FinishReason::kEndOfText, {}));
        must(history->import({}));
    }
    std::fstream(dir.path() + "/history.sqlite", std::ios::in | std::ios::out) << std::string(100, '\xff');
    const auto history = must(History::open(dir.path()));
    CHECK_FALSE(history->report().damaged_path.empty());
    CHECK(must(history->tokens(2)).size() == 2);
    CHECK(must(history->message(2)).text == "half and whole");
    CHECK(must(history->routing(2))->size() == 2);
}

TEST_CASE("a first start on a full disk leaves nothing that a later one calls damaged") {
    const TemporaryDir dir;
    int refused = 0;
    for (int kb = 20; kb <= 340; kb += 20) {
        CAPTURE(kb);
        const std::string size = "size=" + std::to_string(kb) + "k";
        if (::mount("tmpfs", dir.path().c_str(), "tmpfs", 0, size.c_str()) != 0) {
            return skipCase("mounting a small disk needs root");
        }
        {
            const auto history = History::open(dir.path());
            if (!history.ok()) {
                ++refused;
                CHECK(history.status().message().find("full") != std::string::npos);
            }
        }
        REQUIRE(::mount("tmpfs", dir.path().c_str(), "tmpfs", MS_REMOUNT, "size=8m") == 0);
        {
            const auto history = must(History::open(dir.path()));
            CHECK(history->report().damaged_path.empty());
            CHECK(history->ask({}, question(0, "q")).ok());
        }
        ::umount(dir.path().c_str());
    }
    CHECK(refused > 2);
}
