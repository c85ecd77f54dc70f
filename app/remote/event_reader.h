#pragma once
// Server-sent events (WHATWG HTML, 9.2), of which only the data matters here: lines "data: ...", joined until a blank
// line ends the event. Comments (": ping") and other fields are passed over. Lines end with LF, CR or CR LF; pieces may
// end anywhere.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace moescope {

class EventReader {
public:
    /// Gets the data of an event, which is valid during the call; false ends the reading.
    using OnData = std::function<bool(std::string_view data)>;
    enum class State { kReading, kEnded, kTooLong };

    /// `most_bytes`: of an event's data; more is not kept.
    EventReader(std::size_t most_bytes, OnData on_data) : m_most(most_bytes), m_on_data(std::move(on_data)) {}

    /// kEnded once on_data() returned false, kTooLong once an event had too many bytes; then nothing more is read.
    State push(std::string_view piece);
    /// At the end of the stream: an event that no blank line ended counts as well.
    State finish();

private:
    bool isOtherField(std::string_view part) const;
    void endLine();
    void dispatch();

    std::size_t m_most;
    OnData m_on_data;
    std::string m_line, m_data;
    bool m_has_data = false;
    bool m_skip = false;      // the rest of this line says nothing
    bool m_after_cr = false;  // a LF here belongs to the line's end before
    State m_state = State::kReading;
};

}  // namespace moescope
