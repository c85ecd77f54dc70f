#include "ui/inspector/view_table.h"

#include <array>

#include "ui/inspector/views/balance_view.h"
#include "ui/inspector/views/compare_view.h"
#include "ui/inspector/views/experiment_view.h"
#include "ui/inspector/views/layers_view.h"
#include "ui/inspector/views/live_view.h"
#include "ui/inspector/views/shared_view.h"
#include "ui/inspector/views/specialists_view.h"
#include "ui/inspector/views/together_view.h"
#include "ui/inspector/views/token_view.h"
#include "ui/inspector/views/tokens_view.h"

namespace moescope {
namespace {

template <class View>
InspectorView* make(InspectorModel* model, ThemeStore* themes) {
    return new View(model, themes);
}

constexpr std::array kViews = {
    ViewInfo{ViewKind::kLive, "live", true, make<LiveView>},
    ViewInfo{ViewKind::kTokens, "tokens", true, make<TokensView>},
    ViewInfo{ViewKind::kLayers, "layers", true, make<LayersView>},
    ViewInfo{ViewKind::kToken, "token", true, make<TokenView>},
    ViewInfo{ViewKind::kShared, "shared", true, make<SharedView>},
    ViewInfo{ViewKind::kBalance, "balance", true, make<BalanceView>},
    ViewInfo{ViewKind::kTogether, "together", true, make<TogetherView>},
    ViewInfo{ViewKind::kSpecialists, "specialists", false, make<SpecialistsView>},
    ViewInfo{ViewKind::kCompare, "compare", false, make<CompareView>},
    ViewInfo{ViewKind::kExperiments, "experiments", false, make<ExperimentView>},
};

constexpr bool inOrder() {
    for (std::size_t i = 0; i < kViews.size(); ++i) {
        if (static_cast<std::size_t>(kViews[i].kind) != i) return false;
    }
    return true;
}
static_assert(inOrder(), "a view's line stands where its kind does");

}  // namespace

std::span<const ViewInfo> inspectorViews() {
    return kViews;
}

const ViewInfo& infoOf(ViewKind kind) {
    return kViews[static_cast<std::size_t>(kind)];
}

}  // namespace moescope
