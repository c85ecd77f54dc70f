#pragma once
// The prompts that are there before anybody has changed them.

#include "ui/settings/app_settings.h"

namespace moescope {

/// In the language of the program.
QList<PromptEntry> builtInPrompts();
/// The user's own, else the built-in ones.
inline QList<PromptEntry> promptsOf(const AppSettings& settings) {
    return settings.prompts ? *settings.prompts : builtInPrompts();
}

}  // namespace moescope
