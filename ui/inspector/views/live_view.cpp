#include "ui/inspector/views/live_view.h"

#include <QBoxLayout>

#include "ui/inspector/charts/layers_chart.h"
#include "ui/inspector/charts/shared_tokens_chart.h"
#include "ui/inspector/charts/tokens_chart.h"
#include "ui/inspector/view_table.h"

namespace moescope {
namespace {

constexpr int kHighestTokens = 300;

}  // namespace

LiveView::LiveView(InspectorModel* model, ThemeStore* themes, QWidget* parent)
    : InspectorView(ViewKind::kLive, tr("Live"), model, themes, parent) {
    addChart(new LayersChart(model, themes));
    // A model with few layers leaves room: more of it makes cells that are easier to hit.
    ChartWidget* tokens = addChart(new TokensChart(model, themes));
    const auto limit = [tokens, themes] { tokens->setMaximumHeight(themes->theme().px(kHighestTokens)); };
    connect(themes, &ThemeStore::changed, tokens, limit);
    limit();
    addChart(new SharedTokensChart(model, themes, false));
    column()->setStretchFactor(tokens, 1000);  // first, up to its limit
    column()->addStretch(1);
}

}  // namespace moescope
