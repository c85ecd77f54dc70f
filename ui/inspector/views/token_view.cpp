#include "ui/inspector/views/token_view.h"

#include <QBoxLayout>

#include "ui/inspector/charts/token_chart.h"

namespace moescope {

TokenView::TokenView(InspectorModel* model, ThemeStore* themes, QWidget* parent)
    : InspectorView(ViewKind::kToken, tr("Token"), model, themes, parent) {
    addChart(new TokenChart(model, themes));
    column()->addStretch(1);
}

}  // namespace moescope
