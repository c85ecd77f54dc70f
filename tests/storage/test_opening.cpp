// Where and how a history is opened: links, permissions, media that can only be read, what killed programs left,
// backups with wrong clocks. If these fail, chats are hidden, shown to others, or cannot be read.

#include <doctest/doctest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "tests/storage/samples.h"
#include "tests/storage/temporary_dir.h"

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

void run(const std::string& file, const std::string& sql) {
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(file.c_str(), &db) == SQLITE_OK);
    REQUIRE_MESSAGE(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK, sqlite3_errmsg(db));
    sqlite3_close(db);
}

Asked say(History& history, const std::string& text) {
    Conversation c;
    c.title = text;
    return must(history.ask(c, question(0, text)));
}

std::string bytesOf(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {(std::istreambuf_iterator<char>(file)), {}};
}

int modeOf(const fs::path& path) {
    struct stat found {};
    REQUIRE_MESSAGE(::lstat(path.c_str(), &found) == 0, path.string());
    return static_cast<int>(found.st_mode & 0777);
}

/// Runs `f` as a user who may read, and nothing else; gives whether it was true.
template <class F>
bool asReader(F&& f) {
    const pid_t child = ::fork();
    if (child == 0) {
        if (::geteuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) ::_exit(2);
        ::_exit(f() ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

const HistoryOptions kReading = [] {
    HistoryOptions options;
    options.reading_is_enough = true;
    return options;
}();

/// Whether a history with one chat "hello" can be read in every way, and refuses to be written with a sentence.
bool canOnlyBeRead(const std::string& dir) {
    const auto history = History::open(dir, kReading);
    if (!history.ok()) return std::fprintf(stderr, "%s\n", history.status().message().c_str()), false;
    History& h = **history;
    const auto list = h.conversations({});
    if (!h.readOnly() || !list.ok() || list->size() != 1) return false;
    const std::int64_t id = list->front().id;
    if (h.messages(id).value().size() != 1 || h.search("hello", 5).value().hits.size() != 2) return false;
    if (h.search("he", 5).value().hits.size() != 2 || !h.content(id).ok() || !h.checkIntegrity().ok()) return false;
    if (!h.routingSearch({}, 10).ok()) return false;
    for (const Status& status :
         {h.setDraft(id, "x"), h.ask({}, question(0, "q")).status(), h.purge(id), h.settings().set("a", "b"),
          h.import(ConversationContent()).status(), h.beginAnswer(answerTo(id, 1), sampleShape()).status()}) {
        if (status.ok() || status.message().empty() || status.message().find('\n') != std::string::npos) return false;
    }
    return !History::open(dir).ok();  // who wants to write is told
}

}  // namespace

TEST_CASE("a history that is a link to what is not there is not replaced") {
    const TemporaryDir dir;
    const std::string link = dir.path() + "/history.sqlite";
    fs::create_symlink("/nowhere/chats.sqlite", link);
    const auto history = History::open(dir.path());
    REQUIRE_FALSE(history.ok());
    CHECK(history.status().message().find("/nowhere/chats.sqlite") != std::string::npos);
    CHECK(fs::is_symlink(link));
    fs::remove(link);
    fs::create_symlink("history.sqlite", link);  // to itself
    CHECK_FALSE(History::open(dir.path()).ok());
    fs::remove(link);
    fs::create_symlink("/tmp", link);
    CHECK_FALSE(History::open(dir.path()).ok());
    CHECK(fs::is_symlink(link));
}

TEST_CASE("a history may be a link to a file, also when that is damaged") {
    const TemporaryDir dir, other;
    const std::string link = dir.path() + "/history.sqlite", target = other.path() + "/chats.db";
    (void)say(*must(History::open(other.path())), "hello");
    fs::rename(other.path() + "/history.sqlite", target);
    fs::create_symlink(target, link);
    {
        const auto history = must(History::open(dir.path()));
        CHECK(must(history->conversations({})).size() == 1);
        must(history->backUp());
    }
    CHECK(fs::exists(dir.path() + "/backups"));
    std::ofstream(target, std::ios::binary | std::ios::trunc) << "damaged";
    const auto history = must(History::open(dir.path()));
    CHECK(must(history->conversations({})).size() == 1);
    CHECK(history->report().damaged_path.starts_with(other.path() + "/chats.damaged-"));
    CHECK(fs::is_symlink(link));
    CHECK(fs::is_regular_file(target));
    CHECK(must(history->oldCopies()).damaged == 1);
}

TEST_CASE("nobody else can read a history, whatever the umask and whatever was there") {
    const TemporaryDir dir;
    const mode_t before = ::umask(0);
    const std::string made = dir.path() + "/a/made", there = dir.path() + "/there", shared = dir.path() + "/shared";
    fs::create_directory(there);
    fs::create_directory(shared);
    std::ofstream(shared + "/notes.txt") << "mine";
    for (const std::string& folder : {made, there, shared}) {
        CAPTURE(folder);
        for (const bool again : {false, true}) {
            const auto history = must(History::open(folder));
            const auto asked = say(*history, "hello");
            auto writer = must(history->beginAnswer(answerTo(asked.conversation, asked.message), sampleShape()));
            const std::string backup = must(history->backUp());
            std::vector<std::string> files = {"history.sqlite", "history.sqlite-wal", "history.sqlite-shm",
                                              "opening.lock",   "in-use.lock",        "backing-up.lock"};
            for (const char* inner : {"backups", "writers"}) {
                CHECK(modeOf(folder + "/" + inner) == 0700);
                for (const auto& entry : fs::directory_iterator(folder + "/" + inner)) {
                    CHECK(modeOf(entry.path()) == 0600);
                }
            }
            for (const std::string& file : files) CHECK_MESSAGE(modeOf(folder + "/" + file) == 0600, file);
            CHECK(modeOf(folder) == (folder == shared ? 0777 : 0700));
            if (again) continue;
            // What other parts of the program keep beside it does not make the folder somebody else's.
            std::ofstream(folder + "/server-keys.json") << "{}";
            std::ofstream(folder + "/typed-questions") << "hello";
            fs::create_directory(folder + "/models");
            // As earlier programs left it.
            writer.reset();
            for (const auto& entry : fs::recursive_directory_iterator(folder)) {
                fs::permissions(entry.path(), entry.is_directory() ? fs::perms::all : fs::perms(0644));
            }
        }
    }
    CHECK(modeOf(shared + "/notes.txt") == 0644);
    const std::string damaged = made + "/history.sqlite";
    std::ofstream(damaged, std::ios::binary | std::ios::trunc) << "damaged";
    const auto history = must(History::open(made));
    CHECK(modeOf(history->report().damaged_path) == 0600);
    CHECK(modeOf(damaged) == 0600);
    ::umask(before);
}

TEST_CASE("what is purged is gone from the file and its journal, and who may still have it is counted") {
    const TemporaryDir dir;
    const auto history = must(History::open(dir.path()));
    const std::string secret = "Meet me at the old harbour at midnight, alone";
    const auto asked = say(*history, secret);
    (void)say(*history, "something else");
    must(history->backUp());
    std::ofstream(dir.path() + "/history.damaged-2020-01-01-000000.sqlite") << "x";
    must(history->moveToTrash(asked.conversation));
    must(history->purge(asked.conversation));
    for (const char* ending : {"", "-wal"}) {
        CHECK(bytesOf(history->path() + ending).find(secret.substr(0, 20)) == std::string::npos);
    }
    const OldCopies copies = must(history->oldCopies());
    CHECK(copies.backups == 1);
    CHECK(copies.damaged == 1);
    CHECK(copies.all() == 2);
}

TEST_CASE("a history that can only be read is read") {
    const TemporaryDir dir;
    fs::permissions(dir.path(), fs::perms(0755));
    const std::string folder = dir.path() + "/data";
    auto history = must(History::open(folder));
    (void)say(*history, "hello");
    SUBCASE("closed") {
        history.reset();
    }
    SUBCASE("with a journal, as a killed program leaves it") {
        const std::string copy = dir.path() + "/copy";
        fs::create_directory(copy);
        for (const char* ending : {"", "-wal"}) {
            fs::copy_file(folder + "/history.sqlite" + ending, copy + "/history.sqlite" + ending);
        }
        REQUIRE(fs::file_size(copy + "/history.sqlite-wal") > 0);
        history.reset();
        fs::remove_all(folder);
        fs::rename(copy, folder);
    }
    pid_t holder = 0;
    SUBCASE("while another user has it open") {
        history.reset();
        holder = ::fork();
        if (holder == 0) {
            const auto open = must(History::open(folder));
            must(open->settings().set("key", "value"));
            std::ofstream(dir.path() + "/open");
            ::pause();
        }
        while (!fs::exists(dir.path() + "/open")) ::usleep(1000);
    }
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.is_regular_file()) fs::permissions(entry.path(), fs::perms(0444));
    }
    fs::permissions(folder, fs::perms(0555));
    CHECK(asReader([&] { return canOnlyBeRead(folder); }));
    fs::permissions(folder, fs::perms(0755));
    if (holder > 0) {
        ::kill(holder, SIGKILL);
        ::waitpid(holder, nullptr, 0);
    }
}

