#pragma once
// The language of the window. Strings in the code are English; the translations are in the program itself
// (resources/translations). moescope_en.ts has the plural forms of English only.

#include <QString>

namespace moescope {

/// "en" or "zh_CN": the nearest that there is to a language of the settings; "" is the system's.
QString shownLanguage(const QString& wanted);

/// Installs the translations of shownLanguage(wanted), Qt's own included, and makes numbers and dates follow. Replaces
/// what an earlier call installed; widgets that exist already keep their texts. GUI thread.
void useLanguage(const QString& wanted);

}  // namespace moescope
