// If these fail, results miss parts, the program hangs, or it burns a core while nothing runs.

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <ctime>

#include "engine/backend/thread_pool.h"

using namespace moescope;

TEST_CASE("every task runs once, in many short phases") {
    for (const int threads : {1, 2, 5}) {
        ThreadPool pool(threads);
        CHECK(pool.threads() == threads);
        for (std::size_t phase = 0; phase < 3000; ++phase) {
            const std::size_t count = phase % 37;
            std::vector<std::atomic<int>> done(count);
            pool.run(count, [&](std::size_t i, int worker) {
                REQUIRE(worker < threads);
                ++done[i];
            });
            for (const auto& d : done) REQUIRE(d == 1);
        }
    }
}

TEST_CASE("a worker's number belongs to one thread at a time") {
    ThreadPool pool(4);
    std::vector<std::atomic<int>> inside(4);
    std::atomic<bool> shared{false};
    for (int phase = 0; phase < 500; ++phase) {
        pool.run(64, [&](std::size_t, int worker) {
            auto& mine = inside[static_cast<std::size_t>(worker)];
            if (++mine != 1) shared = true;
            --mine;
        });
    }
    CHECK_FALSE(shared);
}

TEST_CASE("an idle pool uses no processor time") {
    ThreadPool pool(4);
    pool.run(100, [](std::size_t, int) {});
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const std::clock_t before = std::clock();
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    CHECK(static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC < 0.03);
}

#ifndef __SANITIZE_ADDRESS__  // which itself takes more address space than the limit leaves
TEST_CASE("fewer threads do the work where the system gives no more") {
    const pid_t child = fork();
    if (child == 0) {
        // A thread's stack takes address space, of which there is enough for some. (Limits on processes do not hold for
        // root, who may run the tests.)
        const rlimit limit = {512u << 20, 512u << 20};
        setrlimit(RLIMIT_AS, &limit);
        ThreadPool pool(1000);
        std::atomic<int> done{0};
        pool.run(1000, [&](std::size_t, int worker) { done += worker < pool.threads(); });
        _exit(done == 1000 && pool.threads() > 1 && pool.threads() < 1000 ? 0 : 1);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
}
#endif
