#pragma once
// The views of the inspector, in groups. A view more is a class in views/, a kind here, and a line of the table in
// view_table.cpp: its tab, the menus, the keys and the tests of all views follow.

#include <QString>
#include <cstdint>
#include <span>

namespace moescope {

class InspectorModel;
class InspectorView;
class ThemeStore;

/// In the order of their tabs.
enum class ViewKind : std::uint8_t {
    kLive,
    kTokens,
    kDepth,
    kAlike,
    kLayers,
    kBalance,
    kUnused,
    kPosition,
    kShared,
    kTogether,
    kExperts,
    kRouter,
    kSpecialists,
    kCompare,
    kExperiments,
    kDetails,  ///< no tab: the panel beside every view
};

/// What a view is about.
enum class ViewGroup : std::uint8_t { kAnswer, kUse, kStructure, kTests };
inline constexpr ViewGroup kViewGroups[] = {ViewGroup::kAnswer, ViewGroup::kUse, ViewGroup::kStructure,
                                            ViewGroup::kTests};
/// For people: "Structure".
QString groupTitle(ViewGroup group);

struct ViewInfo {
    ViewKind kind;
    ViewGroup group;
    const char* name;  ///< of files that are saved, and of the widget: "balance"
    /// It shows the source in hand: as long as that has no routing, the dock says why in the view's place.
    bool of_source;
    InspectorView* (*make)(InspectorModel* model, ThemeStore* themes);
};

/// One of each kind that has a tab, in order.
std::span<const ViewInfo> inspectorViews();
const ViewInfo& infoOf(ViewKind kind);

}  // namespace moescope
