#pragma once
// The program's settings as the history keeps them.

#include <string>

#include "ui/settings/app_settings.h"

namespace moescope {

/// A JSON object.
std::string jsonOf(const AppSettings& settings);
/// Missing, wrong and out-of-range values as in AppSettings and AnswerSettings.
AppSettings appSettingsIn(const std::string& json);

}  // namespace moescope
