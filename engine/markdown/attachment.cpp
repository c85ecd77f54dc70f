#include "engine/markdown/attachment.h"

#include <algorithm>

namespace moescope::markdown {
namespace {

constexpr std::string_view kHead = "Attached file \"";
constexpr std::size_t kLeastFence = 3;

/// Without what ends a name, a part or a line.
std::string onOneLine(std::string_view text) {
    std::string line(text);
    std::replace_if(
        line.begin(), line.end(),
        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '(' || c == ')' || c == '`'; },
        ' ');
    return line;
}

std::size_t longestRun(std::string_view text) {
    std::size_t longest = 0, run = 0;
    for (const char c : text) {
        run = c == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    return longest;
}

/// Takes `part` off the front; false if it is not there.
bool take(std::string_view& text, std::string_view part) {
    if (!text.starts_with(part)) return false;
    text.remove_prefix(part.size());
    return true;
}

/// Takes what stands before `end` and `end` itself, on one line.
bool takeUntil(std::string_view& text, std::string_view end, std::string_view& taken) {
    const std::size_t at = text.find(end);
    if (at == std::string_view::npos || text.substr(0, at).find('\n') != std::string_view::npos) return false;
    taken = text.substr(0, at);
    text.remove_prefix(at + end.size());
    return true;
}

bool takeFile(std::string_view& text, AttachedFile& file) {
    if (!take(text, kHead) || !takeUntil(text, "\"", file.name)) return false;
    if (take(text, " (") && !takeUntil(text, ")", file.part)) return false;
    if (!take(text, ":\n")) return false;
    const std::size_t fence = std::min(text.find_first_not_of('`'), text.size());
    const std::string closing = '\n' + std::string(text.substr(0, fence));
    text.remove_prefix(fence);
    if (fence < kLeastFence || !takeUntil(text, "\n", file.language)) return false;
    // The line end before the text is that of the fence's line, which an empty file has too.
    const std::size_t end = text.starts_with(closing.substr(1)) ? 0 : text.find(closing);
    if (end == std::string_view::npos) return false;
    file.text = text.substr(0, end);
    text.remove_prefix(end + closing.size() - (end == 0 && text.front() == '`' ? 1 : 0));
    return text.empty() || take(text, "\n\n");
}

}  // namespace

Attachment AttachedFile::toAttachment() const {
    return {std::string(name), std::string(part), std::string(language), std::string(text)};
}

std::string withAttachments(std::span<const Attachment> attachments, std::string_view question) {
    std::string all;
    for (const Attachment& a : attachments) {
        const std::string fence(std::max(kLeastFence, longestRun(a.text) + 1), '`');
        all += kHead;
        all += onOneLine(a.name) + '"';
        if (!a.part.empty()) all += " (" + onOneLine(a.part) + ')';
        all += ":\n" + fence + onOneLine(a.language) + '\n' + a.text;
        if (!a.text.empty()) all += '\n';
        all += fence + "\n\n";
    }
    return all.append(question);
}

ReadQuestion readQuestion(std::string_view text) {
    ReadQuestion read;
    std::string_view rest = text;
    AttachedFile file;
    while (takeFile(rest, file = {})) {
        file.begin = read.question;
        read.question = text.size() - rest.size();
        read.files.push_back(file);
    }
    return read;
}

std::string_view questionOf(std::string_view text) {
    return text.substr(readQuestion(text).question);
}

}  // namespace moescope::markdown
