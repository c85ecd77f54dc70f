// If this fails, a model file or an imported title can command the user's terminal, or flood a sentence.
#include <doctest/doctest.h>

#include "engine/base/foreign_text.h"

using namespace moescope;

TEST_CASE("escape sequences lose what makes them commands") {
    CHECK(harmless("a\x1b]52;c;AAAA\x07z", true) == "a\uFFFD]52;c;AAAA\uFFFDz");
    CHECK(harmless("\xc2\x9b"
                   "2J",
                   false) == "\uFFFD2J");  // CSI as one C1 character
    CHECK(harmless("\x7f", false) == "\uFFFD");
    CHECK(harmless(std::string_view("\0", 1), false) == "\uFFFD");
}

TEST_CASE("nothing turns the order of what is read") {
    for (const char* bidi :
         {"\u202A", "\u202B", "\u202C", "\u202D", "\u202E", "\u2066", "\u2067", "\u2068", "\u2069"}) {
        CHECK(harmless(bidi, false) == "\uFFFD");
    }
    for (const char* fine : {"\u2029", "\u2030", "\u206A", "שלום", "مرحبا", "\u00A0", "🦊"})
        CHECK(harmless(fine, false) == fine);
}

TEST_CASE("lines stay lines, or become one") {
    CHECK(harmless("a\r\nb\tc\rd", false) == "a\nb\tc\uFFFDd");
    CHECK(harmless("a\r\nb\tc", true) == "a b c");
}

TEST_CASE("bytes that are no UTF-8 are shown as such") {
    CHECK(harmless("\xff\xc3", false) == "\uFFFD\uFFFD");
    CHECK(harmless("\xe2\x80", true) == "\uFFFD");
}

TEST_CASE("names are cut between characters") {
    CHECK(shortened("häuser", 2) == "hä…");
    CHECK(shortened("häuser", 6) == "häuser");
    CHECK(shortened("", 0) == "");
    CHECK(quoted("a\nb") == "\"a b\"");
    const std::string name = quoted(std::string(1'000'000, 'x'));
    CHECK(name == "\"" + std::string(kShownName, 'x') + "…\"");
}

TEST_CASE("a text in pieces is cleaned like the whole") {
    const std::string text =
        "a\x1b[31m ö 中 \xf0\x9f\x98\x80\r\nb\rc\xe4\xb8"
        "d\xc2\x9b \xe2\x80\xae \xf0\x9f";
    const std::string whole = harmless(text, false);
    for (std::size_t size = 1; size <= text.size(); ++size) {
        HarmlessStream stream;
        std::string shown;
        for (std::size_t at = 0; at < text.size(); at += size)
            shown += stream.push(std::string_view(text).substr(at, size));
        shown += stream.finish();
        CHECK(shown == whole);
    }
    HarmlessStream stream;
    CHECK(stream.push("abc") == "abc");  // nothing waits without need
    CHECK(stream.push("\xc3") == "");
    CHECK(stream.push("\xb6") == "ö");
    CHECK(stream.push("\r") == "");
    CHECK(stream.push("\n") == "\n");
}
