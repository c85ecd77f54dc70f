#include "ui/live_pace.h"

#include <QThread>
#include <algorithm>
#include <cmath>

namespace moescope {
namespace {

constexpr double kShareOfMachine = 0.005;
/// After a pause one picture of all views may be painted at once, and not ten.
constexpr double kMostSavedMs = 20;

}  // namespace

LivePace::LivePace(double share, QObject* parent)
    : QObject(parent), m_share(share > 0 ? share : std::min(0.5, kShareOfMachine * QThread::idealThreadCount())) {}

void LivePace::begin() {
    m_live = true;
    m_saved_ms = 0;
    m_clock.start();
}

void LivePace::end() {
    if (!m_live) return;
    m_live = false;
    emit ended();
}

double LivePace::saved() const {
    return std::min(kMostSavedMs, m_saved_ms + m_share * static_cast<double>(m_clock.nsecsElapsed()) * 1e-6);
}

int LivePace::wait(double cost_ms, int longest_ms) const {
    if (!m_live) return 0;
    const double missing = std::min(cost_ms, kMostSavedMs) - saved();
    return static_cast<int>(std::clamp(std::ceil(missing / m_share), 0.0, static_cast<double>(longest_ms)));
}

void LivePace::spend(double ms) {
    if (!m_live) return;
    m_saved_ms = saved() - ms;
    m_clock.start();
}

}  // namespace moescope
