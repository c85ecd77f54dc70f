#include "ui/inspector/views/router_view.h"

#include <QBoxLayout>

#include "ui/inspector/charts/router_chart.h"
#include "ui/inspector/view_table.h"
#include "ui/widgets/small_choice.h"

namespace moescope {

RouterView::RouterView(InspectorModel* model, ThemeStore* themes, QWidget* parent)
    : InspectorView(ViewKind::kRouter, tr("Router"), model, themes, parent) {
    auto* order = new SmallChoice;
    order->addChoice(QStringLiteral("alike"), tr("similarity"));
    order->addChoice(QStringLiteral("number"), tr("number"));
    addControl(tr("Sort by"), order);
    auto* chart = new RouterChart(model, themes);
    addChart(chart);
    column()->addStretch(1);
    connect(order, &QComboBox::currentIndexChanged, chart,
            [=] { chart->setClustered(order->chosen() == QLatin1String("alike")); });
}

}  // namespace moescope
