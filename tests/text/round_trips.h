#pragma once
// What holds for any tokenizer and text.

#include <doctest/doctest.h>

#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "engine/base/utf8.h"
#include "engine/text/tokenizer.h"

namespace moescope {

inline std::vector<std::int32_t> ids(const std::vector<TokenSpan>& spans) {
    std::vector<std::int32_t> result;
    for (const TokenSpan& s : spans) result.push_back(s.id);
    return result;
}

inline void checkRanges(const std::vector<TokenSpan>& spans, std::size_t size) {
    std::uint32_t at = 0;
    for (const TokenSpan& s : spans) {
        REQUIRE(s.begin == at);
        REQUIRE(s.end >= s.begin);
        at = s.end;
    }
    REQUIRE(at == size);
}

inline std::string randomText(std::mt19937& random, bool valid_only) {
    std::string text;
    const std::size_t length = random() % 40;
    for (std::size_t i = 0; i < length; ++i) {
        const unsigned kind = random() % 8;
        if (kind < 4) {
            text += static_cast<char>("abc heö \n\t,.!'019"[random() % 17]);
        } else if (kind < 7 || valid_only) {
            static const char* const kPieces[] = {
                "ö", "é",    "你好", "\xe2\x96\x81", "😀",     "ü",     "\xc2\xa0", "\xe2\x80\xa9",
                "Ử", "한국", "١٢",   "<s>",          "<eos>", "<0x41>"};
            text += kPieces[random() % std::size(kPieces)];
        } else {
            text += static_cast<char>(random());
        }
    }
    if (!valid_only) return text;
    std::string valid;  // the switch above may have cut ö in two
    for (std::size_t at = 0; at < text.size();) {
        const Utf8Character c = firstCharacter(std::string_view(text).substr(at));
        if (c.valid) valid += text.substr(at, c.bytes);
        at += c.bytes;
    }
    return valid;
}

inline void checkRoundTrips(const Tokenizer& tokenizer, bool valid_only) {
    std::mt19937 random(1);
    for (int i = 0; i < 10'000; ++i) {
        const std::string text = randomText(random, valid_only);
        const auto spans = tokenizer.encode(text);
        REQUIRE(tokenizer.decode(ids(spans)) == text);
        checkRanges(spans, text.size());
        IncrementalDecoder decoder(tokenizer);
        for (const TokenSpan& s : spans) {
            REQUIRE_FALSE(tokenizer.isControl(s.id));
            REQUIRE(text.substr(s.begin, s.end - s.begin) == tokenizer.bytes(s.id));
            const std::string part = decoder.push(s.id);
            REQUIRE(validPrefix(part) == part.size());
        }
        const std::string rest = decoder.finish();
        REQUIRE(validPrefix(rest) == rest.size());
    }
}

}  // namespace moescope
