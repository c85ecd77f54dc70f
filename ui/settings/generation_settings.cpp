#include "ui/settings/generation_settings.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

namespace moescope {

namespace {

constexpr quint64 kExactInDouble = quint64{1} << 53;

double clampReal(double value, double lowest, double highest, double otherwise) {
    return std::isfinite(value) ? std::clamp(value, lowest, highest) : otherwise;
}

double readReal(const QJsonValue& value, double otherwise) {
    return value.isDouble() ? value.toDouble() : otherwise;
}

int readWhole(const QJsonValue& value, int otherwise) {
    if (!value.isDouble()) return otherwise;
    return static_cast<int>(std::clamp(std::round(value.toDouble()), -2147483648.0, 2147483647.0));
}

quint64 readSeed(const QJsonValue& value, quint64 otherwise) {
    if (value.isString()) {
        bool ok = false;
        const quint64 seed = value.toString().toULongLong(&ok);
        return ok ? seed : otherwise;
    }
    if (!value.isDouble()) return otherwise;
    const double seed = value.toDouble();
    if (!(seed >= 0)) return otherwise;
    if (seed >= 18446744073709551615.0) return ~quint64{0};
    const qint64 exact = value.toInteger(-1);
    return exact >= 0 ? static_cast<quint64>(exact) : static_cast<quint64>(seed);
}

bool isPolicy(const QString& policy) {
    return policy == QLatin1String("stop") || policy == QLatin1String("drop_oldest") || policy == QLatin1String("ask");
}

QString translated(const char* text) {
    return QCoreApplication::translate("moescope::GenerationSettings", text);
}

}  // namespace

GenerationSettings GenerationSettings::clamped() const {
    const GenerationSettings fresh;
    GenerationSettings s = *this;
    s.temperature = clampReal(temperature, 0, GenerationRanges::kMaxTemperature, fresh.temperature);
    s.top_k = std::clamp(top_k, 0, GenerationRanges::kMaxTopK);
    s.top_p = clampReal(top_p, 0, 1, fresh.top_p);
    s.min_p = clampReal(min_p, 0, 1, fresh.min_p);
    s.repetition_penalty = clampReal(repetition_penalty, GenerationRanges::kMinPenalty, GenerationRanges::kMaxPenalty,
                                     fresh.repetition_penalty);
    s.max_tokens = std::clamp(max_tokens, 1, GenerationRanges::kMaxAnswer);
    if (!isPolicy(context_policy)) s.context_policy = fresh.context_policy;
    return s;
}

QJsonObject GenerationSettings::toJson() const {
    QJsonObject json;
    json[QLatin1String("temperature")] = temperature;
    json[QLatin1String("top_k")] = top_k;
    json[QLatin1String("top_p")] = top_p;
    json[QLatin1String("min_p")] = min_p;
    json[QLatin1String("repetition_penalty")] = repetition_penalty;
    json[QLatin1String("seed")] =
        seed <= kExactInDouble ? QJsonValue(static_cast<qint64>(seed)) : QJsonValue(QString::number(seed));
    json[QLatin1String("random_seed")] = random_seed;
    json[QLatin1String("max_tokens")] = max_tokens;
    json[QLatin1String("context_policy")] = context_policy;
    return json;
}

GenerationSettings GenerationSettings::fromJson(const QJsonObject& json, const GenerationSettings& defaults) {
    GenerationSettings s = defaults;
    s.temperature = readReal(json[QLatin1String("temperature")], s.temperature);
    s.top_k = readWhole(json[QLatin1String("top_k")], s.top_k);
    s.top_p = readReal(json[QLatin1String("top_p")], s.top_p);
    s.min_p = readReal(json[QLatin1String("min_p")], s.min_p);
    s.repetition_penalty = readReal(json[QLatin1String("repetition_penalty")], s.repetition_penalty);
    s.seed = readSeed(json[QLatin1String("seed")], s.seed);
    s.random_seed = json[QLatin1String("random_seed")].toBool(s.random_seed);
    s.max_tokens = readWhole(json[QLatin1String("max_tokens")], s.max_tokens);
    const QString policy = json[QLatin1String("context_policy")].toString();
    if (isPolicy(policy)) s.context_policy = policy;
    return s.clamped();
}

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
        return translated(
            QT_TRANSLATE_NOOP("moescope::GenerationSettings", "Some variety: good for most conversations."));
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
