#pragma once
// The colours of amounts.

#include <QColor>

namespace moescope {

/// Cividis (Nuñez, Anderton and Renslow, 2018), which reads the same with and without colour vision. 0 to 1; values
/// outside are clamped, NaN is black.
QRgb cividis(double value);

}  // namespace moescope
