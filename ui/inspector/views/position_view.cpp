#include "ui/inspector/views/position_view.h"

#include <QBoxLayout>

#include "ui/inspector/charts/position_chart.h"
#include "ui/inspector/view_table.h"

namespace moescope {

PositionView::PositionView(InspectorModel* model, ThemeStore* themes, QWidget* parent)
    : InspectorView(ViewKind::kPosition, tr("Position"), model, themes, parent) {
    addChart(new PositionChart(model, themes));
    column()->addStretch(1);
}

}  // namespace moescope
