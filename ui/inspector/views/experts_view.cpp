#include "ui/inspector/views/experts_view.h"

#include <QBoxLayout>

#include "ui/inspector/charts/expert_pair_chart.h"
#include "ui/inspector/view_table.h"
#include "ui/widgets/small_choice.h"

namespace moescope {

ExpertsView::ExpertsView(InspectorModel* model, ThemeStore* themes, QWidget* parent)
    : InspectorView(ViewKind::kExperts, tr("Experts"), model, themes, parent), m_other(new SmallChoice) {
    addControl(tr("Beside the chosen one"), m_other);
    addChart(new ExpertPairChart(model, themes));
    column()->addStretch(1);
    connect(m_other, &QComboBox::activated, this, [this] {
        const QStringList parts = m_other->chosen().split(QLatin1Char(':'));
        m_model->setOtherExpert(parts.size() == 2 ? Spot::ofExpert(parts[0].toInt(), parts[1].toInt()) : Spot());
    });
    connect(model, &InspectorModel::sourceChanged, this, &ExpertsView::fillOthers);
    connect(model, &InspectorModel::otherExpertChanged, this, &ExpertsView::fillOthers);
    connect(model, &InspectorModel::namesChanged, this, &ExpertsView::fillOthers);
    connect(&model->selection(), &RoutingSelection::changed, this, [this](RoutingSelection::Parts parts) {
        if (parts & RoutingSelection::kLayer) fillOthers();
    });
    fillOthers();
}

void ExpertsView::fillOthers() {
    const SharedSource source = m_model->source();
    const int layer = m_model->layer();
    const Spot other = m_model->otherExpert();
    QList<std::pair<QString, QString>> choices{{QString(), tr("its strongest partner")}};
    const auto add = [&](int of, int expert, const QString& text) {
        const QString name = m_model->expertName(of, expert);
        choices.append({QStringLiteral("%1:%2").arg(of).arg(expert),
                        name.isEmpty() ? text : QStringLiteral("%1 · %2").arg(text, name)});
    };
    // One of another layer comes from its menu.
    if (source && other.expert >= 0 && other.layer != layer)
        add(other.layer, other.expert,
            tr("layer %1, expert %2").arg(source->shape().first_moe_layer + other.layer).arg(other.expert));
    for (int e = 0; source && e < source->shape().experts; ++e) add(layer, e, tr("expert %1").arg(e));
    m_other->setChoices(choices);
    m_other->choose(other.expert < 0 ? QString() : QStringLiteral("%1:%2").arg(other.layer).arg(other.expert));
}

}  // namespace moescope
