#pragma once
// Titles of chats (storage/title.h makes them), as they are shown and turned into names of files. Nothing is cut inside
// of what a reader takes for one character.

#include <QString>

namespace moescope {

/// The longest beginning of a text of at most this many characters (as readers count them: an emoji of several code
/// points is one).
QString beginning(const QString& text, int characters);

/// A title for lists and headings: one line, and "Untitled" where nothing would be seen of it.
QString shownTitle(const QString& title);

/// A name for a file, without a suffix: letters of any script with their marks, digits, blanks and hyphens are kept,
/// the rest becomes "_".
QString fileNameFrom(const QString& title);

}  // namespace moescope
