#include "engine/markdown/entities.h"

#include <md4c-html.h>

#include <charconv>
#include <cstdint>

#include "engine/base/utf8.h"

namespace moescope::markdown {
namespace {

std::string numericEntity(std::string_view digits) {
    const bool hex = !digits.empty() && (digits[0] == 'x' || digits[0] == 'X');
    if (hex) digits.remove_prefix(1);
    std::uint32_t code = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
    const bool valid = error == std::errc() && end == digits.data() + digits.size() && code != 0 && code <= 0x10FFFF &&
                       (code < 0xD800 || code >= 0xE000);
    std::string out;
    appendCodePoint(&out, valid ? code : 0xFFFD);
    return out;
}

}  // namespace

std::string decodedEntity(std::string_view entity) {
    if (entity.size() < 3) return std::string(entity);
    if (entity[1] == '#') return numericEntity(entity.substr(2, entity.size() - 3));
    // md4c's renderer has HTML's whole table, but offers it only by rendering: "<p>", the characters, "</p>\n". What
    // HTML itself needs as an entity stays one there.
    if (entity == "&amp;" || entity == "&AMP;") return "&";
    if (entity == "&lt;" || entity == "&LT;") return "<";
    if (entity == "&gt;" || entity == "&GT;") return ">";
    if (entity == "&quot;" || entity == "&QUOT;") return "\"";
    std::string html;
    const auto append = [](const MD_CHAR* text, MD_SIZE size, void* out) {
        static_cast<std::string*>(out)->append(text, size);
    };
    // A letter before it: "&nbsp;" and others are blanks, which a paragraph would lose at its ends.
    const std::string text = "a" + std::string(entity) + "b";
    constexpr std::string_view kBefore = "<p>a", kAfter = "b</p>\n";
    if (md_html(text.data(), static_cast<MD_SIZE>(text.size()), append, &html, MD_FLAG_NOHTML, 0) != 0 ||
        html.size() < kBefore.size() + kAfter.size() || !html.starts_with(kBefore)) {
        return std::string(entity);
    }
    const std::string_view found =
        std::string_view(html).substr(kBefore.size(), html.size() - kBefore.size() - kAfter.size());
    if (found.starts_with("&amp;")) return std::string(entity);
    if (found.starts_with("&lt;")) return "<" + std::string(found.substr(4));  // "&nvlt;" has a sign on top
    if (found.starts_with("&gt;")) return ">" + std::string(found.substr(4));
    return std::string(found);
}

}  // namespace moescope::markdown
