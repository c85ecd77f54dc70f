#pragma once
// Views as files: pictures of any size, and data.

#include <QSize>
#include <QString>

#include "engine/base/status.h"

class QMenu;

namespace moescope {

class InspectorView;

/// Writes a picture in the format that the extension names (.png, .svg, .pdf); the file appears whole or not at all.
/// `size` in pixels of the picture (PDF: points); `scale` of 2 makes texts and lines twice as large in it.
Status savePicture(InspectorView& view, const QString& path, const QSize& size, double scale = 1);
/// Writes the view's CSV as UTF-8.
Status saveData(InspectorView& view, const QString& path);

/// "Save picture…" and "Save data…", which ask where.
void addSaveActions(QMenu& menu, InspectorView& view);

}  // namespace moescope
