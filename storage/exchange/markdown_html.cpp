#include "storage/exchange/markdown_html.h"

#include <md4c-html.h>
#include <md4c.h>

#include <algorithm>
#include <array>

#include "storage/exchange/transcript.h"

namespace moescope {
namespace {

constexpr unsigned kFlags =
    MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS | MD_FLAG_PERMISSIVEURLAUTOLINKS | MD_FLAG_NOHTML;

/// Collects what md4c writes, up to a limit.
struct Output {
    std::string html;
    std::size_t limit = 0;
    bool too_long = false;
};

void take(const MD_CHAR* text, MD_SIZE size, void* user) {
    auto& out = *static_cast<Output*>(user);
    out.too_long = out.too_long || out.html.size() + size > out.limit;
    if (!out.too_long) out.html.append(text, size);
}

bool isSafeLink(std::string_view url) {
    constexpr std::array<std::string_view, 3> kSchemes = {"http://", "https://", "mailto:"};
    return std::any_of(kSchemes.begin(), kSchemes.end(), [&](std::string_view scheme) {
        return url.size() > scheme.size() &&
               std::equal(scheme.begin(), scheme.end(), url.begin(),
                          [](char want, char have) { return want == (have >= 'A' && have <= 'Z' ? have + 32 : have); });
    });
}

/// The value of an attribute in a tag that md4c wrote; quotes in values are entities.
std::string_view attribute(std::string_view tag, std::string_view start) {
    const std::size_t at = tag.find(start);
    if (at == std::string_view::npos) return {};
    const std::string_view value = tag.substr(at + start.size());
    return value.substr(0, value.find('"'));
}

/// A tag of md4c's as it shall be.
std::string checkedTag(std::string_view tag) {
    const std::string whole(tag);
    if (tag.starts_with("<a ")) {
        const std::string_view url = attribute(tag, " href=\"");
        return isSafeLink(url) ? "<a href=\"" + std::string(url) + "\" rel=\"noreferrer\">" : "<a>";
    }
    if (tag.starts_with("<img ")) {
        const std::string_view alt = attribute(tag, " alt=\""), url = attribute(tag, " src=\"");
        return "<span class=\"image\">[image" + std::string(alt.empty() ? "" : ": ") + std::string(alt) +
               std::string(url.empty() ? "" : ", ") + std::string(url) + "]</span>";
    }
    for (const std::string_view block : {"<ul", "<ol", "<table", "<blockquote"}) {
        if (!tag.starts_with(block) || (tag[block.size()] != '>' && tag[block.size()] != ' ')) continue;
        return std::string(block) + " dir=\"auto\"" + whole.substr(block.size());
    }
    return whole;
}

}  // namespace

std::string escapedHtml(std::string_view text) {
    std::string result;
    for (const char c : validUtf8(text)) {
        switch (c) {
            case '&':
                result += "&amp;";
                break;
            case '<':
                result += "&lt;";
                break;
            case '>':
                result += "&gt;";
                break;
            case '"':
                result += "&quot;";
                break;
            case '\0':
                result += "\uFFFD";
                break;
            default:
                result += c;
        }
    }
    return result;
}

std::string renderedMarkdown(std::string_view markdown) {
    const std::string text = validUtf8(markdown);
    constexpr std::size_t kFactor = 32, kAtLeast = 1 << 16, kMaxText = 1 << 28;
    Output out;
    out.limit = kAtLeast + kFactor * text.size();
    const bool parsed =
        text.size() <= kMaxText && md_html(text.data(), static_cast<MD_SIZE>(text.size()), take, &out, kFlags, 0) == 0;
    if (!parsed || out.too_long) return "<p class=\"plain\">" + escapedHtml(text) + "</p>\n";

    // Every "<" in the output begins a tag of md4c's: those of the text are entities, and raw HTML is off.
    std::string result;
    std::string_view rest = out.html;
    for (std::size_t open; (open = rest.find('<')) != std::string_view::npos;) {
        const std::size_t close = rest.find('>', open);
        if (close == std::string_view::npos) break;
        result += rest.substr(0, open);
        result += checkedTag(rest.substr(open, close + 1 - open));
        rest.remove_prefix(close + 1);
    }
    return result.append(rest);
}

}  // namespace moescope
