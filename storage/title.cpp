#include "storage/title.h"

#include <unicode/ubrk.h>
#include <unicode/utext.h>

#include <memory>

#include "engine/base/foreign_text.h"
#include "engine/base/utf8.h"
#include "storage/folding.h"

namespace moescope {
namespace {

constexpr int kLongest = 48;
/// What a title is made of stands within these bytes, unless somebody plays with combining marks.
constexpr std::size_t kEnough = 16 * 1024;

std::string_view beginning(std::string_view text) {
    if (text.size() <= kEnough) return text;
    std::size_t end = kEnough;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return text.substr(0, end);
}

/// With one blank for each run of white space, and none at its ends.
std::string simplified(std::string_view text) {
    std::string line;
    bool blank = false;
    while (!text.empty()) {
        std::size_t bytes = 1;
        if (startsWithBlank(text, bytes)) {
            blank = !line.empty();
        } else {
            if (blank) line += ' ';
            blank = false;
            line += text.substr(0, bytes);
        }
        text.remove_prefix(bytes);
    }
    return line;
}

/// Where the first so many characters of a text end, as readers count them.
std::size_t endOfCharacters(std::string_view text, int characters) {
    UErrorCode error = U_ZERO_ERROR;
    const std::unique_ptr<UText, decltype(&utext_close)> source(
        utext_openUTF8(nullptr, text.data(), static_cast<std::int64_t>(text.size()), &error), utext_close);
    const std::unique_ptr<UBreakIterator, decltype(&ubrk_close)> breaks(
        ubrk_open(UBRK_CHARACTER, "", nullptr, 0, &error), ubrk_close);
    ubrk_setUText(breaks.get(), source.get(), &error);
    if (U_FAILURE(error)) {  // without its data: by code points
        std::size_t end = 0;
        for (int i = 0; i < characters && end < text.size(); ++i) end += firstCharacter(text.substr(end)).bytes;
        return end;
    }
    for (int i = 0; i < characters; ++i) {
        if (ubrk_next(breaks.get()) == UBRK_DONE) return text.size();
    }
    return static_cast<std::size_t>(ubrk_current(breaks.get()));
}

}  // namespace

std::string titleFrom(std::string_view question) {
    const std::string line = harmless(simplified(beginning(question)), true);
    if (line.empty()) return line;
    const std::size_t end = endOfCharacters(line, kLongest);
    if (end >= line.size() && question.size() <= kEnough) return line;
    // Without blanks, as in Chinese, it is cut anywhere.
    const std::size_t blank = line.rfind(' ', end);
    return line.substr(0, blank != std::string::npos && blank > end / 2 ? blank : end) + "…";
}

}  // namespace moescope
