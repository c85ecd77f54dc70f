#pragma once
// The program's settings, as a plain value. Whoever keeps them writes toJson() somewhere and reads it back.

#include <QHash>

#include "ui/settings/generation_settings.h"
#include "ui/theme.h"

namespace moescope {

struct AppSettings {
    enum class Motion { kSystem, kFull, kReduced };

    // General
    ThemeStore::Mode theme = ThemeStore::Mode::kSystem;
    double text_size = 1.0;  ///< ThemeStore's zoom, 0.6 to 3
    QString language;        ///< empty: the system's; "en"; "zh_CN"
    Motion motion = Motion::kSystem;

    // Generation
    GenerationSettings generation;             ///< of new conversations
    int context_size = 0;                      ///< positions, up to 1048576; 0: the model's own
    QString kv_cache = QStringLiteral("f16");  ///< "f16", "f32" or "q8_0"
    int threads = 0;                           ///< up to 1024; 0: one for each processor
    QString compute = QStringLiteral("auto");  ///< "auto", "cpu", or "cuda:N" for card N
    double gpu_memory_gb = 0;                  ///< of the card that may be used, up to 1024; 0: what is free

    // Models
    QString model_path;                   ///< loaded at the start; empty: none
    QStringList recent_models;            ///< paths, newest first
    QHash<QString, QString> model_names;  ///< by path: what the recent ones call themselves
    QString tint;                         ///< of the tokens, as the window names it; empty: none

    bool operator==(const AppSettings&) const = default;

    QJsonObject toJson() const;
    /// Missing, wrong and out-of-range values as in GenerationSettings::fromJson.
    static AppSettings fromJson(const QJsonObject& json);
};

}  // namespace moescope
