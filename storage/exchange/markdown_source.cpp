#include "storage/exchange/markdown_source.h"

#include <md4c.h>

#include <algorithm>
#include <vector>

#include "engine/markdown/mask.h"
#include "engine/markdown/reader.h"

namespace moescope {
namespace {

// What most viewers understand, raw HTML included. Bare links are not looked for: they hold no "<".
constexpr unsigned kFlags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS;

/// What a parse of a text found.
struct Findings {
    std::string_view text;          ///< that md4c reads, as long as the message's
    std::size_t address_bytes = 0;  ///< of the links so far
    bool complete = true;           ///< else links use a long definition too often to go on
    std::vector<std::size_t> html;  ///< offsets where raw HTML begins (a block or a tag), rising
    bool every_line = false;        ///< of a block of raw HTML, rather than its first
    bool in_html_block = false, block_noted = false;
    char last_fence = 0;  ///< of the fenced code block that ends the text; 0 if another block does
};

int enterBlock(MD_BLOCKTYPE type, void* detail, void* user) {
    auto& found = *static_cast<Findings*>(user);
    found.in_html_block = type == MD_BLOCK_HTML;
    found.block_noted = false;
    found.last_fence = type == MD_BLOCK_CODE ? static_cast<MD_BLOCK_CODE_DETAIL*>(detail)->fence_char : '\0';
    return 0;
}

int leaveBlock(MD_BLOCKTYPE, void*, void* user) {
    static_cast<Findings*>(user)->in_html_block = false;
    return 0;
}

int enterSpan(MD_SPANTYPE type, void* detail, void* user) {
    if (type != MD_SPAN_A && type != MD_SPAN_IMG) return 0;
    auto& found = *static_cast<Findings*>(user);
    const auto* link = static_cast<MD_SPAN_A_DETAIL*>(detail);
    const auto* picture = static_cast<MD_SPAN_IMG_DETAIL*>(detail);
    found.address_bytes +=
        type == MD_SPAN_A ? link->href.size + link->title.size : picture->src.size + picture->title.size;
    found.complete = found.address_bytes <= markdown::kAddressRoom + markdown::kAddressFactor * found.text.size();
    return found.complete ? 0 : -1;
}

int ignoreSpan(MD_SPANTYPE, void*, void*) {
    return 0;
}

int takeText(MD_TEXTTYPE type, const MD_CHAR* text, MD_SIZE size, void* user) {
    auto& found = *static_cast<Findings*>(user);
    const char* const begin = found.text.data();
    if (type != MD_TEXT_HTML || text < begin || text >= begin + found.text.size()) return 0;
    if (found.in_html_block && found.block_noted && !found.every_line) return 0;
    const std::size_t at = std::string_view(text, size).find('<');
    if (at == std::string_view::npos) return 0;
    found.html.push_back(static_cast<std::size_t>(text - begin) + at);
    found.block_noted = true;
    return 0;
}

Findings parse(std::string_view text, bool every_line = false) {
    Findings found;
    const std::string read = markdown::withoutHugeTables(text);
    found.text = read;
    found.every_line = every_line;
    const MD_PARSER parser = {0, kFlags, enterBlock, leaveBlock, enterSpan, ignoreSpan, takeText, nullptr, nullptr};
    found.complete = md_parse(read.data(), static_cast<MD_SIZE>(read.size()), &parser, &found) == 0;
    found.text = {};
    return found;
}

std::string withBackslashes(const std::string& text, const std::vector<std::size_t>& offsets) {
    std::string result;
    result.reserve(text.size() + offsets.size());
    std::size_t done = 0;
    for (const std::size_t at : offsets) {
        result.append(text, done, at - done);
        result += '\\';
        done = at;
    }
    return result.append(text, done);
}

std::size_t longestRun(std::string_view text, char c) {
    std::size_t longest = 0, run = 0;
    for (const char here : text) longest = std::max(longest, run = here == c ? run + 1 : 0);
    return longest;
}

/// As a block of code, which no text can end.
std::string verbatim(std::string_view text) {
    constexpr std::size_t kShortestFence = 3;
    const std::string fence(std::max(kShortestFence, longestRun(text, '`') + 1), '`');
    std::string result = fence + '\n';
    result += text;
    if (!result.ends_with('\n')) result += '\n';
    return result + fence + '\n';
}

}  // namespace

std::string standaloneMarkdown(std::string_view source) {
    std::string text(source);
    if (!text.ends_with('\n')) text += '\n';
    // What was an HTML block is a paragraph after its first `<` is escaped, and may hold tags of its own, or the next
    // block in its next line: code in it is left alone if few rounds suffice.
    constexpr int kCarefulRounds = 4, kRounds = 12;
    for (int round = 0; round < kRounds; ++round) {
        const Findings found = parse(text, round >= kCarefulRounds);
        if (!found.complete) return verbatim(source);
        if (found.html.empty()) break;
        text = withBackslashes(text, found.html);
    }
    // A heading after the text is a block of its own, unless a code block is still open.
    const std::string probe = text + "\n# end\n";
    if (const char fence = parse(probe).last_fence; fence != 0) {
        constexpr std::size_t kShortestFence = 3;
        text += std::string(std::max(kShortestFence, longestRun(text, fence)), fence) + '\n';
    }
    return text;
}

std::string escapedMarkdown(std::string_view words) {
    std::string result;
    for (const char c : words) {
        if (std::string_view("\\`*_[]<>#&|~").find(c) != std::string_view::npos) result += '\\';
        result += c;
    }
    return result;
}

}  // namespace moescope
