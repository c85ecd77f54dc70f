#pragma once
// Colours for code: keywords, strings, comments, numbers, lines of a diff. A scanner driven by a table per language,
// not a parser: it never looks back, takes linear time, and carries over from one stretch of lines to the next in a
// small state, so that code that streams in is scanned once.

#include <QStringView>
#include <cstdint>
#include <vector>

namespace moescope {

enum class CodeColour : std::uint8_t { kKeyword, kString, kComment, kNumber, kAdded, kRemoved };

struct CodeSpan {
    int from = 0, length = 0;  ///< units of the text
    CodeColour colour = CodeColour::kKeyword;
    bool operator==(const CodeSpan&) const = default;
};

struct Language;

/// What is open where a stretch of lines ends.
enum class CodeState : std::uint8_t {
    kNone,
    kComment,       ///< a block comment
    kTripleDouble,  ///< """
    kTripleSingle,  ///< '''
    kBacktick,      ///< `
    kTag,           ///< <div ...
};

/// By the name in the fence's line ("c++", "cpp", "py", ...), case ignored. Null: unknown, nothing is coloured.
const Language* findLanguage(QStringView name);

/// Appends the spans of `text` to `out` (null: only the state is wanted), first to last, and gives the state after it.
/// `text` begins at the beginning of a line.
CodeState highlightCode(const Language* language, QStringView text, CodeState state, std::vector<CodeSpan>* out);

}  // namespace moescope
