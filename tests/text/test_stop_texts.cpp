// If these fail, answers go on past the text that should end them, show a part of it, or hold back what is none.

#include <doctest/doctest.h>

#include "engine/text/stop_texts.h"

using namespace moescope;

namespace {

struct Seen {
    std::string text;
    std::optional<std::string> found;
    bool operator==(const Seen&) const = default;
};

Seen whole(const std::vector<std::string>& stops, std::string_view text, std::size_t piece) {
    StopTexts stop(stops);
    Seen seen;
    for (std::size_t at = 0; at < text.size(); at += piece) seen.text += stop.push(text.substr(at, piece));
    seen.text += stop.finish();
    seen.found = stop.found();
    return seen;
}

}  // namespace

TEST_CASE("a text that is split over pieces ends the answer before it") {
    StopTexts stop({"\n\nUser:"});
    CHECK(stop.push("Hello\n") == "Hello");
    CHECK(stop.push("\nUs") == "");
    CHECK_FALSE(stop.found());
    CHECK(stop.push("er: what") == "");
    CHECK(stop.found() == "\n\nUser:");
    CHECK(stop.push("more") == "");
    CHECK(stop.finish() == "");
}

TEST_CASE("what turns out to be no stop text is let through at once") {
    StopTexts stop({"aab"});
    CHECK(stop.push("xa") == "x");
    CHECK(stop.push("a") == "");
    CHECK(stop.push("a") == "a");
    CHECK(stop.push("c") == "aac");
    CHECK(stop.push("aa") == "");
    CHECK(stop.finish() == "aa");
    CHECK_FALSE(stop.found());
}

TEST_CASE("characters of several bytes are found, also cut within") {
    StopTexts stop({"。"});  // three bytes
    CHECK(stop.push("你好") == "你好");
    CHECK(stop.push("\xe3\x80") == "");
    CHECK(stop.push("\x82") == "");
    CHECK(stop.found() == "。");
}

TEST_CASE("what is found does not depend on where the pieces are cut") {
    const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
        {{"abc", "b"}, "xabcx"}, {{"b", "ab"}, "xabx"}, {{"aa", "aaa"}, "xaaaa"}, {{"ab", "bb"}, "aabbab"},
        {{""}, "text"},          {{"END"}, "no EN D"},  {{}, "anything"}};
    for (const auto& [stops, text] : cases) {
        const Seen expected = whole(stops, text, 1);
        for (std::size_t piece = 2; piece <= text.size(); ++piece) CHECK(whole(stops, text, piece) == expected);
    }
    CHECK(whole({"b", "ab"}, "xabx", 9) == Seen{"x", "ab"});
    CHECK(whole({"abc", "b"}, "xabcx", 9) == Seen{"xa", "b"});
    CHECK(whole({""}, "text", 9) == Seen{"text", std::nullopt});
}
