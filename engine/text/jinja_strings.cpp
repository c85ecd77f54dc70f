#include "engine/text/jinja_strings.h"

#include <unicode/locid.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cstring>

#include "engine/base/utf8.h"

namespace moescope::jinja {
namespace {

bool isAscii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Letter by letter: kTitle and kCapitalized differ in what comes before a letter that is to be large.
template <class Large, class Small, class IsCased, class Letters>
void mapWords(Letters& letters, Case wanted, const Large& large, const Small& small, const IsCased& cased) {
    bool within = false;
    for (auto& letter : letters) {
        const bool is_cased = cased(letter);
        letter = within ? small(letter) : large(letter);
        within = wanted == Case::kCapitalized || is_cased;
    }
}

std::string asciiInCase(std::string bytes, Case wanted) {
    const auto large = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; };
    const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    const auto cased = [&](char c) { return large(c) != small(c); };
    if (wanted == Case::kUpper) std::ranges::transform(bytes, bytes.begin(), large);
    if (wanted == Case::kLower) std::ranges::transform(bytes, bytes.begin(), small);
    if (wanted == Case::kTitle || wanted == Case::kCapitalized) mapWords(bytes, wanted, large, small, cased);
    return bytes;
}

std::string unicodeInCase(std::string_view bytes, Case wanted) {
    auto text = icu::UnicodeString::fromUTF8({bytes.data(), static_cast<std::int32_t>(bytes.size())});
    if (wanted == Case::kUpper) text.toUpper(icu::Locale::getRoot());
    if (wanted == Case::kLower) text.toLower(icu::Locale::getRoot());
    if (wanted == Case::kTitle || wanted == Case::kCapitalized) {
        std::vector<UChar32> letters;
        for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) letters.push_back(text.char32At(i));
        mapWords(
            letters, wanted, [](UChar32 c) { return u_totitle(c); }, [](UChar32 c) { return u_tolower(c); },
            [](UChar32 c) { return u_hasBinaryProperty(c, UCHAR_CASED) != 0; });
        text = icu::UnicodeString::fromUTF32(letters.data(), static_cast<std::int32_t>(letters.size()));
    }
    std::string out;
    text.toUTF8String(out);
    return out;
}

}  // namespace

Character characterAt(std::string_view text) {
    const Utf8Character c = firstCharacter(text);
    if (!c.valid) return {0xfffd, 1};
    return {codePoint(text.substr(0, c.bytes)), c.bytes};
}

Character characterBefore(std::string_view text) {
    for (std::size_t bytes = 1; bytes <= std::min<std::size_t>(4, text.size()); ++bytes) {
        const Utf8Character c = firstCharacter(text.substr(text.size() - bytes));
        if (c.valid && c.bytes == bytes) return characterAt(text.substr(text.size() - bytes));
    }
    return {0xfffd, 1};
}

bool isSpace(char32_t code) {
    return (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x20) || code == 0x85 || code == 0xa0 ||
           code == 0x1680 || (code >= 0x2000 && code <= 0x200a) || code == 0x2028 || code == 0x2029 || code == 0x202f ||
           code == 0x205f || code == 0x3000;
}

std::size_t lengthOf(std::string_view text) {
    std::size_t length = 0;
    for (std::size_t at = 0; at < text.size(); ++length) at += characterAt(text.substr(at)).bytes;
    return length;
}

std::vector<std::uint32_t> characterStarts(std::string_view text, Budget& budget) {
    budget.read(text.size());
    budget.room(sizeof(std::uint32_t) * text.size());
    std::vector<std::uint32_t> starts;
    for (std::size_t at = 0; at < text.size();) {
        starts.push_back(static_cast<std::uint32_t>(at));
        at += characterAt(text.substr(at)).bytes;
    }
    starts.push_back(static_cast<std::uint32_t>(text.size()));
    return starts;
}

