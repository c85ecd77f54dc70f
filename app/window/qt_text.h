#pragma once
// Texts of the engine and the history, which are UTF-8, for widgets.

#include <QLocale>
#include <QString>
#include <cstdint>
#include <string>

namespace moescope {

/// Bytes that are not UTF-8 become U+FFFD.
inline QString qt(const std::string& text) {
    return QString::fromStdString(text);
}

/// "1.4 GB", in the user's language; a GB has 2^30 bytes.
inline QString dataSize(std::uint64_t bytes) {
    return QLocale().formattedDataSize(static_cast<qint64>(bytes), 1, QLocale::DataSizeTraditionalFormat);
}

}  // namespace moescope
