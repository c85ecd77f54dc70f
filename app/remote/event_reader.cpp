#include "app/remote/event_reader.h"

#include <utility>

namespace moescope {
namespace {

constexpr std::string_view kField = "data";

}  // namespace

EventReader::State EventReader::push(std::string_view piece) {
    while (!piece.empty() && m_state == State::kReading) {
        if (std::exchange(m_after_cr, false) && piece.front() == '\n') {
            piece.remove_prefix(1);
            continue;
        }
        const std::size_t end = piece.find_first_of("\r\n");
        const std::string_view part = piece.substr(0, end);
        if (!m_skip && isOtherField(part)) {
            // What is no data need not be kept, however long it is.
            m_skip = true;
            m_line.assign(1, ':');
        }
        if (!m_skip) {
            if (m_line.size() + m_data.size() + part.size() > m_most) {
                m_state = State::kTooLong;
                break;
            }
            m_line += part;
        }
        if (end == std::string_view::npos) break;
        m_after_cr = piece[end] == '\r';
        piece.remove_prefix(end + 1);
        endLine();
    }
    return m_state;
}

/// Whether the line, with what comes next of it, begins with another name.
bool EventReader::isOtherField(std::string_view part) const {
    std::string begin = m_line.substr(0, kField.size());
    begin += part.substr(0, kField.size() - begin.size());
    return !kField.starts_with(begin);
}

EventReader::State EventReader::finish() {
    if (m_state == State::kReading && !m_line.empty()) endLine();
    if (m_state == State::kReading) dispatch();
    return m_state;
}

void EventReader::endLine() {
    m_skip = false;
    const std::string line = std::exchange(m_line, {});
    if (line.empty()) return dispatch();
    std::string_view value = line;
    if (!value.starts_with(kField)) return;
    value.remove_prefix(kField.size());
    if (!value.empty() && !value.starts_with(':')) return;  // another field
    if (!value.empty()) value.remove_prefix(1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (std::exchange(m_has_data, true)) m_data += '\n';
    m_data += value;
}

void EventReader::dispatch() {
    if (!std::exchange(m_has_data, false)) return;
    if (!m_on_data(m_data)) m_state = State::kEnded;
    m_data.clear();
}

}  // namespace moescope
