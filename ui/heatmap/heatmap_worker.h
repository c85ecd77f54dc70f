#pragma once
// The thread that draws for one heatmap: the newest request replaces one that waits, so drawing never lags behind.

#include <QImage>
#include <QObject>
#include <QSize>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "ui/heatmap/heatmap_view.h"

namespace moescope {

/// A picture, and what it shows.
struct HeatmapFrame {
    QImage image;      ///< holds the renderer's memory, no copy; null if drawing failed
    HeatmapRect rect;  ///< the part of the layout that it shows
    quint64 request = 0;
    bool complete = true;
    QString error;  ///< one sentence if drawing failed
};

class HeatmapWorker : public QObject {
    Q_OBJECT

public:
    explicit HeatmapWorker(QObject* parent = nullptr);
    ~HeatmapWorker() override;

    /// Draws a scene, whose view has a rectangle, in `size` device pixels. GUI thread. Returns the request's number.
    quint64 draw(const HeatmapScene& scene, QSize size);

signals:
    void drawn(const moescope::HeatmapFrame& frame);
    /// Once when drawing begins, and when the CPU takes over, with a sentence then.
    void rendererChanged(const QString& name, const QString& sentence);

private:
    struct Request {
        HeatmapScene scene;
        QSize size;
        quint64 number = 0;
    };
    void loop();
    void deliver(HeatmapFrame frame);

    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::optional<Request> m_request;     // that waits
    std::optional<HeatmapFrame> m_frame;  // that the GUI thread has not taken yet
    quint64 m_last = 0;
    bool m_stop = false;
    std::thread m_thread;
};

}  // namespace moescope
