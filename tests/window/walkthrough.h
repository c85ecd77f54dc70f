#pragma once

#include <QString>

namespace moescope {

/// Takes the screenshots of docs/walkthrough.md: three kinds of text in Compare, and an answer with experts masked.
/// Prints the figures that the text quotes. False if something does not come.
bool takeWalkthrough(const QString& folder);

}  // namespace moescope
