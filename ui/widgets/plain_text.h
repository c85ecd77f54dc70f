#pragma once
// Text that others wrote (titles, file names, keys in model files, tokens, messages with any of these) where Qt would
// read more into it than letters: labels and tool tips take "<img …>" for HTML and open the file that it names, menus
// and buttons take "&" for a key, windows' titles take "[*]" for a mark. And a text of a million letters, laid out as
// one line, would stop the window: what is shown is cut.

#include <QString>

class QWidget;

namespace moescope {

/// Letters of a name on one line, and of a sentence or a tool tip, that are shown.
inline constexpr qsizetype kShownLetters = 200, kShownSentence = 1200;

/// One line of at most `most` letters, with U+FFFD for what could turn the order of letters or is not a letter at all.
/// Never half a surrogate pair.
QString oneLine(const QString& text, qsizetype most = kShownLetters);

/// A sentence of at most kShownSentence letters that may have line breaks, otherwise as oneLine().
QString shownSentence(const QString& text);

/// A tool tip that shows the text as it is, line breaks included. For QWidget::setToolTip, QToolTip::showText and
/// Qt::ToolTipRole: every tool tip that is not a literal goes through here (tests/ui/test_plain_text.cpp looks).
QString plainToolTip(const QString& text);

/// The text of an action, a button or a tab: oneLine() with "&" as a letter.
QString plainCaption(const QString& text);

/// oneLine() with "[*]" as letters, for setWindowTitle().
QString plainWindowTitle(const QString& text);

/// All labels of a dialog show their texts as they are; for message boxes, after all texts are set.
void showAsPlainText(QWidget& dialog);

}  // namespace moescope
