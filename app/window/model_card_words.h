#pragma once
// What the card of a model says, in words for people.

#include "app/models/model_facts.h"
#include "ui/models/model_card.h"

namespace moescope {

struct LoadedModel;

/// Of a loaded model; of a server's as much as is known of it.
ModelCard modelCard(const LoadedModel& model);

}  // namespace moescope
