#pragma once
// What a model thinks aloud before it answers: "<think>...</think>" at the beginning of its text.

#include <cstddef>
#include <optional>
#include <string>
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

/// The opening tag with which a prompt ends, white space behind it aside: the answer to it begins inside a thought. ""
/// if it does not.
std::string_view openedThought(std::string_view prompt);

/// Follows an answer as it comes: whether its end is thought. Time and memory do not depend on its length.
class ThinkingWatch {
public:
    void add(std::string_view text);
    bool thinks() const { return m_state == State::kThinks; }

private:
    enum class State { kUndecided, kThinks, kAnswers };
    State m_state = State::kUndecided;
    std::string m_seen;        // what may be part of a tag
    std::string_view m_close;  // that ends the thought
};

}  // namespace moescope::markdown
