#include "ui/heatmap/heatmap_worker.h"

#include "ui/heatmap/make_renderer.h"

namespace moescope {
namespace {

QImage wrap(const HeatmapImage& image) {
    // The image keeps the pixels alive, and with them the device whose memory they may be.
    auto* keep = new std::shared_ptr<const Argb>(image.pixels);
    return QImage(
        reinterpret_cast<const uchar*>(image.pixels.get()), image.width, image.height, 4 * image.width,
        QImage::Format_ARGB32_Premultiplied,
        [](void* pixels) { delete static_cast<std::shared_ptr<const Argb>*>(pixels); }, keep);
}

}  // namespace

HeatmapWorker::HeatmapWorker(QObject* parent) : QObject(parent), m_thread([this] { loop(); }) {}

HeatmapWorker::~HeatmapWorker() {
    {
        const std::lock_guard lock(m_mutex);
        m_stop = true;
    }
    m_wake.notify_all();
    m_thread.join();
}

quint64 HeatmapWorker::draw(const HeatmapScene& scene, QSize size) {
    const std::lock_guard lock(m_mutex);
    m_request = Request{scene, size, ++m_last};
    m_wake.notify_all();
    return m_last;
}

void HeatmapWorker::deliver(HeatmapFrame frame) {
    const std::lock_guard lock(m_mutex);
    const bool posted = m_frame.has_value();
    m_frame = std::move(frame);
    if (posted) return;
    QMetaObject::invokeMethod(
        this,
        [this] {
            std::optional<HeatmapFrame> newest;
            {
                const std::lock_guard taking(m_mutex);
                newest.swap(m_frame);
            }
            emit drawn(*newest);
        },
        Qt::QueuedConnection);
}

void HeatmapWorker::loop() {
    std::unique_ptr<HeatmapRenderer> renderer;
    QString fallback;
    const auto announce = [&] {
        const QString name = QString::fromStdString(renderer->name());
        QMetaObject::invokeMethod(
            this, [this, name, sentence = std::exchange(fallback, {})] { emit rendererChanged(name, sentence); },
            Qt::QueuedConnection);
    };
    for (;;) {
        Request request;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait(lock, [this] { return m_stop || m_request; });
            if (m_stop) return;
            request = std::move(*m_request);
            m_request.reset();
        }
        if (!renderer) {
            // Here and not in the constructor: finding a device takes a while, and a heatmap may never be shown.
            RendererOptions options;
            options.on_fallback = [&](const std::string& sentence) { fallback = QString::fromStdString(sentence); };
            renderer = makeRenderer(options);
            announce();
        }
        for (;;) {
            const auto image = renderer->render(request.scene, request.size.width(), request.size.height());
            if (!fallback.isEmpty()) announce();
            HeatmapFrame frame{QImage(), request.scene.view.rect, request.number, true, QString()};
            if (image.ok()) {
                frame.image = wrap(*image);
                frame.complete = image->complete;
            } else {
                frame.error = QString::fromStdString(image.status().message());
            }
            const bool complete = frame.complete;
            deliver(std::move(frame));
            const std::lock_guard lock(m_mutex);
            if (complete || m_stop || m_request) break;
        }
    }
}

}  // namespace moescope
