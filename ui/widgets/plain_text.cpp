#include "ui/widgets/plain_text.h"

#include <QLabel>
#include <QTextDocument>
#include <QWidget>

namespace moescope {
namespace {

bool turnsOrCommands(QChar c) {
    const char16_t u = c.unicode();
    return u < 0x20 || (u >= 0x7f && u < 0xa0) || (u >= 0x202a && u <= 0x202e) || (u >= 0x2066 && u <= 0x2069) ||
           u == 0x2028 || u == 0x2029;
}

/// At most `most` UTF-16 units, whole letters, "…" for the rest.
QString cut(const QString& text, qsizetype most) {
    if (text.size() <= most) return text;
    if (most > 0 && text[most - 1].isHighSurrogate()) --most;
    return text.left(most) + QChar(0x2026);
}

QString cleaned(QString text, bool one_line) {
    for (QChar& c : text) {
        if (c == QLatin1Char('\n') || c == QLatin1Char('\t') || c == QLatin1Char('\r')) {
            if (one_line) c = QLatin1Char(' ');
        } else if (turnsOrCommands(c)) {
            c = QChar::ReplacementCharacter;
        }
    }
    return text;
}

}  // namespace

QString oneLine(const QString& text, qsizetype most) {
    return cleaned(cut(text, most), true);
}

QString shownSentence(const QString& text) {
    return cleaned(cut(text, kShownSentence), false);
}

QString plainToolTip(const QString& text) {
    const QString shown = shownSentence(text);
    if (!Qt::mightBeRichText(shown)) return shown;
    return QStringLiteral("<p style=\"white-space:pre-wrap\">") + shown.toHtmlEscaped() + QStringLiteral("</p>");
}

QString plainCaption(const QString& text) {
    return oneLine(text).replace(QLatin1Char('&'), QLatin1String("&&"));
}

QString plainWindowTitle(const QString& text) {
    return oneLine(text).replace(QLatin1String("[*]"), QLatin1String("[*][*]"));
}

void showAsPlainText(QWidget& dialog) {
    for (QLabel* label : dialog.findChildren<QLabel*>()) label->setTextFormat(Qt::PlainText);
}

}  // namespace moescope
