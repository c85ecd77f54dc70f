#include "ui/inspector/views/unused_view.h"

#include <QBoxLayout>

#include "ui/inspector/charts/rows_chart.h"
#include "ui/inspector/view_table.h"

namespace moescope {

UnusedView::UnusedView(InspectorModel* model, ThemeStore* themes, QWidget* parent)
    : InspectorView(ViewKind::kUnused, tr("Unused"), model, themes, parent) {
    addChart(new UnusedChart(model, themes));
    column()->addStretch(1);
}

}  // namespace moescope
