// If these fail, a long conversation is read anew for every question, or a question is not answered that would fit.

#include <doctest/doctest.h>

#include <vector>

#include "engine/text/turn_window.h"

using namespace moescope;

namespace {

/// A conversation whose prompts hold the sum of the turns that they use, and 5 tokens of the system prompt.
struct Turns {
    std::vector<std::size_t> sizes;
    std::size_t counted = 0;  // how often a prompt was rendered

    std::size_t tokens(std::size_t first) {
        ++counted;
        std::size_t sum = 5;
        for (std::size_t i = first; i < sizes.size(); ++i) sum += sizes[i];
        return sum;
    }
    std::optional<std::size_t> first(std::size_t previous, std::size_t room) {
        return firstTurn({sizes.size(), previous, room}, [this](std::size_t i) { return tokens(i); });
    }
};

}  // namespace

TEST_CASE("what fits stays whole") {
    Turns turns{{10, 10, 10}};
    CHECK(turns.first(0, 35) == 0);
    CHECK(turns.counted == 1);
    CHECK(turns.first(1, 35) == 1);  // begins where it did, although all would fit
    CHECK(turns.first(7, 35) == 2);  // turns that are gone: another branch
}

TEST_CASE("the oldest turns are dropped to half of the room at once") {
    Turns turns{{10, 10, 10, 10, 10, 10}};
    CHECK(turns.first(0, 64) == 4);  // 5 + 2 x 10 <= 32 < 5 + 3 x 10
    CHECK(turns.first(2, 44) == 5);
}

TEST_CASE("a last turn longer than half of the room stands alone, and one that does not fit is refused") {
    CHECK(Turns{{10, 10, 40}}.first(0, 50) == 2);
    CHECK(Turns{{10, 10, 46}}.first(0, 50) == std::nullopt);
    CHECK(Turns{{46}}.first(0, 50) == std::nullopt);
    CHECK(Turns{{45}}.first(0, 50) == 0);
    CHECK(firstTurn({0, 0, 10}, [](std::size_t) { return 3; }) == 0);
}

TEST_CASE("of a long conversation only a few prompts read more than the last question") {
    Turns turns;
    std::size_t previous = 0;
    int evictions = 0;
    for (int question = 0; question < 200; ++question) {
        turns.sizes.push_back(20 + static_cast<std::size_t>(question * 7 % 23));
        turns.counted = 0;
        const auto first = turns.first(previous, 1000);
        REQUIRE(first);
        CHECK(*first >= previous);
        CHECK(turns.tokens(*first) <= 1000);
        CHECK(turns.counted <= 10);
        evictions += *first != previous;
        previous = *first;
    }
    CHECK(evictions >= 8);
    CHECK(evictions <= 14);  // some 6,200 tokens, 500 at a time
}
