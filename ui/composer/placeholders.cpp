#include "ui/composer/placeholders.h"

#include <QRegularExpression>

namespace moescope {

std::optional<std::pair<int, int>> findPlaceholder(const QString& text, int from) {
    static const QRegularExpression kPlaceholder(QStringLiteral("\\{\\{[^{}\\n\\x{2029}]{1,60}\\}\\}"));
    const QRegularExpressionMatch match = kPlaceholder.match(text, from);
    if (!match.hasMatch()) return std::nullopt;
    return std::pair(static_cast<int>(match.capturedStart()), static_cast<int>(match.capturedEnd()));
}

QString withKnownPlaceholders(QString text, const QString& clipboard, const QString& date) {
    // What is filled in may have braces of its own: the date first, then the clipboard in one pass.
    text.replace(QLatin1String("{{date}}"), date);
    return text.replace(QLatin1String("{{clipboard}}"), clipboard);
}

}  // namespace moescope
