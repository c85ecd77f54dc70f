#pragma once
// Texts of the engine and the history, which are UTF-8, for widgets.

#include <QString>
#include <string>

namespace moescope {

/// Bytes that are not UTF-8 become U+FFFD.
inline QString qt(const std::string& text) {
    return QString::fromStdString(text);
}

}  // namespace moescope
