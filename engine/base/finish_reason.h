#pragma once
// Why an answer ended, from the engine to the history and its exports.

#include <cstdint>
#include <string>
#include <string_view>

namespace moescope {

enum class FinishReason : std::uint8_t {
    kUnfinished,      ///< it is being written, or nobody knows
    kEndOfText,       ///< it came to its end
    kLength,          ///< it has as many tokens as an answer may have
    kContextFull,     ///< the context has no room left
    kStopped,         ///< by the user
    kInterrupted,     ///< the program ended while it was being written
    kConnectionLost,  ///< the server that was writing it was lost
    kEdited,          ///< it is an answer in someone else's words
    kError,           ///< something failed; a sentence beside it says what
};

/// As histories, exports and the terminal have it: "" for kUnfinished, "end of text", "length", "context full",
/// "stopped", "interrupted", "connection lost", "edited", "error".
std::string_view finishReasonName(FinishReason reason);

/// A reason with the sentence that belongs to kError, "" for all others.
struct Finish {
    FinishReason reason = FinishReason::kUnfinished;
    std::string error;
    bool operator==(const Finish&) const = default;
};

/// Reads a name. What is none is an error's sentence: histories before form 4 kept it in place of the name.
Finish parseFinish(std::string_view text);

/// Whether an answer that ended so has more to say: it was cut off, and did not end by itself.
bool mayContinue(FinishReason reason);

}  // namespace moescope
