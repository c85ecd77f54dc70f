#include "ui/inspector/views/shared_view.h"

#include <QBoxLayout>

#include "ui/inspector/charts/ratio_chart.h"
#include "ui/inspector/charts/shared_layers_chart.h"
#include "ui/inspector/charts/shared_tokens_chart.h"
#include "ui/inspector/view_table.h"
#include "ui/widgets/small_choice.h"

namespace moescope {

SharedView::SharedView(InspectorModel* model, ThemeStore* themes, QWidget* parent)
    : InspectorView(ViewKind::kShared, tr("Shared"), model, themes, parent) {
    auto* layers = new SmallChoice;
    layers->addChoice(QStringLiteral("mean"), tr("mean of all layers"));
    layers->addChoice(QStringLiteral("one"), tr("the chosen layer"));
    addControl(tr("Curves"), layers);
    auto* curves = new SharedTokensChart(model, themes, true);
    addChart(curves);
    addChart(new RatioChart(model, themes));
    addChart(new SharedLayersChart(model, themes));
    column()->addStretch(1);
    connect(layers, &QComboBox::currentIndexChanged, this,
            [=] { curves->setOneLayer(layers->chosen() == QLatin1String("one")); });
}

}  // namespace moescope
