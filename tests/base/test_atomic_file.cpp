// If these fail, an export destroys what it should have kept: a link, a private mode, a pipe, an older file.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>

#include "engine/base/atomic_file.h"

using namespace moescope;
namespace fs = std::filesystem;

namespace {

struct Folder {
    fs::path path;
    Folder() {
        std::string name = (fs::temp_directory_path() / "moescope-XXXXXX").string();
        path = mkdtemp(name.data());
    }
    ~Folder() { fs::remove_all(path); }
    std::string file(const std::string& name) const { return (path / name).string(); }
    std::size_t entries() const {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(path), fs::directory_iterator()));
    }
};

std::string contents(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void put(const std::string& path, const std::string& text) {
    std::ofstream(path) << text;
}

Status save(const std::string& path, std::string_view text) {
    AtomicFile file(path);
    file.write(text);
    return file.commit();
}

mode_t modeOf(const std::string& path) {
    struct stat s {};
    REQUIRE(stat(path.c_str(), &s) == 0);
    return s.st_mode & 0777;
}

}  // namespace

TEST_CASE("a new file has the umask's mode, an old one keeps its own") {
    const Folder folder;
    const mode_t before = umask(027);
    CHECK(save(folder.file("new"), "a").ok());
    umask(before);
    CHECK(modeOf(folder.file("new")) == 0640);
    put(folder.file("private"), "old");
    fs::permissions(folder.file("private"), fs::perms(0600));
    CHECK(save(folder.file("private"), "new").ok());
    CHECK(modeOf(folder.file("private")) == 0600);
    CHECK(contents(folder.file("private")) == "new");
    CHECK(folder.entries() == 2);
}

TEST_CASE("links stay, and what they name is replaced") {
    const Folder folder;
    fs::create_directory(folder.path / "there");
    put(folder.file("there/real"), "old");
    fs::create_symlink("there/real", folder.path / "one");
    fs::create_symlink("one", folder.path / "two");
    CHECK(save(folder.file("two"), "new").ok());
    CHECK(fs::is_symlink(folder.path / "one"));
    CHECK(fs::is_symlink(folder.path / "two"));
    CHECK(contents(folder.file("there/real")) == "new");
    // One that names nothing yet makes it.
    fs::create_symlink(folder.path / "there/made", folder.path / "dangling");
    CHECK(save(folder.file("dangling"), "x").ok());
    CHECK(fs::is_symlink(folder.path / "dangling"));
    CHECK(contents(folder.file("there/made")) == "x");
    fs::create_symlink("round", folder.path / "round");
    CHECK_FALSE(save(folder.file("round"), "x").ok());
}

TEST_CASE("what must not be written is refused, and stays") {
    const Folder folder;
    put(folder.file("kept"), "old");
    fs::permissions(folder.file("kept"), fs::perms(0444));
    const Status status = save(folder.file("kept"), "new");
    CHECK_FALSE(status.ok());
    CHECK(status.message().find("write-protected") != std::string::npos);
    CHECK(contents(folder.file("kept")) == "old");
    CHECK_FALSE(save(folder.path.string(), "x").ok());
    CHECK_FALSE(save(folder.file("no/such/folder"), "x").ok());
    CHECK_FALSE(save("", "x").ok());
    CHECK(folder.entries() == 1);
}

TEST_CASE("names as long as a file system allows") {
    const Folder folder;
    const std::string name(255, 'n');
    CHECK(save(folder.file(name), "x").ok());
    CHECK(contents(folder.file(name)) == "x");
}

TEST_CASE("without commit nothing stays") {
    const Folder folder;
    put(folder.file("kept"), "old");
    {
        AtomicFile file(folder.file("kept"));
        file.write(std::string_view("half"));
        AtomicFile other(folder.file("never"));
        other.write(std::string(3 << 20, 'x'));
    }
    CHECK(contents(folder.file("kept")) == "old");
    CHECK(folder.entries() == 1);
}

TEST_CASE("pipes and devices are written straight into") {
    const Folder folder;
    const std::string pipe = folder.file("pipe");
    REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    auto reader = std::async(std::launch::async, [&] { return contents(pipe); });
    const std::string text(300'000, 'p');
    CHECK(save(pipe, text).ok());
    CHECK(reader.get() == text);
    CHECK(fs::is_fifo(pipe));
    CHECK(save("/dev/null", "x").ok());
    CHECK(fs::is_character_file("/dev/null"));
    CHECK_FALSE(save("/dev/full", "x").ok());
    // A descriptor is not opened anew: what was written to it before stays.
    const int fd = open(folder.file("log").c_str(), O_CREAT | O_WRONLY, 0600);
    REQUIRE(write(fd, "before ", 7) == 7);
    CHECK(save("/dev/fd/" + std::to_string(fd), "after").ok());
    close(fd);
    CHECK(contents(folder.file("log")) == "before after");
    CHECK(folder.entries() == 2);
}

TEST_CASE("a limit of file sizes is an error that leaves nothing") {
    const Folder folder;
    const pid_t child = fork();
    if (child == 0) {
        signal(SIGXFSZ, SIG_IGN);  // as the programs do
        const rlimit limit{100'000, 100'000};
        setrlimit(RLIMIT_FSIZE, &limit);
        const Status status = save(folder.file("large"), std::string(3 << 20, 'x'));
        _exit(status.ok() ? 1 : status.message().find("writing failed") == std::string::npos ? 2 : 0);
    }
    int result = -1;
    waitpid(child, &result, 0);
    CHECK(result == 0);
    CHECK(folder.entries() == 0);
}

TEST_CASE("a killed process leaves no file without a name") {
    const Folder folder;
    const int probe = open(folder.path.c_str(), O_TMPFILE | O_WRONLY, 0600);
    if (probe < 0) {
        MESSAGE("skipped: the file system has no files without a name");
        return;
    }
    close(probe);
    const pid_t child = fork();
    if (child == 0) {
        AtomicFile file(folder.file("large"));
        file.write(std::string(3 << 20, 'x'));
        kill(getpid(), SIGKILL);
    }
    int result = 0;
    waitpid(child, &result, 0);
    CHECK(WIFSIGNALED(result));
    CHECK(folder.entries() == 0);
}
