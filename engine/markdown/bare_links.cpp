// Where an address in a text begins and ends.

#include <algorithm>
#include <array>

#include "engine/markdown/lines.h"

namespace moescope::markdown {
namespace {

constexpr std::size_t kLongestLocalPart = 64;

/// A sign that a path goes on behind: letters of any script may follow it.
bool joins(char32_t code) {
    return code < 0x80 && std::string_view("/=?#&-_.%:").find(static_cast<char>(code)) != std::string_view::npos;
}

bool endsAddress(char32_t code) {
    constexpr std::u32string_view kEnds = U" \t\v\f<>\"`|\\^{}\u00A0\u00AB\u00BB";
    return code < 0x20 || code == 0x7F || kEnds.find(code) != std::u32string_view::npos ||
           (code >= 0x2000 && code <= 0x206F) || code == 0x3000 || isCjkPunctuation(code) ||
           (code >= 0xFF00 && code <= 0xFFEF) || code == 0xFFFD;
}

/// Where an address whose host begins at `host` ends.
std::size_t addressEnd(std::string_view text, std::size_t host, std::size_t limit) {
    std::size_t at = host;
    int round = 0, square = 0;
    char32_t before = U'/';
    while (at < limit) {
        const Character c = characterAt(text, at);
        if (endsAddress(c.code)) break;
        // Their letters go on with a path or a name in their script, and end one in ASCII.
        if (isCjk(c.code) && !isCjk(before) && !joins(before)) break;
        if (c.code == U'(') ++round;
        if (c.code == U'[') ++square;
        if ((c.code == U')' && --round < 0) || (c.code == U']' && --square < 0)) break;
        before = c.code;
        at += c.bytes;
    }
    while (at > host && std::string_view("?!.,:;*_~'\"(").find(text[at - 1]) != std::string_view::npos) --at;
    // "&lt;" and the like stand behind the address.
    if (at > host && text[at - 1] == ';') return at;
    return at;
}

bool isLocal(char c) {
    return isAlphanumeric(c) || c == '.' || c == '-' || c == '_' || c == '+';
}

BareLink mailAt(std::string_view text, std::size_t at, std::size_t from, const Line& line) {
    std::size_t begin = at;
    while (begin > from && at - begin <= kLongestLocalPart && isLocal(text[begin - 1])) --begin;
    while (begin < at && !isAlphanumeric(text[begin])) ++begin;
    if (begin == at || at - begin > kLongestLocalPart || text[at - 1] == '.') return {};
    if (begin > 0 && (text[begin - 1] == '/' || text[begin - 1] == '@')) return {};
    std::size_t end = at + 1, dots = 0;
    while (end < line.end && (isAlphanumeric(text[end]) || text[end] == '-' || text[end] == '.')) {
        if (text[end] == '.') {
            if (text[end - 1] == '.' || text[end - 1] == '@' || text[end - 1] == '-') break;
            ++dots;
        }
        ++end;
    }
    while (end > at + 1 && !isAlphanumeric(text[end - 1])) {
        if (text[--end] == '.') --dots;
    }
    if (dots == 0 || (end < line.end && (text[end] == '@' || text[end] == '_'))) return {};
    return {begin, end, BareLink::kMail};
}

}  // namespace

BareLink bareLinkAt(std::string_view text, std::size_t at, std::size_t from, const Line& line) {
    if (text[at] == '@') return mailAt(text, at, from, line);
    if (at > line.begin && isAlphanumeric(text[at - 1])) return {};
    const std::string_view rest = text.substr(at, line.end - at);
    if (rest.starts_with("www.")) {
        const std::size_t end = addressEnd(text, at + 4, line.end);
        const std::string_view host = text.substr(at + 4, end - at - 4);
        const bool name = !host.empty() && (isAlphanumeric(host[0]) || static_cast<unsigned char>(host[0]) >= 0x80);
        if (!name || host.substr(0, host.find('/')).find('.') == std::string_view::npos) return {};
        return {at, end, BareLink::kWww};
    }
    constexpr std::array<std::string_view, 3> kSchemes = {"http://", "https://", "ftp://"};
    for (const std::string_view scheme : kSchemes) {
        if (!rest.starts_with(scheme)) continue;
        const std::size_t host = at + scheme.size();
        const std::size_t end = addressEnd(text, host, line.end);
        const Character first = characterAt(text, host);
        const bool name = (first.code < 0x80 && isAlphanumeric(static_cast<char>(first.code))) || first.code == U'[' ||
                          (first.code >= 0x80 && first.code != 0xFFFD);
        if (end > host && name) return {at, end, BareLink::kUrl};
    }
    return {};
}

}  // namespace moescope::markdown
