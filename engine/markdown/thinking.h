#pragma once
// What a model thinks aloud before it answers: "<think>...</think>" at the beginning of its text.

#include <cstddef>
#include <optional>
#include <string_view>

namespace moescope::markdown {

struct Thinking {
    std::size_t begin = 0, end = 0;  ///< bytes of the thought, without tags and the blank lines beside them
    std::size_t answer = 0;          ///< where the answer begins; the text's end while there is none
    bool closed = false;
};

/// The thought that a text begins with; none if it begins with something else. The tags are <think> and <thinking>, and
/// Kimi's. A closing tag without an opening one ends a thought that began in the prompt. While the text `streams`, the
/// beginning of a tag at its end counts as the tag's, so that no part of one is ever seen.
std::optional<Thinking> thinkingOf(std::string_view text, bool streams = false);

/// The text without its thought.
std::string_view answerOf(std::string_view text);

}  // namespace moescope::markdown