TEST_CASE("a read-only history that is damaged, or of another form, is a sentence") {
    const TemporaryDir dir;
    fs::permissions(dir.path(), fs::perms(0755));
    (void)say(*must(History::open(dir.path())), "hello");
    const std::string file = dir.path() + "/history.sqlite";
    std::string says;
    SUBCASE("newer") {
        run(file, "PRAGMA user_version = 999");
        says = "newer";
    }
    SUBCASE("damaged") {
        std::ofstream(file, std::ios::binary | std::ios::trunc) << "damaged";
        says = "damaged";
    }
    fs::permissions(file, fs::perms(0444));
    fs::permissions(dir.path(), fs::perms(0555));
    CHECK(asReader([&] {
        const auto history = History::open(dir.path(), kReading);
        return !history.ok() && history.status().message().find(says) != std::string::npos;
    }));
    fs::permissions(dir.path(), fs::perms(0755));
}

TEST_CASE("a history of an earlier form is read where it cannot be changed") {
    const TemporaryDir dir;
    const std::string folder = dir.path() + "/data";
    fs::create_directory(folder);
    fs::copy_file(MOESCOPE_TEST_DATA "/history/form-1.sqlite", folder + "/history.sqlite");
    fs::permissions(dir.path(), fs::perms(0755));
    fs::permissions(folder + "/history.sqlite", fs::perms(0444));
    fs::permissions(folder, fs::perms(0555));
    const std::string before = bytesOf(folder + "/history.sqlite");
    CHECK(asReader([&] {
        const auto history = History::open(folder, kReading);
        return history.ok() && (*history)->readOnly() && (*history)->conversations({}).value().size() == 2 &&
               (*history)->messages(3).value().size() == 4;
    }));
    fs::permissions(folder, fs::perms(0755));
    CHECK(bytesOf(folder + "/history.sqlite") == before);
}

