#pragma once
// Which of a conversation's turns a prompt uses when they may no longer fit the context.

#include <cstddef>
#include <functional>
#include <optional>

namespace moescope {

/// A turn is a question and its answer; the last one is the question to be answered.
struct TurnWindow {
    std::size_t turns = 1;     ///< of the conversation, at least 1
    std::size_t previous = 0;  ///< the first turn that the last prompt used; 0 if there was none, or the room was other
    std::size_t room = 0;      ///< tokens that the prompt may have
};

/// The first turn of the prompt; nullopt if not even the last turn fits alone. `tokens(first)` is the length of the
/// prompt that begins with a turn, which falls as `first` rises; a lower bound above the room will do.
///
/// As long as the prompt fits it begins where the last one did, so that a session has computed all but the question
/// already. When it no longer does, the oldest turns are dropped until it takes at most half of the room: many
/// questions fit again before the conversation has to be read again. Dropping a turn at a time would have it read
/// again for every question.
std::optional<std::size_t> firstTurn(const TurnWindow& window, const std::function<std::size_t(std::size_t)>& tokens);

}  // namespace moescope
