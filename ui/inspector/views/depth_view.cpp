#include "ui/inspector/views/depth_view.h"

#include <QBoxLayout>

#include "ui/inspector/charts/depth_chart.h"
#include "ui/inspector/view_table.h"
#include "ui/widgets/small_choice.h"

namespace moescope {

DepthView::DepthView(InspectorModel* model, ThemeStore* themes, QWidget* parent)
    : InspectorView(ViewKind::kDepth, tr("Depth"), model, themes, parent) {
    using Value = DepthChart::Value;
    auto* value = new SmallChoice;
    const auto add = [value](Value which, const QString& name) {
        value->addChoice(QString::number(static_cast<int>(which)), name);
    };
    add(Value::kEntropy, tr("gate entropy"));
    add(Value::kTopGate, tr("largest gate"));
    add(Value::kMargin, tr("margin"));
    add(Value::kRepetition, tr("repeated experts"));
    addControl(tr("Value"), value);
    auto* chart = new DepthChart(model, themes);
    column()->setStretchFactor(addChart(chart), 1000);
    column()->addStretch(1);
    connect(value, &QComboBox::currentIndexChanged, chart,
            [=] { chart->setValue(static_cast<Value>(value->chosen().toInt())); });
}

}  // namespace moescope
