#include "app/window/settings_json.h"

#include <QJsonDocument>

namespace moescope {
namespace {

constexpr QLatin1String kGeneration("generation");

// Forms allow what reading does.
static_assert(GenerationRanges::kMaxTemperature == AnswerSettings::kMaxTemperature);
static_assert(GenerationRanges::kMinPenalty == AnswerSettings::kMinPenalty);
static_assert(GenerationRanges::kMaxPenalty == AnswerSettings::kMaxPenalty);
static_assert(GenerationRanges::kMaxTopK == AnswerSettings::kMaxTopK);
static_assert(GenerationRanges::kMaxAnswer == AnswerSettings::kMaxAnswer);

QJsonObject objectIn(const std::string& json) {
    return QJsonDocument::fromJson(QByteArray::fromStdString(json)).object();
}

}  // namespace

AnswerSettings answerSettings(const GenerationSettings& shown, const RouterRules& rules) {
    AnswerSettings s;
    s.temperature = shown.temperature;
    s.top_k = shown.top_k;
    s.top_p = shown.top_p;
    s.min_p = shown.min_p;
    s.repetition_penalty = shown.repetition_penalty;
    s.seed = shown.seed;
    s.random_seed = shown.random_seed;
    s.max_tokens = shown.max_tokens;
    s.context_policy = shown.context_policy;
    s.rules = rules;
    return s;
}

GenerationSettings shownSettings(const AnswerSettings& settings) {
    GenerationSettings s;
    s.temperature = settings.temperature;
    s.top_k = settings.top_k;
    s.top_p = settings.top_p;
    s.min_p = settings.min_p;
    s.repetition_penalty = settings.repetition_penalty;
    s.seed = settings.seed;
    s.random_seed = settings.random_seed;
    s.max_tokens = settings.max_tokens;
    s.context_policy = settings.context_policy;
    return s;
}

std::string jsonOf(const AppSettings& settings) {
    QJsonObject json = settings.toJson();
    json[kGeneration] = objectIn(answerSettings(settings.generation).toJson());
    return QJsonDocument(json).toJson(QJsonDocument::Compact).toStdString();
}

AppSettings appSettingsIn(const std::string& text) {
    const QJsonObject json = objectIn(text);
    AppSettings settings = AppSettings::fromJson(json);
    const QByteArray generation = QJsonDocument(json[kGeneration].toObject()).toJson(QJsonDocument::Compact);
    settings.generation = shownSettings(AnswerSettings::fromJson(generation.toStdString()));
    return settings;
}

}  // namespace moescope
