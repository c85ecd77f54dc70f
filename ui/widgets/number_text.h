#pragma once
// Numbers as people type and paste them. Guides and model cards write 0.85, a German or French window writes 0,85, an
// Egyptian one has digits of its own: all of them are read, in every language, and what could be two numbers is none.

#include <QString>
#include <optional>

namespace moescope {

/// "0.85", "0,85", "٠٫٨٥", "-1", "1,234.5", "1.234,5", "1 234,5"; blanks around it are ignored. One separator alone is
/// the decimal one ("1.234" is a bit more than one); of two kinds the last one is, and the others must be between
/// groups of three digits. Nothing for all else, a number too large for a double included.
std::optional<double> realFromText(const QString& text);

/// "4096", "4,096", "4.096", "4 096", "4'096", "٤٬٠٩٦". Separators must be of one kind and between groups of three
/// digits; "0.85" and "1,5" are nothing, and so is what has more than 18 digits.
std::optional<qint64> wholeFromText(const QString& text);

/// Whether letters added to `text` could make it a number: "", "-", "0,", "1.0" of "1.024".
bool mayBecomeNumber(const QString& text);

}  // namespace moescope
