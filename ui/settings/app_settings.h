#pragma once
// The program's settings, as a plain value. Whoever keeps them writes toJson() somewhere and reads it back.

#include <QHash>
#include <QJsonObject>
#include <QList>
#include <optional>

#include "engine/base/compute_choice.h"
#include "engine/base/generation_settings.h"
#include "engine/base/token_odds.h"
#include "ui/prompt_entry.h"
#include "ui/theme.h"

namespace moescope {

/// A server that answers chats. Its API key is kept elsewhere.
struct ServerEntry {
    QString url;      ///< "http://127.0.0.1:8000"
    QString model;    ///< its name there; empty: the only one
    QString ca_file;  ///< certificates to trust instead of the system's; empty: those
    int experts = 0;  ///< routed ones of a layer; 0: as many as the server names

    bool operator==(const ServerEntry&) const = default;
};

struct AppSettings {
    enum class Motion { kSystem, kFull, kReduced };

    // General
    ThemeStore::Mode theme = ThemeStore::Mode::kSystem;
    double text_size = 1.0;  ///< ThemeStore's zoom, 0.6 to 3
    QString language;        ///< empty: the system's; "en"; "zh_CN"
    Motion motion = Motion::kSystem;

    // Generation
    GenerationSettings generation;                     ///< of new conversations
    OddsWanted alternatives = OddsWanted::kWhereFree;  ///< whether they are kept with each token of an answer
    int context_size = 0;                              ///< positions, up to 1048576; 0: the model's own
    KvType kv_cache = KvType::kF16;
    int threads = 0;           ///< up to 1024; 0: one for each CPU core
    DeviceChoice compute;      ///< automatic, the CPU, or a GPU that is named
    double gpu_memory_gb = 0;  ///< of the GPU that may be used, up to 1024; 0: what is free

    // Servers
    QList<ServerEntry> servers;

    // Prompts
    std::optional<QList<PromptEntry>> prompts;  ///< none: the built-in ones
    static constexpr qsizetype kMaxPrompts = 200, kMaxPromptName = 60, kMaxPromptText = 20'000;

    // Models
    QString model_path;                           ///< loaded at the start; empty: none
    QStringList recent_models;                    ///< paths, newest first
    QStringList model_folders;                    ///< where models are looked for beside the usual places; up to 32
    QHash<QString, QString> model_names;          ///< by path: what the recent ones call themselves
    bool keep_packed = false;                     ///< packed copies of models stay on disk, so that these start at once
    QString tint;                                 ///< of the tokens, as the window names it; empty: none
    bool wrap_code = false, number_code = false;  ///< in the transcript

    bool operator==(const AppSettings&) const = default;

    /// All but `generation`, whose JSON is the same wherever answers have it: the window adds it.
    QJsonObject toJson() const;
    /// Takes what it knows; what is missing or of the wrong type is as it would be without, what is out of range is
    /// clamped.
    static AppSettings fromJson(const QJsonObject& json);
};

}  // namespace moescope
