// What a text repeats is proposed to follow again, and what does not pay is not. If these fail, answers that copy are
// slow, or stories become slower for guesses that are wrong.

#include <doctest/doctest.h>

#include <vector>

#include "engine/sampling/copy_drafts.h"

using namespace moescope;

namespace {

using Tokens = std::vector<std::int32_t>;

Tokens proposal(const CopyDrafts& drafts, std::size_t most = 100) {
    const auto found = drafts.propose(most);
    return {found.begin(), found.end()};
}

}  // namespace

TEST_CASE("three tokens that stood before propose what followed them, more as they go on") {
    CopyDrafts drafts(Tokens{1, 2, 3, 4, 5, 6, 7, 8, 9});
    CHECK(proposal(drafts).empty());
    drafts.add(1);
    drafts.add(2);
    CHECK(proposal(drafts).empty());
    drafts.add(3);
    CHECK(proposal(drafts) == Tokens{4, 5});
    CHECK(proposal(drafts, 1) == Tokens{4});
    drafts.add(4);
    CHECK(proposal(drafts) == Tokens{5, 6, 7});
    drafts.add(99);
    CHECK(proposal(drafts).empty());
}

TEST_CASE("a passage that is being copied is followed, also where a part of it stood elsewhere later") {
    CopyDrafts drafts(Tokens{10, 1, 2, 3, 4, 5, 6, 7, 0, 2, 3, 4, 30, 31, 10, 1, 2});
    drafts.add(3);
    drafts.add(4);
    CHECK(proposal(drafts) == Tokens{5, 6, 7, 0});
}

TEST_CASE("of two places the later one is proposed") {
    CopyDrafts drafts(Tokens{1, 2, 3, 4, 4, 1, 2, 3, 5, 5, 1, 2});
    drafts.add(3);
    CHECK(proposal(drafts) == Tokens{5, 5});
}

TEST_CASE("a text in a circle proposes no more than there is") {
    CopyDrafts drafts(Tokens{7, 7, 7});
    for (int i = 0; i < 100; ++i) {
        drafts.add(7);
        const Tokens found = proposal(drafts);
        CHECK(found.size() <= 16);
        for (const std::int32_t id : found) CHECK(id == 7);
    }
    CHECK_FALSE(proposal(drafts).empty());
}

TEST_CASE("wrong guesses are made ever more seldom, and right ones again as soon as they are right") {
    CopyDrafts drafts(Tokens{});
    // The same three tokens, each time followed by another one: every guess is wrong.
    const auto wrongGuesses = [&](int tokens) {
        int guesses = 0;
        for (std::int32_t i = 0; i < tokens / 4; ++i) {
            for (const std::int32_t id : {1, 2, 3}) drafts.add(id);
            const Tokens found = proposal(drafts);
            drafts.judge(found.size(), 0);
            guesses += found.empty() ? 0 : 1;
            drafts.add(1000 + i);
        }
        return guesses;
    };
    CHECK(wrongGuesses(400) <= 4);
    CHECK(wrongGuesses(4000) <= 9);

    CopyDrafts copying(Tokens{});
    int right = 0;
    for (int round = 0; round < 20; ++round) {
        for (std::int32_t id = 0; id < 50; ++id) {
            const Tokens found = proposal(copying);
            const bool follows = !found.empty() && found.front() == id;
            copying.judge(found.size(), follows ? found.size() : 0);
            right += follows ? 1 : 0;
            copying.add(id);
        }
    }
    CHECK(right > 900);
}
