#include "ui/inspector/views/layers_view.h"

#include <QBoxLayout>

#include "ui/inspector/charts/layers_chart.h"
#include "ui/inspector/charts/load_bars_chart.h"
#include "ui/inspector/view_table.h"
#include "ui/widgets/small_choice.h"

namespace moescope {

LayersView::LayersView(InspectorModel* model, ThemeStore* themes, QWidget* parent)
    : InspectorView(ViewKind::kLayers, tr("Layers"), model, themes, parent) {
    auto* metric = new SmallChoice;
    metric->addChoice(QStringLiteral("count"), tr("times chosen"));
    metric->addChoice(QStringLiteral("mass"), tr("gate mass"));
    addControl(tr("Amount"), metric);
    auto* phase = new SmallChoice;
    phase->addChoice(QStringLiteral("both"), tr("together"));
    phase->addChoice(QStringLiteral("apart"), tr("apart"));
    addControl(tr("Prompt and answer"), phase);

    auto* both = new LayersChart(model, themes, PhaseFilter::kBoth);
    auto* prompt = new LayersChart(model, themes, PhaseFilter::kPrompt);
    auto* answer = new LayersChart(model, themes, PhaseFilter::kAnswer);
    auto* bars = new LoadBarsChart(model, themes);
    ChartWidget* whole = addChart(both);
    ChartWidget* first = addChart(prompt);
    ChartWidget* second = addChart(answer);
    addChart(bars);
    column()->addStretch(1);

    const auto showPhases = [=] {
        // A scope without one of them leaves nothing to tell apart.
        const bool both_there = model->scope().prompt && model->scope().answer;
        phase->setEnabled(both_there);
        const bool apart = both_there && phase->chosen() == QLatin1String("apart");
        whole->setVisible(!apart);
        first->setVisible(apart);
        second->setVisible(apart);
    };
    const auto showMetric = [=] {
        const ExpertAmount chosen =
            metric->chosen() == QLatin1String("mass") ? ExpertAmount::kGateMass : ExpertAmount::kCount;
        for (LayersChart* chart : {both, prompt, answer}) chart->setMetric(chosen);
        bars->setMetric(chosen);
    };
    connect(phase, &QComboBox::currentIndexChanged, this, showPhases);
    connect(metric, &QComboBox::currentIndexChanged, this, showMetric);
    connect(model, &InspectorModel::scopeChanged, this, showPhases);
    showPhases();
    showMetric();
}

}  // namespace moescope
