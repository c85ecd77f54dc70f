#pragma once
// What a test does with the dialogs that come while it waits in a menu or an exec().

#include <QApplication>
#include <QTimer>
#include <functional>

namespace moescope {

/// Calls `run` once a modal dialog or a menu of type T is shown. Call it before what opens it.
template <class T>
void whenShown(std::function<void(T&)> run) {
    QTimer::singleShot(20, qApp, [run = std::move(run)] {
        QWidget* top = QApplication::activePopupWidget();
        if (!top) top = QApplication::activeModalWidget();
        if (auto* wanted = qobject_cast<T*>(top)) return run(*wanted);
        whenShown<T>(run);
    });
}

}  // namespace moescope
