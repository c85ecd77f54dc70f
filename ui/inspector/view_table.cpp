#include "ui/inspector/view_table.h"

#include <QCoreApplication>
#include <array>

#include "ui/inspector/details_panel.h"
#include "ui/inspector/views/alike_view.h"
#include "ui/inspector/views/balance_view.h"
#include "ui/inspector/views/compare_view.h"
#include "ui/inspector/views/depth_view.h"
#include "ui/inspector/views/experiment_view.h"
#include "ui/inspector/views/experts_view.h"
#include "ui/inspector/views/layers_view.h"
#include "ui/inspector/views/live_view.h"
#include "ui/inspector/views/position_view.h"
#include "ui/inspector/views/router_view.h"
#include "ui/inspector/views/shared_view.h"
#include "ui/inspector/views/specialists_view.h"
#include "ui/inspector/views/together_view.h"
#include "ui/inspector/views/tokens_view.h"
#include "ui/inspector/views/unused_view.h"

namespace moescope {
namespace {

/// Gives the strings of this file a context.
class Words {
    Q_DECLARE_TR_FUNCTIONS(moescope::ViewTable)
};

template <class View>
InspectorView* make(InspectorModel* model, ThemeStore* themes) {
    return new View(model, themes);
}

using enum ViewGroup;
constexpr std::array kViews = {
    ViewInfo{ViewKind::kLive, kAnswer, "live", true, make<LiveView>},
    ViewInfo{ViewKind::kTokens, kAnswer, "tokens", true, make<TokensView>},
    ViewInfo{ViewKind::kDepth, kAnswer, "depth", true, make<DepthView>},
    ViewInfo{ViewKind::kAlike, kAnswer, "alike", true, make<AlikeView>},
    ViewInfo{ViewKind::kLayers, kUse, "layers", true, make<LayersView>},
    ViewInfo{ViewKind::kBalance, kUse, "balance", true, make<BalanceView>},
    ViewInfo{ViewKind::kUnused, kUse, "unused", true, make<UnusedView>},
    ViewInfo{ViewKind::kPosition, kUse, "position", true, make<PositionView>},
    ViewInfo{ViewKind::kShared, kUse, "shared", true, make<SharedView>},
    ViewInfo{ViewKind::kTogether, kStructure, "together", true, make<TogetherView>},
    ViewInfo{ViewKind::kExperts, kStructure, "experts", true, make<ExpertsView>},
    ViewInfo{ViewKind::kRouter, kStructure, "router", true, make<RouterView>},
    ViewInfo{ViewKind::kSpecialists, kStructure, "specialists", false, make<SpecialistsView>},
    ViewInfo{ViewKind::kCompare, kTests, "compare", false, make<CompareView>},
    ViewInfo{ViewKind::kExperiments, kTests, "experiments", false, make<ExperimentView>},
    ViewInfo{ViewKind::kDetails, kAnswer, "token", true, make<DetailsPanel>},
};

constexpr bool inOrder() {
    for (std::size_t i = 0; i < kViews.size(); ++i) {
        if (static_cast<std::size_t>(kViews[i].kind) != i) return false;
    }
    return true;
}
static_assert(inOrder(), "a view's line stands where its kind does");

}  // namespace

QString groupTitle(ViewGroup group) {
    switch (group) {
        case kAnswer:
            return Words::tr("Answer");
        case kUse:
            return Words::tr("Use");
        case kStructure:
            return Words::tr("Structure");
        case kTests:
            return Words::tr("Tests");
    }
    return {};
}

std::span<const ViewInfo> inspectorViews() {
    return std::span(kViews).first(kViews.size() - 1);
}

const ViewInfo& infoOf(ViewKind kind) {
    return kViews[static_cast<std::size_t>(kind)];
}

}  // namespace moescope
