#include "ui/inspector/views/together_view.h"

#include <QSignalBlocker>

#include "ui/inspector/charts/coactivation_chart.h"
#include "ui/inspector/charts/flow_chart.h"
#include "ui/widgets/small_choice.h"

namespace moescope {

TogetherView::TogetherView(InspectorModel* model, ThemeStore* themes, QWidget* parent)
    : InspectorView(ViewKind::kTogether, tr("Together"), model, themes, parent),
      m_from(new SmallChoice),
      m_to(new SmallChoice) {
    addControl(tr("Layer"), m_from);
    addControl(tr("Flow into"), m_to);
    addChart(new CoActivationChart(model, themes));
    auto* flow = new FlowChart(model, themes);
    addChart(flow);
    connect(m_from, &QComboBox::currentIndexChanged, this, [this] {
        if (m_from->currentIndex() >= 0) m_model->selection().choose(Spot::ofExpert(m_from->currentIndex(), -1));
    });
    connect(m_to, &QComboBox::currentIndexChanged, this, [this, flow] { flow->setTarget(m_to->currentIndex() - 1); });
    connect(model, &InspectorModel::sourceChanged, this, &TogetherView::fillLayers);
    connect(&model->selection(), &RoutingSelection::changed, this, [this](RoutingSelection::Parts parts) {
        if (!(parts & RoutingSelection::kLayer)) return;
        const QSignalBlocker quiet(m_from);
        m_from->setCurrentIndex(m_from->count() > 0 ? m_model->layer() : -1);
    });
    fillLayers();
}

void TogetherView::fillLayers() {
    QList<std::pair<QString, QString>> layers;
    const SharedSource source = m_model->source();
    for (int l = 0; source && l < source->shape().moe_layers; ++l) {
        const QString number = QString::number(source->shape().first_moe_layer + l);
        layers.append({number, number});
    }
    const QSignalBlocker quiet(m_from);
    m_from->setChoices(layers);
    m_from->setCurrentIndex(m_from->count() > 0 ? m_model->layer() : -1);
    layers.prepend({QString(), tr("the next")});
    m_to->setChoices(layers);
    m_from->setEnabled(!layers.isEmpty());
}

}  // namespace moescope
