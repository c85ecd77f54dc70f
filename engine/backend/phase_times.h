#pragma once
// Where the time of a forward pass goes.

#include <chrono>

namespace moescope {

/// Seconds by phase, added up over batches.
struct PhaseTimes {
    double projections = 0;  ///< attention's products with weights
    double attention = 0;    ///< scores and sums over the cache, and storing into it
    double router = 0;
    double experts = 0;  ///< routed, shared and dense networks
    double head = 0;     ///< logits
    double rest = 0;     ///< embeddings, norms, residuals, records
    double waiting = 0;  ///< within all of these: the calling thread was done and waited for others
};

/// Splits the time since its making, or since the last split(), among phases; does nothing without times.
class PhaseClock {
public:
    explicit PhaseClock(PhaseTimes* times) : m_times(times) {
        if (m_times) m_last = Clock::now();
    }
    void split(double PhaseTimes::*phase) {
        if (!m_times) return;
        const auto now = Clock::now();
        m_times->*phase += std::chrono::duration<double>(now - m_last).count();
        m_last = now;
    }

private:
    using Clock = std::chrono::steady_clock;
    PhaseTimes* m_times;
    Clock::time_point m_last;
};

}  // namespace moescope
