#include "ui/widgets/number_text.h"

#include <QLocale>
#include <algorithm>
#include <cmath>

namespace moescope {
namespace {

/// The text in ASCII: digits, '-', '.' and ',' for decimal and group separators, and '_' for separators that only part
/// groups (blanks, apostrophes). Nothing if it has anything else.
std::optional<QString> plainDigits(const QString& text) {
    QString out;
    for (const QChar c : text.trimmed()) {
        if (c.digitValue() >= 0 && c.isDigit()) {
            out += QLatin1Char(static_cast<char>('0' + c.digitValue()));
            continue;
        }
        switch (c.unicode()) {
            case '-':
            case 0x2212:  // minus
                out += QLatin1Char('-');
                break;
            case '.':
                out += QLatin1Char('.');
                break;
            case ',':
            case 0x066b:  // Arabic decimal separator
                out += QLatin1Char(',');
                break;
            case 0x066c:  // Arabic thousands separator
            case ' ':
            case 0x00a0:
            case 0x202f:
            case 0x2009:
            case '\'':
            case 0x2019:
                out += QLatin1Char('_');
                break;
            case '+':
            case 0x200e:  // marks of direction that some languages write with a sign
            case 0x200f:
            case 0x061c:
                break;
            default:
                return std::nullopt;
        }
    }
    return out;
}

bool isSeparator(QChar c) {
    return c == QLatin1Char('.') || c == QLatin1Char(',') || c == QLatin1Char('_');
}

/// "1_234_567" without its separators, which must be of one kind and part groups of three; nothing otherwise.
std::optional<QString> ungrouped(const QString& digits) {
    QString out, kind;
    qsizetype since = 0;  // digits since the last separator
    bool any = false;
    for (const QChar c : digits) {
        if (c.isDigit()) {
            out += c;
            ++since;
            continue;
        }
        if (!isSeparator(c) || (any ? since != 3 : since < 1 || since > 3)) return std::nullopt;
        if (!kind.isEmpty() && kind != c) return std::nullopt;
        kind = c;
        any = true;
        since = 0;
    }
    if (out.isEmpty() || (any && since != 3)) return std::nullopt;
    return out;
}

/// Takes a sign at the front off.
bool takeMinus(QString& text) {
    if (!text.startsWith(QLatin1Char('-'))) return false;
    text.remove(0, 1);
    return true;
}

}  // namespace

std::optional<double> realFromText(const QString& text) {
    auto plain = plainDigits(text);
    if (!plain) return std::nullopt;
    const bool minus = takeMinus(*plain);
    QString whole = *plain, fraction;
    const auto point = std::max(plain->lastIndexOf(QLatin1Char('.')), plain->lastIndexOf(QLatin1Char(',')));
    // Two of a kind part groups: "1,234,567".
    if (point >= 0 && plain->count((*plain)[point]) == 1) {
        whole = plain->left(point);
        fraction = plain->mid(point + 1);
        if (!std::all_of(fraction.begin(), fraction.end(), [](QChar c) { return c.isDigit(); })) return std::nullopt;
        if (whole.isEmpty() && fraction.isEmpty()) return std::nullopt;
    }
    if (whole.isEmpty() && !fraction.isEmpty()) whole = QStringLiteral("0");
    const auto digits = ungrouped(whole);
    if (!digits) return std::nullopt;
    bool ok = false;
    const double value = QLocale::c().toDouble(*digits + QLatin1Char('.') + fraction, &ok);
    if (!ok || !std::isfinite(value)) return std::nullopt;
    return minus ? -value : value;
}

std::optional<qint64> wholeFromText(const QString& text) {
    constexpr qsizetype kMostDigits = 18;
    auto plain = plainDigits(text);
    if (!plain) return std::nullopt;
    const bool minus = takeMinus(*plain);
    const auto digits = ungrouped(*plain);
    if (!digits || digits->size() > kMostDigits) return std::nullopt;
    const qint64 value = digits->toLongLong();
    return minus ? -value : value;
}

bool mayBecomeNumber(const QString& text) {
    auto plain = plainDigits(text);
    if (!plain) return false;
    takeMinus(*plain);
    return std::all_of(plain->begin(), plain->end(), [](QChar c) { return c.isDigit() || isSeparator(c); });
}

}  // namespace moescope
