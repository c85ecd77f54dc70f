#include "engine/text/turn_window.h"

#include <algorithm>

namespace moescope {

std::optional<std::size_t> firstTurn(const TurnWindow& window, const std::function<std::size_t(std::size_t)>& tokens) {
    const std::size_t last = std::max<std::size_t>(window.turns, 1) - 1;
    const std::size_t from = std::min(window.previous, last);
    if (tokens(from) <= window.room) return from;
    // By halving, as counting tokens takes its time. `from` is too long; what follows `end` takes half of the room.
    std::size_t too_long = from, end = last + 1;
    while (end - too_long > 1) {
        const std::size_t middle = too_long + (end - too_long) / 2;
        (tokens(middle) <= window.room / 2 ? end : too_long) = middle;
    }
    if (end <= last) return end;
    // A last question of more than half of the room stands alone.
    if (last > from && tokens(last) <= window.room) return last;
    return std::nullopt;
}

}  // namespace moescope
