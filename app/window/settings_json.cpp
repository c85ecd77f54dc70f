#include "app/window/settings_json.h"

#include <QJsonDocument>

#include "app/chat/answer_settings.h"

namespace moescope {
namespace {

constexpr QLatin1String kGeneration("generation");

QJsonObject objectIn(const std::string& json) {
    return QJsonDocument::fromJson(QByteArray::fromStdString(json)).object();
}

}  // namespace

std::string jsonOf(const AppSettings& settings) {
    QJsonObject json = settings.toJson();
    json[kGeneration] = objectIn(AnswerSettings{settings.generation, {}}.toJson());
    return QJsonDocument(json).toJson(QJsonDocument::Compact).toStdString();
}

AppSettings appSettingsIn(const std::string& text) {
    const QJsonObject json = objectIn(text);
    AppSettings settings = AppSettings::fromJson(json);
    const QByteArray generation = QJsonDocument(json[kGeneration].toObject()).toJson(QJsonDocument::Compact);
    settings.generation = AnswerSettings::fromJson(generation.toStdString());
    return settings;
}

}  // namespace moescope