TEST_CASE("a file that has lost its version is taken for what it is") {
    const TemporaryDir dir;
    (void)say(*must(History::open(dir.path())), "hello");
    const std::string file = dir.path() + "/history.sqlite";
    SUBCASE("the version only") {
        run(file, "PRAGMA user_version = 0");
    }
    SUBCASE("also whose file it is") {
        run(file, "PRAGMA user_version = 0; PRAGMA application_id = 0");
    }
    {
        const auto history = must(History::open(dir.path()));
        CHECK(history->report().damaged_path.empty());
        CHECK(history->report().migrated_from == -1);
        CHECK(must(history->search("hello", 5)).hits.size() == 2);
    }
    run(file, "PRAGMA user_version = 0; DROP TRIGGER messages_counted");  // not all of it is there
    CHECK_FALSE(must(History::open(dir.path()))->report().damaged_path.empty());
}

TEST_CASE("a journal whose file was moved away is not applied to a new history") {
    const TemporaryDir dir;
    const std::string file = dir.path() + "/history.sqlite";
    std::string journal;
    {
        const auto history = must(History::open(dir.path()));
        (void)say(*history, "hello");
        journal = bytesOf(file + "-wal");
    }
    fs::remove(file);
    std::ofstream(file + "-wal", std::ios::binary) << journal;
    const auto history = must(History::open(dir.path()));
    CHECK(history->report().created);
    CHECK(must(history->conversations({})).empty());
    must(history->checkIntegrity());
    CHECK(bytesOf(file + ".without-file-wal") == journal);
}

TEST_CASE("what killed programs left is removed") {
    const TemporaryDir dir;
    (void)say(*must(History::open(dir.path())), "hello");
    const std::string file = dir.path() + "/history.sqlite";
    for (const char* left : {".recovering", ".recovering-wal", ".copy", ".copy-wal", ".new", ".new-journal"}) {
        std::ofstream(file + left) << "left";
    }
    const auto other = must(History::open(dir.path()));
    auto asked = say(*other, "more");
    auto writer = must(other->beginAnswer(answerTo(asked.conversation, asked.message), sampleShape()));
    for (int i = 0; i < 10; ++i) std::ofstream(dir.path() + "/writers/" + std::to_string(i));
    const auto history = must(History::open(dir.path()));
    CHECK(history->report().interrupted_answers == 0);
    int files = 0, locks = 0;
    for (const auto& entry : fs::directory_iterator(dir.path())) {
        files += entry.path().filename().string().starts_with("history.") ? 1 : 0;
    }
    for (const auto& entry : fs::directory_iterator(dir.path() + "/writers")) locks += entry.exists() ? 1 : 0;
    CHECK(files == 3);  // with its journal
    CHECK(locks == 1);  // of the answer that is being written
    must(writer->finish(FinishReason::kStopped, {}));
}

TEST_CASE("a backup that was just made stays, whatever the clock said before") {
    const TemporaryDir dir;
    auto history = must(History::open(dir.path()));
    (void)say(*history, "first");
    const std::string folder = dir.path() + "/backups";
    const std::string first = must(history->backUp());
    for (int i = 0; i < 5; ++i) fs::copy_file(first, folder + "/history-2099-01-0" + std::to_string(i) + ".sqlite");
    fs::remove(first);
    for (const auto& entry : fs::directory_iterator(folder)) {
        fs::last_write_time(entry.path(), fs::file_time_type::clock::now() + std::chrono::hours(24 * 365 * 70));
    }
    (void)say(*history, "second");
    const std::string second = must(history->backUp());
    CHECK(fs::exists(second));
    int kept = 0;
    for (const auto& entry : fs::directory_iterator(folder)) kept += entry.exists() ? 1 : 0;
    CHECK(kept == 5);
    // The one that holds most is taken, not the one with the latest name.
    const std::string file = history->path();
    history.reset();
    std::ofstream(file, std::ios::binary | std::ios::trunc) << "damaged";
    CHECK(must(must(History::open(dir.path()))->search("second", 5)).hits.size() == 2);
}
