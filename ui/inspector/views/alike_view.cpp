#include "ui/inspector/views/alike_view.h"

#include <QBoxLayout>

#include "ui/inspector/charts/rows_chart.h"
#include "ui/inspector/view_table.h"

namespace moescope {

AlikeView::AlikeView(InspectorModel* model, ThemeStore* themes, QWidget* parent)
    : InspectorView(ViewKind::kAlike, tr("Alike"), model, themes, parent) {
    addChart(new SimilarChart(model, themes));
    column()->addStretch(1);
}

}  // namespace moescope
