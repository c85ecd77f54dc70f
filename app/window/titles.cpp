#include "app/window/titles.h"

#include <QCoreApplication>
#include <QTextBoundaryFinder>
#include <algorithm>

namespace moescope {
namespace {

constexpr int kLongestFileName = 60;

/// Gives the strings of this file a context.
class Titles {
    Q_DECLARE_TR_FUNCTIONS(moescope::Titles)
};

bool isSeen(char32_t c) {
    switch (QChar::category(c)) {
        case QChar::Separator_Space:
        case QChar::Separator_Line:
        case QChar::Separator_Paragraph:
        case QChar::Other_Control:
        case QChar::Other_Format:
        case QChar::Other_NotAssigned:
        case QChar::Mark_NonSpacing:
            return false;
        default:
            // Fillers of Hangul and the blank of Braille are letters and signs that show nothing.
            return c != 0x115F && c != 0x1160 && c != 0x3164 && c != 0xFFA0 && c != 0x2800;
    }
}

bool isKept(char32_t c) {
    constexpr char32_t kJoiner = 0x200D, kNonJoiner = 0x200C;  // they shape letters of Indic scripts and of Persian
    return QChar::isLetterOrNumber(c) || QChar::isMark(c) || c == U' ' || c == U'-' || c == kJoiner || c == kNonJoiner;
}

}  // namespace

QString beginning(const QString& text, int characters) {
    QTextBoundaryFinder finder(QTextBoundaryFinder::Grapheme, text);
    for (int i = 0; i < characters; ++i) {
        if (finder.toNextBoundary() < 0) return text;
    }
    return text.left(finder.position());
}

QString shownTitle(const QString& title) {
    const auto points = title.toUcs4();
    const bool seen = std::any_of(points.begin(), points.end(), [](uint c) { return isSeen(c); });
    return seen ? title.simplified() : Titles::tr("Untitled");
}

QString fileNameFrom(const QString& title) {
    QString name;
    for (const uint c : title.toUcs4()) {
        const char32_t kept = isKept(c) ? c : U'_';
        name += QString::fromUcs4(&kept, 1);
    }
    name = beginning(name.simplified(), kLongestFileName);
    // A file's name has 255 bytes at most, and a reader's character may be of many.
    constexpr qsizetype kMostBytes = 200;
    while (name.toUtf8().size() > kMostBytes) {
        QTextBoundaryFinder finder(QTextBoundaryFinder::Grapheme, name);
        finder.toEnd();
        const auto at = finder.toPreviousBoundary();
        name.truncate(at > 0 ? at : 0);
    }
    name = name.trimmed();
    return name.isEmpty() ? QStringLiteral("chat") : name;
}

}  // namespace moescope
