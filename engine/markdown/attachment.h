#pragma once
// Files that go with a question, as a part of its text: so the model reads them, the history keeps them, they are
// searched, exported and imported, and nothing else has to know them. They stand before the question in this form, each
// followed by an empty line:
//
//   Attached file "notes.md" (lines 1-120 of 4000):
//   ```md
//   ...
//   ```
//
// The fence is longer than any run of backticks in the file.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace moescope::markdown {

struct Attachment {
    std::string name;      ///< of the file, without its folder
    std::string part;      ///< what of it this is: "lines 1-120 of 4000"; "" for all
    std::string language;  ///< for the fence; may be ""
    std::string text;      ///< UTF-8

    bool operator==(const Attachment&) const = default;
};

/// The text of a question with what is attached to it. What a name or a part must not hold becomes a blank.
std::string withAttachments(std::span<const Attachment> attachments, std::string_view question);

/// What stands before a question.
struct AttachedFile {
    std::string_view name, part, language;
    std::string_view text;  ///< without the line end before the closing fence
    std::size_t begin = 0;  ///< byte of the whole text where it begins
    Attachment toAttachment() const;
};
struct ReadQuestion {
    std::vector<AttachedFile> files;
    std::size_t question = 0;  ///< byte where the question begins
};

/// Takes such a text apart; no files for any other. The views are of `text`.
ReadQuestion readQuestion(std::string_view text);

/// The question alone.
std::string_view questionOf(std::string_view text);

}  // namespace moescope::markdown
