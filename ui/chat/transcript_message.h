#pragma once
// One message as the transcript shows it. The window fills these from the history and from the engine's events.

#include <QString>
#include <QtGlobal>
#include <cstdint>
#include <string>
#include <vector>

namespace moescope {

enum class TranscriptRole : std::uint8_t { kUser, kAnswer };

enum class TranscriptState : std::uint8_t {
    kComplete,
    kStreaming,  ///< the engine works on it; with no text yet, it reads the prompt. A user's message is being saved
    kStopped,    ///< by the user, or the program ended
    kError,      ///< TranscriptMessage::error says what and what next; the text so far stays
};

/// A token and the bytes of the text that it stands for. Ranges ascend and do not overlap; those inside a character of
/// several tokens are empty.
struct TranscriptToken {
    std::uint32_t begin = 0, end = 0;
    std::int32_t position = 0;  ///< in the context: the key of its routing record
};

struct AnswerFigures {
    int answer_tokens = 0;
    double tokens_per_second = 0;     ///< 0: not known
    double first_token_seconds = -1;  ///< negative: not known
    int thinking_tokens = 0;          ///< of these, such as the model thought aloud
    double thinking_tokens_per_second = 0;
    QString finish;  ///< for people, translated: "length limit", "stopped"; "" for none: a text that ended
};

struct TranscriptMessage {
    qint64 id = 0;  ///< unique in the model
    TranscriptRole role = TranscriptRole::kUser;
    TranscriptState state = TranscriptState::kComplete;
    std::string text;  ///< UTF-8. Answers are Markdown; a user's text is shown as it is
    QString error;     ///< a sentence with a next step; of kError
    int sibling = 0;   ///< which of its siblings it is, from 0
    int siblings = 1;
    AnswerFigures figures;  ///< of answers
    std::vector<TranscriptToken> tokens;
    bool may_continue = false;  ///< it was cut off, and did not end by itself: "Continue" is offered
    bool cut_before = false;    ///< messages before this one are no longer in the model's context
};

}  // namespace moescope
