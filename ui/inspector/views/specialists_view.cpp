#include "ui/inspector/views/specialists_view.h"

#include <QBoxLayout>

#include "ui/inspector/charts/domains_chart.h"
#include "ui/inspector/charts/vocabulary_chart.h"
#include "ui/inspector/view_table.h"
#include "ui/widgets/small_choice.h"

namespace moescope {

SpecialistsView::SpecialistsView(InspectorModel* model, ThemeStore* themes, QWidget* parent)
    : InspectorView(ViewKind::kSpecialists, tr("Topics"), model, themes, parent) {
    auto* group = new SmallChoice;
    group->addChoice(QStringLiteral("source"), tr("chat"));
    group->addChoice(QStringLiteral("domain"), tr("folder"));
    addControl(tr("Group by"), group);
    auto* which = new SmallChoice;
    which->addChoice(QStringLiteral("input"), tr("input token"));
    which->addChoice(QStringLiteral("next"), tr("next token"));
    addControl(tr("Token"), which);
    auto* least = new SmallChoice;
    for (const int n : {1, 2, 3, 5, 10, 20, 50}) least->addChoice(QString::number(n), QString::number(n));
    least->choose(QStringLiteral("3"));
    least->setToolTip(tr("Rarer tokens are left out; the OLMoE paper uses 10"));
    addControl(tr("Occurs at least"), least);

    auto* domains = new DomainsChart(model, themes);
    auto* vocabulary = new VocabularyChart(model, themes);
    addChart(domains);
    addChart(vocabulary);
    column()->addStretch(1);
    connect(group, &QComboBox::currentIndexChanged, this, [=] {
        domains->setGroup(group->chosen() == QLatin1String("domain") ? DomainsChart::Group::kDomain
                                                                     : DomainsChart::Group::kSource);
    });
    connect(which, &QComboBox::currentIndexChanged, this, [=] {
        vocabulary->setWhich(which->chosen() == QLatin1String("next") ? VocabularyToken::kNext
                                                                      : VocabularyToken::kInput);
    });
    connect(least, &QComboBox::currentIndexChanged, this, [=] { vocabulary->setLeast(least->chosen().toInt()); });
}

}  // namespace moescope