std::size_t findFirst(std::string_view text, std::string_view what, Budget& budget) {
    if (text.empty() || what.empty()) return what.empty() ? 0 : std::string_view::npos;
    // string_view::find() may compare `what` at every place; this is linear.
    const void* found = memmem(text.data(), text.size(), what.data(), what.size());
    const std::size_t at = found ? static_cast<std::size_t>(static_cast<const char*>(found) - text.data()) : 0;
    budget.look((found ? at : text.size()) + what.size());
    return found ? at : std::string_view::npos;
}

std::size_t findLast(std::string_view text, std::string_view what, Budget& budget) {
    if (what.size() > text.size()) return std::string_view::npos;
    budget.look(text.size());
    for (std::size_t at = text.size() - what.size() + 1; at-- > 0;) {
        if (what.empty()) return at;
        if (text[at] != what.front()) continue;
        budget.look(what.size());
        if (text.substr(at, what.size()) == what) return at;
    }
    return std::string_view::npos;
}

Text strip(const Text& text, std::optional<std::string_view> characters, bool left, bool right) {
    std::vector<char32_t> wanted;
    for (std::string_view rest = characters.value_or(""); !rest.empty();) {
        const Character c = characterAt(rest);
        wanted.push_back(c.code);
        rest.remove_prefix(c.bytes);
    }
    std::ranges::sort(wanted);
    const auto goes = [&](char32_t code) {
        return characters ? std::ranges::binary_search(wanted, code) : isSpace(code);
    };
    std::size_t begin = 0, end = text.size();
    while (left && begin < end) {
        const Character c = characterAt(text.view().substr(begin));
        if (!goes(c.code)) break;
        begin += c.bytes;
    }
    while (right && begin < end) {
        const Character c = characterBefore(text.view().substr(begin, end - begin));
        if (!goes(c.code)) break;
        end -= c.bytes;
    }
    return text.slice(begin, end);
}

namespace {

std::vector<Text> splitAtSpaces(const Text& text, std::int64_t most, bool from_end, Budget& budget) {
    std::vector<Text> parts;
    const Text rest = strip(text, std::nullopt, !from_end, from_end);
    std::size_t begin = 0, end = rest.size();
    while (begin < end && (most < 0 || static_cast<std::int64_t>(parts.size()) < most)) {
        budget.step();
        std::size_t at = from_end ? end : begin;  // where the word ends that is cut off
        const auto next = [&] {
            return from_end ? characterBefore(rest.view().substr(begin, at - begin))
                            : characterAt(rest.view().substr(at, end - at));
        };
        const auto skip = [&](bool spaces) {
            while (from_end ? at > begin : at < end) {
                const Character c = next();
                if (isSpace(c.code) != spaces) break;
                at = from_end ? at - c.bytes : at + c.bytes;
            }
        };
        skip(false);
        parts.push_back(from_end ? rest.slice(at, end) : rest.slice(begin, at));
        skip(true);
        (from_end ? end : begin) = at;
    }
    if (begin < end) parts.push_back(rest.slice(begin, end));
    if (from_end) std::ranges::reverse(parts);
    return parts;
}

}  // namespace

std::vector<Text> split(const Text& text, std::optional<std::string_view> separator, std::int64_t most, bool from_end,
                        Budget& budget) {
    if (!separator) budget.read(text.size());
    budget.room(text.size());
    if (!separator) return splitAtSpaces(text, most, from_end, budget);
    std::vector<Text> parts;
    std::size_t begin = 0, end = text.size();
    while (most < 0 || static_cast<std::int64_t>(parts.size()) < most) {
        const std::string_view rest = text.view().substr(begin, end - begin);
        const std::size_t at = from_end ? findLast(rest, *separator, budget) : findFirst(rest, *separator, budget);
        if (at == std::string_view::npos) break;
        budget.step();
        if (from_end) {
            parts.push_back(text.slice(begin + at + separator->size(), end));
            end = begin + at;
        } else {
            parts.push_back(text.slice(begin, begin + at));
            begin += at + separator->size();
        }
    }
    parts.push_back(text.slice(begin, end));
    if (from_end) std::ranges::reverse(parts);
    return parts;
}

