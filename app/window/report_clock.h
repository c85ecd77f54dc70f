#pragma once
// How often the engine's thread reports to the window.

#include <chrono>

namespace moescope {

/// Between two reports: as often as they can be seen, not as often as there is news.
inline constexpr auto kReportInterval = std::chrono::milliseconds(33);

/// Of one job's progress; the first report is always due.
class ReportClock {
public:
    /// Whether a report is due. If so, the next one is due an interval later.
    bool due() {
        const auto now = std::chrono::steady_clock::now();
        if (now - m_last < kReportInterval) return false;
        m_last = now;
        return true;
    }

private:
    std::chrono::steady_clock::time_point m_last;  // the epoch: long ago
};

}  // namespace moescope
