#pragma once
// Placeholders of prompts: "{{language}}".

#include <QString>
#include <optional>
#include <utility>

namespace moescope {

/// Begin and end of the first one at or after `from`; nothing if there is none.
std::optional<std::pair<int, int>> findPlaceholder(const QString& text, int from);
/// With those filled that fill themselves: {{clipboard}} and {{date}}.
QString withKnownPlaceholders(QString text, const QString& clipboard, const QString& date);

}  // namespace moescope
