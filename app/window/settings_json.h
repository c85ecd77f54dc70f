#pragma once
// The program's settings as the history keeps them, and the settings of answers as forms show them.

#include <string>

#include "app/chat/answer_settings.h"
#include "ui/settings/app_settings.h"

namespace moescope {

/// With the rules that a form does not show.
AnswerSettings answerSettings(const GenerationSettings& shown, const RouterRules& rules = {});
GenerationSettings shownSettings(const AnswerSettings& settings);

/// A JSON object.
std::string jsonOf(const AppSettings& settings);
/// Missing, wrong and out-of-range values as in AppSettings and AnswerSettings.
AppSettings appSettingsIn(const std::string& json);

}  // namespace moescope
