#include "app/window/after_painting.h"

#include <QEvent>
#include <QTimer>
#include <QWidget>
#include <utility>

namespace moescope {
namespace {

constexpr int kPatienceMs = 100;

/// Of a window, until its next update is done.
class PaintWatch : public QObject {
public:
    PaintWatch(QWidget* window, std::function<void()> then) : QObject(window), m_then(std::move(then)) {
        window->installEventFilter(this);
        QTimer::singleShot(window->isVisible() ? kPatienceMs : 0, this, [this] { finish(); });
    }

    bool eventFilter(QObject* watched, QEvent* event) override {
        // The window paints in this event; what it calls comes after it.
        if (event->type() == QEvent::UpdateRequest) {
            QMetaObject::invokeMethod(
                this, [this] { finish(); }, Qt::QueuedConnection);
        }
        return QObject::eventFilter(watched, event);
    }

private:
    void finish() {
        if (!m_then) return;
        const auto then = std::exchange(m_then, {});
        deleteLater();
        then();
    }

    std::function<void()> m_then;
};

}  // namespace

void afterPainting(QWidget* widget, std::function<void()> then) {
    QWidget* window = widget->window();
    new PaintWatch(window, std::move(then));
    window->update();  // so that there is an update to wait for
}

}  // namespace moescope
