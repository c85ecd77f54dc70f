#pragma once
// What there is to say about loading a model, in words for people; and what of the settings is about that.

#include <QString>

#include "app/chat/load_plan.h"
#include "ui/settings/app_settings.h"

namespace moescope {

LoadChoices loadChoices(const AppSettings& settings);

/// "The model needs about 11.2 GB (10.8 weights, ...) and 6.1 GB are free; ..."
QString memoryText(const LoadPlan& plan);

}  // namespace moescope
