#pragma once
// How long the event loop was away: nothing is painted and no key is taken meanwhile.

#include <QElapsedTimer>
#include <QTimer>
#include <algorithm>
#include <vector>

namespace moescope {

class LoopGaps {
public:
    LoopGaps() {
        // A timer that is always due.
        QObject::connect(&m_probe, &QTimer::timeout, &m_probe, [this] {
            m_gaps.push_back(static_cast<double>(m_since.nsecsElapsed()) * 1e-6);
            m_since.start();
        });
        m_since.start();
        m_probe.start(1);
    }

    void restart() {
        m_gaps.clear();
        m_since.start();
    }
    /// Milliseconds; what is going on now counts.
    double longest() const {
        const double now = static_cast<double>(m_since.nsecsElapsed()) * 1e-6;
        return m_gaps.empty() ? now : std::max(now, *std::max_element(m_gaps.begin(), m_gaps.end()));
    }
    std::size_t rounds() const { return m_gaps.size(); }
    double share(double p) const {
        if (m_gaps.empty()) return 0;
        std::vector<double> sorted = m_gaps;
        std::sort(sorted.begin(), sorted.end());
        return sorted[static_cast<std::size_t>(p * static_cast<double>(sorted.size() - 1))];
    }

private:
    QTimer m_probe;
    QElapsedTimer m_since;
    std::vector<double> m_gaps;
};

}  // namespace moescope