std::vector<Text> splitLines(const Text& text, bool keep_ends, Budget& budget) {
    budget.read(text.size());
    budget.room(text.size());
    std::vector<Text> lines;
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size();) {
        const Character c = characterAt(text.view().substr(at));
        const bool ends = (c.code >= 0x0a && c.code <= 0x0d) || (c.code >= 0x1c && c.code <= 0x1e) || c.code == 0x85 ||
                          c.code == 0x2028 || c.code == 0x2029;
        std::size_t after = at + c.bytes;
        if (ends) {
            budget.step();
            if (c.code == '\r' && after < text.size() && text.bytes()[after] == '\n') ++after;
            lines.push_back(text.slice(begin, keep_ends ? after : at));
            begin = after;
        }
        at = after;
    }
    if (begin < text.size()) lines.push_back(text.slice(begin, text.size()));
    return lines;
}

Text replace(const Text& text, std::string_view what, const Text& with, std::int64_t most, Budget& budget) {
    budget.look(text.size());
    // Nothing stands before each character and at the end.
    std::vector<std::uint32_t> places;
    const auto wanted = [&] { return most < 0 || static_cast<std::int64_t>(places.size()) < most; };
    if (what.empty()) {
        for (const std::uint32_t start : characterStarts(text.view(), budget)) {
            if (wanted()) places.push_back(start);
        }
    } else {
        for (std::size_t from = 0; wanted();) {
            const std::size_t at = findFirst(text.view().substr(from), what, budget);
            if (at == std::string_view::npos) break;
            places.push_back(static_cast<std::uint32_t>(from + at));
            from += at + what.size();
        }
    }
    budget.room(text.size() + places.size() * (with.size() + sizeof(std::uint32_t)));
    budget.look(places.size() * (with.size() + 16));
    // Inside of a message's text nothing can become a control token that was put there by what the message says.
    const Text put = text.ownOnly() ? with : Text::placeless(with.bytes());
    Text out;
    std::size_t done = 0;
    for (const std::uint32_t at : places) {
        out.appendSlice(text, done, at);
        out.append(put);
        done = at + what.size();
    }
    out.appendSlice(text, done, text.size());
    return out;
}

Text inCase(const Text& text, Case wanted) {
    if (isAscii(text.view())) return text.remapped(asciiInCase(text.bytes(), wanted));
    std::string mapped = unicodeInCase(text.view(), wanted);
    return text.ownOnly() ? Text(std::move(mapped)) : Text::placeless(std::move(mapped));
}

bool isAll(std::string_view text, CharacterClass wanted) {
    bool any = false;
    for (; !text.empty();) {
        const Character c = characterAt(text);
        text.remove_prefix(c.bytes);
        const auto code = static_cast<UChar32>(c.code);
        const bool letter = u_isalpha(code), digit = u_charDigitValue(code) >= 0;
        switch (wanted) {
            case CharacterClass::kAlphabetic:
                if (!letter) return false;
                any = true;
                break;
            case CharacterClass::kDigits:
                if (!digit) return false;
                any = true;
                break;
            case CharacterClass::kAlphanumeric:
                if (!letter && !digit) return false;
                any = true;
                break;
            case CharacterClass::kSpace:
                if (!isSpace(c.code)) return false;
                any = true;
                break;
            case CharacterClass::kUpper:
                if (u_isULowercase(code) || u_istitle(code)) return false;
                any = any || u_isUUppercase(code);
                break;
            case CharacterClass::kLower:
                if (u_isUUppercase(code) || u_istitle(code)) return false;
                any = any || u_isULowercase(code);
                break;
        }
    }
    return any;
}

}  // namespace moescope::jinja
