#include "ui/settings/generation_presets.h"

#include <QCoreApplication>

namespace moescope {

namespace {

QString translated(const char* text) {
    return QCoreApplication::translate("moescope::GenerationSettings", text);
}

}  // namespace

QStringList presetIds() {
    return {QStringLiteral("precise"), QStringLiteral("balanced"), QStringLiteral("creative")};
}

QString presetTitle(const QString& id) {
    if (id == QLatin1String("precise")) return translated(QT_TRANSLATE_NOOP("moescope::GenerationSettings", "Precise"));
    if (id == QLatin1String("balanced"))
        return translated(QT_TRANSLATE_NOOP("moescope::GenerationSettings", "Balanced"));
    if (id == QLatin1String("creative"))
        return translated(QT_TRANSLATE_NOOP("moescope::GenerationSettings", "Creative"));
    return {};
}

QString presetNote(const QString& id) {
    if (id == QLatin1String("precise")) {
        return translated(
            QT_TRANSLATE_NOOP("moescope::GenerationSettings", "Likely words only: facts, code, short answers."));
    }
    if (id == QLatin1String("balanced")) {
        return translated(QT_TRANSLATE_NOOP("moescope::GenerationSettings", "Some variety: good for most chats."));
    }
    if (id == QLatin1String("creative")) {
        return translated(QT_TRANSLATE_NOOP("moescope::GenerationSettings", "Unlikely words too: stories and ideas."));
    }
    return {};
}

GenerationSettings withPreset(const QString& id, GenerationSettings s) {
    GenerationSettings preset;  // balanced
    if (id == QLatin1String("precise")) {
        preset.temperature = 0.2;
        preset.top_p = 0.9;
        preset.min_p = 0.1;
    } else if (id == QLatin1String("creative")) {
        preset.temperature = 1.1;
        preset.top_k = 100;
        preset.top_p = 0.98;
        preset.min_p = 0.02;
        preset.repetition_penalty = 1.05;
    } else if (id != QLatin1String("balanced")) {
        return s;
    }
    s.temperature = preset.temperature;
    s.top_k = preset.top_k;
    s.top_p = preset.top_p;
    s.min_p = preset.min_p;
    s.repetition_penalty = preset.repetition_penalty;
    return s;
}

QString activePreset(const GenerationSettings& settings) {
    for (const QString& id : presetIds()) {
        if (withPreset(id, settings) == settings) return id;
    }
    return {};
}

}  // namespace moescope
