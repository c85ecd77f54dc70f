#pragma once
// What can be done with a token, a layer or an expert, where it is seen: the entries of the context menu.

#include "ui/selection.h"

class QMenu;

namespace moescope {

class InspectorModel;

/// Entries for what the spot names, counted in the whole source; nothing for an empty one. The model outlives the menu.
void addSpotActions(QMenu& menu, InspectorModel& model, const Spot& spot);

}  // namespace moescope
