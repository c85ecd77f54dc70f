#include "engine/base/foreign_text.h"

#include <algorithm>
#include <utility>

#include "engine/base/utf8.h"

namespace moescope {
namespace {

constexpr std::string_view kReplacement = "\uFFFD";

/// Of a character as its UTF-8 bytes, whole and valid.
bool isControl(std::string_view c) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(c[i]); };
    if (c.size() == 1) return byte(0) < 0x20 || byte(0) == 0x7f;
    if (c.size() == 2) return byte(0) == 0xc2 && byte(1) < 0xa0;  // U+0080 to U+009F
    if (c.size() != 3 || byte(0) != 0xe2) return false;
    return (byte(1) == 0x80 && byte(2) >= 0xaa && byte(2) <= 0xae) ||  // U+202A to U+202E
           (byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9);    // U+2066 to U+2069
}

}  // namespace

std::string harmless(std::string_view text, bool one_line) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const Utf8Character c = firstCharacter(text);
        const std::string_view bytes = text.substr(0, c.bytes);
        text.remove_prefix(c.bytes);
        if (bytes == "\n" || bytes == "\t") {
            out += one_line ? ' ' : bytes[0];
        } else if (bytes == "\r" && text.starts_with('\n')) {
            continue;
        } else if (!c.valid || isControl(bytes)) {
            out += kReplacement;
        } else {
            out += bytes;
        }
    }
    return out;
}

std::string HarmlessStream::push(std::string_view piece) {
    m_held += piece;
    std::size_t end = m_held.size();
    if (m_held.ends_with('\r')) {
        --end;
    } else {
        for (std::size_t back = 1; back <= std::min<std::size_t>(3, m_held.size()); ++back) {
            const std::string_view tail = std::string_view(m_held).substr(m_held.size() - back);
            const Utf8Character c = firstCharacter(tail);
            if (c.incomplete && c.bytes == tail.size()) end = m_held.size() - back;
        }
    }
    std::string shown = harmless(std::string_view(m_held).substr(0, end), false);
    m_held.erase(0, end);
    return shown;
}

std::string HarmlessStream::finish() {
    return harmless(std::exchange(m_held, {}), false);
}

std::string shortened(std::string_view text, std::size_t characters) {
    std::size_t at = 0;
    for (std::size_t n = 0; n < characters; ++n) {
        if (at >= text.size()) return std::string(text);
        at += firstCharacter(text.substr(at)).bytes;
    }
    if (at >= text.size()) return std::string(text);
    return std::string(text.substr(0, at)) + "…";
}

std::string quoted(std::string_view name) {
    // Cut before it is looked at: a name may be megabytes long.
    return "\"" + harmless(shortened(name), true) + "\"";
}

}  // namespace moescope
