#include "ui/inspector/views/together_view.h"

#include "ui/inspector/charts/coactivation_chart.h"
#include "ui/inspector/charts/lift_chart.h"
#include "ui/inspector/view_table.h"
#include "ui/widgets/small_choice.h"

namespace moescope {

TogetherView::TogetherView(InspectorModel* model, ThemeStore* themes, QWidget* parent)
    : InspectorView(ViewKind::kTogether, tr("Pairs"), model, themes, parent), m_to(new SmallChoice) {
    addControl(tr("Paths to"), m_to);
    addChart(new CoActivationChart(model, themes));
    auto* flow = new LiftChart(model, themes);
    addChart(flow);
    connect(m_to, &QComboBox::currentIndexChanged, this, [this, flow] { flow->setTarget(m_to->currentIndex() - 1); });
    connect(model, &InspectorModel::sourceChanged, this, &TogetherView::fillLayers);
    fillLayers();
}

void TogetherView::fillLayers() {
    QList<std::pair<QString, QString>> layers;
    const SharedSource source = m_model->source();
    for (int l = 0; source && l < source->shape().moe_layers; ++l) {
        const QString number = QString::number(source->shape().first_moe_layer + l);
        layers.append({number, number});
    }
    layers.prepend({QString(), tr("the next layer")});
    m_to->setChoices(layers);
}

}  // namespace moescope
