#pragma once
// Tells whether an Enter belongs to an input method. Some platforms deliver the Enter that commits a composed word as a
// key too, during the composition or right after it; it must then do nothing else. Feed it every QInputMethodEvent.

#include <QElapsedTimer>
#include <QInputMethodEvent>

namespace moescope {

class InputMethodGuard {
public:
    void see(const QInputMethodEvent& event) {
        const bool composing = !event.preeditString().isEmpty();
        if (m_composing && !composing && !event.commitString().isEmpty()) m_committed.start();
        m_composing = composing;
    }

    /// Text is shown that is not committed: keys are the input method's.
    bool isComposing() const { return m_composing; }
    bool ownsEnter() const { return m_composing || (m_committed.isValid() && m_committed.elapsed() < kQuick); }

private:
    static constexpr int kQuick = 50;  // milliseconds; no hand presses Enter that soon after the commit
    bool m_composing = false;
    QElapsedTimer m_committed;
};

}  // namespace moescope
