#pragma once
// How answers are made, as forms show it: what the sampler gets, how long an answer may be, and what happens when the
// context is full.

#include <QString>
#include <QStringList>

#include "engine/base/context_policy.h"

namespace moescope {

struct GenerationSettings {
    double temperature = 0.7;         ///< 0 to 5; 0: always the likeliest token
    int top_k = 40;                   ///< 0 to 100000; 0: off
    double top_p = 0.95;              ///< 0 to 1; 1: off
    double min_p = 0.05;              ///< 0 to 1; 0: off
    double repetition_penalty = 1.0;  ///< 0.5 to 2; 1: off
    quint64 seed = 0;                 ///< used unless `random_seed`
    bool random_seed = true;
    int max_tokens = 1024;  ///< of an answer; 1 to 1048576
    ContextPolicy context_policy = ContextPolicy::kDropOldest;

    bool operator==(const GenerationSettings&) const = default;

    /// With every value in its range.
    GenerationSettings clamped() const;
};

struct GenerationRanges {
    static constexpr double kMaxTemperature = 5, kMinPenalty = 0.5, kMaxPenalty = 2;
    static constexpr int kMaxTopK = 100000, kMaxAnswer = 1 << 20;
};

// Presets: "precise", "balanced" (the defaults above) and "creative". They set temperature, top-k, top-p, min-p and the
// repetition penalty, and leave seed, length and policy alone.

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
