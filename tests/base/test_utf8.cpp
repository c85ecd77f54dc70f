// If these fail, texts are cut within a character or counted wrongly, and bytes that are no UTF-8 end a program.

#include <doctest/doctest.h>

#include <string>

#include "engine/base/utf8.h"

using namespace moescope;

namespace {

std::string encoded(char32_t code) {
    const auto put = [](char32_t byte) { return static_cast<char>(byte); };
    if (code < 0x80) return {put(code)};
    if (code < 0x800) return {put(0xC0 | code >> 6), put(0x80 | (code & 0x3F))};
    if (code < 0x10000) return {put(0xE0 | code >> 12), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F))};
    return {put(0xF0 | code >> 18), put(0x80 | (code >> 12 & 0x3F)), put(0x80 | (code >> 6 & 0x3F)),
            put(0x80 | (code & 0x3F))};
}

}  // namespace

TEST_CASE("every code point is found whole, and only those that are characters") {
    int wrong = 0;
    for (char32_t code = 0; code <= 0x11FFFF; ++code) {
        const std::string text = encoded(code);
        const Utf8Character found = firstCharacter(text);
        const bool character = code <= 0x10FFFF && !(code >= 0xD800 && code < 0xE000);
        wrong += found.valid != character;
        if (character) wrong += found.bytes != text.size() || codePoint(text) != code;
    }
    CHECK(wrong == 0);
}

TEST_CASE("a character that is cut off is incomplete, an overlong one is none") {
    const std::string text = encoded(0x1F600);
    for (std::size_t size = 1; size < text.size(); ++size) {
        CHECK(firstCharacter(std::string_view(text).substr(0, size)).incomplete);
    }
    for (const char* overlong : {"\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf"}) {
        CHECK_FALSE(firstCharacter(overlong).valid);
        CHECK_FALSE(firstCharacter(overlong).incomplete);
    }
    CHECK(validPrefix("ab\xff"
                      "c") == 2);
}

TEST_CASE("cuts fall between characters, and in what is no UTF-8 at the limit") {
    const std::string text = "a\u00e9\u4e2d\U0001F600z";
    const std::size_t ends[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};
    for (std::size_t limit = 1; limit <= 12; ++limit) CHECK(wholeCharacters(text, limit) == ends[limit]);
    const std::string no_text(20, '\x80');
    for (std::size_t limit = 1; limit <= 20; ++limit) CHECK(wholeCharacters(no_text, limit) == limit);
}
