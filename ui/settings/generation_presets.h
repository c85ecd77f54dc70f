#pragma once
// Presets: "precise", "balanced" (the defaults of GenerationSettings) and "creative". They set temperature, top-k,
// top-p, min-p and the repetition penalty, and leave seed, length and policy alone.

#include <QString>
#include <QStringList>

#include "engine/base/generation_settings.h"

namespace moescope {

/// In the order of the chooser.
QStringList presetIds();
/// Translated: "Precise".
QString presetTitle(const QString& id);
/// One sentence of what it is for.
QString presetNote(const QString& id);
/// `settings` with the preset's values; unchanged for an unknown id.
GenerationSettings withPreset(const QString& id, GenerationSettings settings);
/// The preset whose values `settings` has, or empty: own values.
QString activePreset(const GenerationSettings& settings);

}  // namespace moescope
