#pragma once
// What a block of code is called when it is saved.

#include <QString>

namespace moescope {

/// "code.py" for "python"; "code.txt" for a language that is not known.
QString codeFileName(const QString& language);

}  // namespace moescope
