#include "app/serve/turns.h"

namespace moescope::serve {

void Turns::begin() {
    std::unique_lock lock(m_mutex);
    const std::uint64_t mine = m_next++;
    m_changed.wait(lock, [&] { return m_now == mine; });
}

int Turns::waiting() const {
    const std::lock_guard lock(m_mutex);
    return m_next > m_now ? static_cast<int>(m_next - m_now) - 1 : 0;
}

void Turns::end() {
    const std::lock_guard lock(m_mutex);
    ++m_now;
    m_changed.notify_all();
}

void Turns::pass() {
    std::unique_lock lock(m_mutex);
    if (m_next == m_now + 1) return;  // nobody waits
    // In line before the turn is given away: one that is put aside in between would lose its place to who has it then.
    const std::uint64_t mine = m_next++;
    ++m_now;
    m_changed.notify_all();
    m_changed.wait(lock, [&] { return m_now == mine; });
}

}  // namespace moescope::serve
