#pragma once
// The program's own icons (resources/icons), drawn with one stroke in the colour of the text beside them.

#include <QIcon>
#include <QString>

class QColor;
class QPainter;
class QRect;

namespace moescope {

/// The file `name`.svg of resources/icons, of `pixels` on a side, sharp at the scales of all screens.
QIcon lineIcon(const QString& name, const QColor& colour, int pixels);

/// The same in the middle of a rectangle. Those that were painted are kept: there are few colours and sizes.
void paintIcon(QPainter* painter, const QRect& rect, const QString& name, const QColor& colour, int pixels);

/// The program's mark, for title bars and task lists.
QIcon programIcon();

}  // namespace moescope
