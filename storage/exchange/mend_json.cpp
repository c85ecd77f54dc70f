#include "storage/exchange/mend_json.h"

#include <fmt/format.h>

#include <iterator>
#include <optional>

#include "engine/base/utf8.h"

namespace moescope {
namespace {

constexpr std::string_view kReplacement = "\uFFFD", kEscapedReplacement = "\\ufffd";

bool isHigh(unsigned unit) {
    return unit >= 0xd800 && unit < 0xdc00;
}
bool isLow(unsigned unit) {
    return unit >= 0xdc00 && unit < 0xe000;
}

/// The number of a `\uXXXX` at `at`; nothing if there is none.
std::optional<unsigned> escapedUnit(std::string_view text, std::size_t at) {
    if (text.size() < at + 6 || text[at] != '\\' || text[at + 1] != 'u') return {};
    unsigned unit = 0;
    for (std::size_t i = at + 2; i < at + 6; ++i) {
        const char c = text[i];
        const bool digit = c >= '0' && c <= '9', small = c >= 'a' && c <= 'f', large = c >= 'A' && c <= 'F';
        if (!digit && !small && !large) return {};
        unit = unit * 16 + static_cast<unsigned>(digit ? c - '0' : (small ? c - 'a' : c - 'A') + (digit ? 0 : 10));
    }
    return unit;
}

/// Half a pair that stands as three bytes at `at`.
std::optional<unsigned> encodedHalf(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(text[at + i])); };
    if (text.size() < at + 3 || byte(0) != 0xed || byte(1) < 0xa0 || byte(1) > 0xbf || (byte(2) & 0xc0) != 0x80) {
        return {};
    }
    return 0xd000u | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f);
}

void appendCharacter(std::string& out, unsigned high, unsigned low) {
    const unsigned c = 0x10000 + ((high & 0x3ff) << 10 | (low & 0x3ff));
    for (const unsigned byte : {0xf0 | c >> 18, 0x80 | (c >> 12 & 0x3f), 0x80 | (c >> 6 & 0x3f), 0x80 | (c & 0x3f)}) {
        out += static_cast<char>(byte);
    }
}

/// Takes the escape at `at` and gives how many bytes it has.
std::size_t takeEscape(std::string& out, std::string_view text, std::size_t at) {
    const auto unit = escapedUnit(text, at);
    if (!unit) {
        const std::string_view pair = text.substr(at, 2);
        out += pair;
        return pair.size();
    }
    if (isHigh(*unit)) {
        const auto low = escapedUnit(text, at + 6);
        if (low && isLow(*low)) {
            out += text.substr(at, 12);
            return 12;
        }
    }
    out += isHigh(*unit) || isLow(*unit) || *unit == 0 ? kEscapedReplacement : text.substr(at, 6);
    return 6;
}

/// Takes what is not ASCII at `at` and gives how many bytes it has.
std::size_t takeBytes(std::string& out, std::string_view text, std::size_t at) {
    if (const auto half = encodedHalf(text, at)) {
        const auto low = encodedHalf(text, at + 3);
        if (isHigh(*half) && low && isLow(*low)) {
            appendCharacter(out, *half, *low);
            return 6;
        }
        out += kReplacement;
        return 3;
    }
    const Utf8Character c = firstCharacter(text.substr(at));
    out += c.valid ? text.substr(at, c.bytes) : kReplacement;
    return c.bytes;
}

/// Takes what stands outside of strings: numbers that JSON has not become nothing.
std::size_t takeWord(std::string& out, std::string_view text, std::size_t at) {
    for (const std::string_view word : {"NaN", "Infinity", "-Infinity"}) {
        if (!text.substr(at).starts_with(word)) continue;
        out += "null";
        return word.size();
    }
    out += text[at];
    return 1;
}

}  // namespace

std::string mendJson(std::string_view json) {
    std::string out;
    out.reserve(json.size());
    bool in_string = false;
    for (std::size_t at = 0; at < json.size();) {
        const auto c = static_cast<unsigned char>(json[at]);
        if (!in_string && (c == 'N' || c == 'I' || c == '-')) {
            at += takeWord(out, json, at);
        } else if (!in_string || c == '"') {
            in_string = in_string != (c == '"');
            out += static_cast<char>(c);
            ++at;
        } else if (c == '\\') {
            at += takeEscape(out, json, at);
        } else if (c >= 0x80) {
            at += takeBytes(out, json, at);
        } else {
            if (c == 0) {
                out += kReplacement;
            } else if (c < ' ') {
                fmt::format_to(std::back_inserter(out), "\\u{:04x}", c);
            } else {
                out += static_cast<char>(c);
            }
            ++at;
        }
    }
    return out;
}

}  // namespace moescope
