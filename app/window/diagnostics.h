#pragma once
// What to put into a report of something that went wrong: versions, machine, model, settings. No texts of chats, no
// names of files or folders, nothing that tells who one is. In English, as reports are read by the program's makers.

#include <QString>
#include <optional>

#include "app/window/crash_note.h"
#include "engine/backend/plugin.h"

namespace moescope {

struct AppSettings;
struct LoadedModel;

/// Lines "name: value". `renderer`: what draws the heatmaps.
QString diagnosticsText(const LoadedModel& model, const AppSettings& settings, const QString& renderer,
                        const CudaSurvey& survey, const std::optional<CrashNote>& crash = {});

}  // namespace moescope
