// If these fail, a chat is listed under half a character, or under what turns its line around.

#include <doctest/doctest.h>

#include "engine/base/utf8.h"
#include "storage/title.h"

using namespace moescope;

namespace {

std::string times(std::string_view one, int count) {
    std::string all;
    for (int i = 0; i < count; ++i) all += one;
    return all;
}

}  // namespace

TEST_CASE("a title is one line without white space around it") {
    CHECK(titleFrom("  What\nis a  router? ") == "What is a router?");
    CHECK(titleFrom("\u00a0一\u3000二\t\r\n三\u2028") == "一 二 三");
    CHECK(titleFrom("") == "");
    CHECK(titleFrom(" \n\t") == "");
    CHECK(titleFrom(times(" ", 100'000)) == "");
}

TEST_CASE("a title ends between what readers call characters") {
    for (const std::string one : {"🦊", "👩‍👩‍👧‍👦", "e\u0301", "🇩🇪", "नि"}) {
        for (int before = 40; before <= 50; ++before) {
            const std::string title = titleFrom(times("a", before) + one + "bbbbbbbbbb");
            CAPTURE(title);
            REQUIRE(title.ends_with("…"));
            CHECK(validPrefix(title) == title.size());
            const std::string rest = title.substr(static_cast<std::size_t>(std::min(before, 48)));
            CHECK((rest == "…" || rest.starts_with(one)));
        }
        CHECK(titleFrom(times(one, 100)) == times(one, 48) + "…");
    }
    CHECK(titleFrom(times("a", 47) + "🦊bbbbb") == times("a", 47) + "🦊…");
}

TEST_CASE("a title is cut at the end of a word where one is near") {
    CHECK(titleFrom("one two three four five six seven eight nine ten eleven") ==
          "one two three four five six seven eight nine ten…");
    CHECK(titleFrom("one " + times("x", 100)) == "one " + times("x", 44) + "…");
    CHECK(titleFrom(times("x", 48)) == times("x", 48));
}

TEST_CASE("a title of a question of megabytes takes no time") {
    CHECK(titleFrom(times("x", 10'000'000)) == times("x", 48) + "…");
    CHECK(titleFrom("e" + times("\u0301", 1'000'000)).size() < 20'000);
}

TEST_CASE("a title neither commands a terminal nor turns its line") {
    CHECK(titleFrom("a\033[2Jb \u202ec\u0007") == "a\uFFFD[2Jb \uFFFDc\uFFFD");
    CHECK(titleFrom("bad \xff byte") == "bad \uFFFD byte");
}
