#pragma once
// Waiting until the window shows what was changed.

#include <functional>

class QWidget;

namespace moescope {

/// Calls `then` once, after the window of `widget` has painted what is to be painted now. A window that paints nothing
/// (nobody sees it) is not waited for longer than 100 ms. Not called at all if the window goes before.
void afterPainting(QWidget* widget, std::function<void()> then);

}  // namespace moescope
