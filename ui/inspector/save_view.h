#pragma once
// Views as files: pictures of any size, and data.

#include <QSize>
#include <QString>

#include "engine/base/status.h"

class QMenu;

namespace moescope {

class ChartWidget;
class InspectorView;

/// Writes a picture in the format that the extension names (.png, .svg, .pdf); the file appears whole or not at all.
/// `size` in pixels of the picture (PDF: points); `scale` of 2 makes texts and lines twice as large in it.
/// With `only`, that chart alone (see InspectorView::paintView).
Status savePicture(InspectorView& view, const QString& path, const QSize& size, double scale = 1,
                   ChartWidget* only = nullptr);
/// Writes the CSV of the same as UTF-8.
Status saveData(InspectorView& view, const QString& path, ChartWidget* only = nullptr);

/// "Save picture…" and "Save data…" of the view, and of one of its charts if one is given; they ask where.
void addSaveActions(QMenu& menu, InspectorView& view, ChartWidget* chart = nullptr);

}  // namespace moescope
