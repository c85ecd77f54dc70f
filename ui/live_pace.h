#pragma once
// How often what is shown of a streaming answer may be painted.
//
// The engine computes with all cores, so each millisecond of painting is taken from it. While an answer streams, the
// views share a small part of the machine's time: from the question on they save it up, and what one paints the others
// cannot. A slow model leaves enough for every token; of one that writes ten thousand tokens a second nobody could read
// the steps, and its answer is shown at once. When nothing streams nothing waits.

#include <QElapsedTimer>
#include <QObject>

namespace moescope {

/// GUI thread. The views of a window share one.
class LivePace : public QObject {
    Q_OBJECT

public:
    /// `share` is of one core's time; 0: 0.5 % of all cores'.
    explicit LivePace(double share = 0, QObject* parent = nullptr);

    /// A question goes to the engine. Nothing is saved up then: the window has just painted the question.
    void begin();
    /// The answer has ended; what waits is to be shown.
    void end();
    bool live() const { return m_live; }

    /// Milliseconds until something that takes `cost_ms` may be painted; at most `longest_ms`.
    int wait(double cost_ms, int longest_ms) const;
    /// Something was painted. It may take more than was saved; the others wait the longer.
    void spend(double ms);

signals:
    void ended();

private:
    double saved() const;

    double m_share;
    bool m_live = false;
    QElapsedTimer m_clock;  ///< since m_saved_ms was right
    double m_saved_ms = 0;
};

}  // namespace moescope
