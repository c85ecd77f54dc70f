// If these fail, a download that replaces a file, or a drive that is pulled, ends the program while it reads.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "engine/format/mapped_file.h"

using namespace moescope;

namespace {

struct Folder {
    std::string folder = [] {
        char name[] = "/tmp/moescope-test-XXXXXX";
        REQUIRE(mkdtemp(name));
        return std::string(name);
    }();
    ~Folder() { std::filesystem::remove_all(folder); }

    std::string file(std::size_t bytes, const std::string& name = "f") const {
        std::ofstream(folder + "/" + name, std::ios::binary) << std::string(bytes, 'x');
        return folder + "/" + name;
    }
};

std::size_t count(const MappedFile& file, char letter) {
    std::size_t n = 0;
    for (const std::byte b : file.bytes()) n += static_cast<char>(b) == letter;
    return n;
}

bool says(const Status& status, std::string_view part) {
    INFO(status.message());
    return status.message().find(part) != std::string::npos;
}

}  // namespace

TEST_CASE_FIXTURE(Folder, "a file that is cut short reads as zeros, and that is said") {
    constexpr std::size_t kBytes = 1 << 20;
    for (const off_t left : {off_t{0}, off_t{5000}}) {
        const std::string path = file(kBytes);
        const auto mapped = MappedFile::open(path);
        REQUIRE(mapped.ok());
        CHECK(count(*mapped, 'x') == kBytes);
        CHECK(mapped->intact().ok());
        REQUIRE(truncate(path.c_str(), left) == 0);
        CHECK(count(*mapped, 'x') < kBytes);  // no signal
        CHECK(says(mapped->intact(), path + ": could not be read to its end"));
    }
}

TEST_CASE_FIXTURE(Folder, "several threads and several files at once") {
    constexpr std::size_t kBytes = 4 << 20;
    const std::string cut = file(kBytes, "cut"), whole = file(kBytes, "whole");
    const auto a = MappedFile::open(cut), b = MappedFile::open(whole);
    REQUIRE(a.ok());
    REQUIRE(b.ok());
    REQUIRE(truncate(cut.c_str(), 0) == 0);
    std::vector<std::thread> threads;
    std::atomic<std::size_t> of_whole{0};
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            count(*a, 'x');
            of_whole += count(*b, 'x');
        });
    }
    for (std::thread& t : threads) t.join();
    CHECK(of_whole == 4 * kBytes);
    CHECK_FALSE(a->intact().ok());
    CHECK(b->intact().ok());
    // What stood for the lost one is free again.
    for (int i = 0; i < 50; ++i) {
        const auto again = MappedFile::open(whole);
        REQUIRE(again.ok());
        REQUIRE(again->intact().ok());
    }
}

TEST_CASE_FIXTURE(Folder, "writing into a file is noticed, another file of its name is not its own") {
    const std::string path = file(10000);
    const auto mapped = MappedFile::open(path);
    REQUIRE(mapped.ok());
    std::filesystem::rename(file(7, "other"), path);
    CHECK(mapped->intact().ok());
    const auto other = MappedFile::open(path);
    REQUIRE(other.ok());
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // times of files move in steps
    std::ofstream(path, std::ios::in | std::ios::out) << "y";
    CHECK(says(other->intact(), "was changed while it was being read"));
    std::filesystem::remove(path);
    CHECK(mapped->intact().ok());
}

TEST_CASE_FIXTURE(Folder, "what is no file is refused at once") {
    const std::string pipe = folder + "/pipe";
    REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    CHECK(says(MappedFile::open(pipe).status(), "is not a regular file"));
    CHECK(says(MappedFile::open("/dev/zero").status(), "is not a regular file"));
    CHECK(says(MappedFile::open(folder).status(), "is not a regular file"));
}

#ifndef __SANITIZE_ADDRESS__  // which has a handler of its own
TEST_CASE_FIXTURE(Folder, "a fault of anything else still ends the program") {
    const auto mapped = MappedFile::open(file(10));
    REQUIRE(mapped.ok());
    const pid_t child = fork();
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        const std::string foreign = file(5000, "foreign");
        const int fd = open(foreign.c_str(), O_RDONLY);
        const auto* p = static_cast<const volatile char*>(mmap(nullptr, 5000, PROT_READ, MAP_SHARED, fd, 0));
        if (truncate(foreign.c_str(), 0) == 0) _exit(p[4999]);
        _exit(0);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGBUS);
}
#endif
