#include "ui/inspector/views/balance_view.h"

#include <QBoxLayout>
#include <QSignalBlocker>

#include "ui/inspector/charts/balance_chart.h"
#include "ui/inspector/charts/load_bars_chart.h"
#include "ui/inspector/view_table.h"
#include "ui/widgets/small_choice.h"

namespace moescope {

BalanceView::BalanceView(InspectorModel* model, ThemeStore* themes, QWidget* parent)
    : InspectorView(ViewKind::kBalance, tr("Balance"), model, themes, parent) {
    // The heads of the columns sort too; this is the way without a mouse.
    auto* order = new SmallChoice;
    order->addChoice(QString::number(BalanceChart::kLayer), tr("layer"));
    order->addChoice(QString::number(BalanceChart::kJain), tr("Jain, worst first"));
    order->addChoice(QString::number(BalanceChart::kMaxViolation), tr("MaxVio, worst first"));
    order->addChoice(QString::number(BalanceChart::kVariation), tr("CV, worst first"));
    order->addChoice(QString::number(BalanceChart::kEntropy), tr("entropy, worst first"));
    order->addChoice(QString::number(BalanceChart::kNever), tr("unused, most first"));
    addControl(tr("Sort by"), order);

    auto* table = new BalanceChart(model, themes);
    addChart(table);
    addChart(new LoadBarsChart(model, themes));
    column()->addStretch(1);
    connect(order, &QComboBox::currentIndexChanged, this, [=] {
        const auto column = static_cast<BalanceChart::Column>(order->chosen().toInt());
        table->sortBy(column, column == BalanceChart::kMaxViolation || column == BalanceChart::kVariation ||
                                  column == BalanceChart::kNever);
    });
    connect(table, &BalanceChart::sorted, this, [=] {
        const QSignalBlocker quiet(order);
        order->choose(QString::number(table->sortColumn()));
    });
}

}  // namespace moescope
