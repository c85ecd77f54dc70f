// Those that share a model compute by turns. If this fails, one client waits while another gets several tokens.

#include <doctest/doctest.h>

#include <optional>
#include <thread>
#include <vector>

#include "app/serve/turns.h"

using moescope::serve::Turns;

TEST_CASE("each who passes a turn comes after all who waited") {
    constexpr int kThreads = 3, kTurns = 200;
    Turns turns;
    std::vector<int> order;  // written by whose turn it is
    {
        // Nobody begins before all wait.
        std::optional<Turns::Turn> held(std::in_place, turns);
        std::vector<std::jthread> threads;
        for (int i = 0; i < kThreads; ++i) {
            threads.emplace_back([&, i] {
                Turns::Turn turn(turns);
                for (int k = 0; k < kTurns; ++k) {
                    order.push_back(i);
                    turn.pass();
                }
            });
        }
        while (turns.waiting() < kThreads) std::this_thread::yield();
        held.reset();
    }
    REQUIRE(order.size() == kThreads * kTurns);
    for (std::size_t t = kThreads; t < order.size(); ++t) {
        CAPTURE(t);
        CHECK(order[t] == order[t - kThreads]);
    }
}

TEST_CASE("one alone keeps its turn") {
    Turns turns;
    Turns::Turn turn(turns);
    for (int i = 0; i < 1000; ++i) turn.pass();
    CHECK(turns.waiting() == 0);
}
