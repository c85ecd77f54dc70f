#include "ui/settings/app_settings.h"

#include <QJsonArray>
#include <algorithm>
#include <cmath>

namespace moescope {

namespace {

constexpr int kMaxContext = 1 << 20, kMaxThreads = 1024;
constexpr double kMaxGpuMemory = 1024;
constexpr qsizetype kMaxRecent = 20, kMaxName = 200, kMaxAddress = 2000, kMaxServers = 50;
constexpr int kMaxExperts = 4096;

const QList<std::pair<ThemeStore::Mode, QLatin1String>> kThemes = {{ThemeStore::Mode::kSystem, QLatin1String("system")},
                                                                   {ThemeStore::Mode::kLight, QLatin1String("light")},
                                                                   {ThemeStore::Mode::kDark, QLatin1String("dark")}};
const QList<std::pair<AppSettings::Motion, QLatin1String>> kMotions = {
    {AppSettings::Motion::kSystem, QLatin1String("system")},
    {AppSettings::Motion::kFull, QLatin1String("full")},
    {AppSettings::Motion::kReduced, QLatin1String("reduced")}};

const QList<std::pair<OddsWanted, QLatin1String>> kAlternatives = {{OddsWanted::kNever, QLatin1String("never")},
                                                                   {OddsWanted::kWhereFree, QLatin1String("free")},
                                                                   {OddsWanted::kAlways, QLatin1String("always")}};

template <class T>
QString nameOf(const QList<std::pair<T, QLatin1String>>& names, T value) {
    for (const auto& [at, name] : names) {
        if (at == value) return name;
    }
    return {};
}

template <class T>
T valueOf(const QList<std::pair<T, QLatin1String>>& names, const QString& wanted, T otherwise) {
    for (const auto& [at, name] : names) {
        if (name == wanted) return at;
    }
    return otherwise;
}

QString qt(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

int readWhole(const QJsonValue& value, int highest) {
    return static_cast<int>(std::clamp(std::round(value.toDouble(0)), 0.0, static_cast<double>(highest)));
}

}  // namespace

QJsonObject AppSettings::toJson() const {
    QJsonObject json;
    json[QLatin1String("theme")] = nameOf(kThemes, theme);
    json[QLatin1String("text_size")] = text_size;
    json[QLatin1String("language")] = language;
    json[QLatin1String("motion")] = nameOf(kMotions, motion);
    json[QLatin1String("alternatives")] = nameOf(kAlternatives, alternatives);
    json[QLatin1String("context_size")] = context_size;
    json[QLatin1String("kv_cache")] = qt(kvTypeName(kv_cache));
    json[QLatin1String("threads")] = threads;
    json[QLatin1String("compute")] = qt(deviceChoiceName(compute));
    json[QLatin1String("gpu_memory_gb")] = gpu_memory_gb;
    json[QLatin1String("model_path")] = model_path;
    if (!model_folders.isEmpty()) json[QLatin1String("model_folders")] = QJsonArray::fromStringList(model_folders);
    json[QLatin1String("recent_models")] = QJsonArray::fromStringList(recent_models);
    QJsonObject names;
    for (const QString& path : recent_models) {
        if (model_names.contains(path)) names[path] = model_names[path];
    }
    json[QLatin1String("model_names")] = names;
    json[QLatin1String("keep_packed")] = keep_packed;
    json[QLatin1String("tint")] = tint;
    json[QLatin1String("wrap_code")] = wrap_code;
    json[QLatin1String("number_code")] = number_code;
    QJsonArray own_servers;
    for (const ServerEntry& server : servers) {
        own_servers.append(QJsonObject{{QLatin1String("url"), server.url},
                                       {QLatin1String("model"), server.model},
                                       {QLatin1String("ca_file"), server.ca_file},
                                       {QLatin1String("experts"), server.experts}});
    }
    json[QLatin1String("servers")] = own_servers;
    if (prompts) {
        QJsonArray own_prompts;
        for (const PromptEntry& prompt : *prompts) {
            own_prompts.append(QJsonObject{{QLatin1String("name"), prompt.name},
                                           {QLatin1String("text"), prompt.text},
                                           {QLatin1String("system"), prompt.system}});
        }
        json[QLatin1String("prompts")] = own_prompts;
    }
    return json;
}

AppSettings AppSettings::fromJson(const QJsonObject& json) {
    AppSettings s;
    s.theme = valueOf(kThemes, json[QLatin1String("theme")].toString(), s.theme);
    s.text_size = std::clamp(json[QLatin1String("text_size")].toDouble(s.text_size), 0.6, 3.0);
    const QString language = json[QLatin1String("language")].toString();
    if (language == QLatin1String("en") || language == QLatin1String("zh_CN")) s.language = language;
    s.motion = valueOf(kMotions, json[QLatin1String("motion")].toString(), s.motion);
    s.alternatives = valueOf(kAlternatives, json[QLatin1String("alternatives")].toString(), s.alternatives);
    s.context_size = readWhole(json[QLatin1String("context_size")], kMaxContext);
    s.kv_cache = parseKvType(json[QLatin1String("kv_cache")].toString().toStdString()).value_or(s.kv_cache);
    s.threads = readWhole(json[QLatin1String("threads")], kMaxThreads);
    const auto compute = parseDeviceChoice(json[QLatin1String("compute")].toString().toStdString());
    if (compute && (compute->backend != BackendChoice::kCuda || compute->device >= 0)) s.compute = *compute;
    const double gpu_memory = json[QLatin1String("gpu_memory_gb")].toDouble(0);
    s.gpu_memory_gb = std::isfinite(gpu_memory) ? std::clamp(gpu_memory, 0.0, kMaxGpuMemory) : 0;
    s.model_path = json[QLatin1String("model_path")].toString();
    for (const QJsonValue& path : json[QLatin1String("model_folders")].toArray()) {
        constexpr qsizetype kMostFolders = 32;
        const QString text = path.toString();
        if (!text.isEmpty() && !s.model_folders.contains(text) && s.model_folders.size() < kMostFolders) {
            s.model_folders.append(text);
        }
    }
    for (const QJsonValue& path : json[QLatin1String("recent_models")].toArray()) {
        const QString text = path.toString();
        if (!text.isEmpty() && !s.recent_models.contains(text) && s.recent_models.size() < kMaxRecent) {
            s.recent_models.append(text);
        }
    }
    const QJsonObject names = json[QLatin1String("model_names")].toObject();
    for (const QString& path : s.recent_models) {
        const QString name = names[path].toString();
        if (!name.isEmpty()) s.model_names.insert(path, name.left(kMaxName));
    }
    s.keep_packed = json[QLatin1String("keep_packed")].toBool();
    for (const QJsonValue& value : json[QLatin1String("servers")].toArray()) {
        const QJsonObject server = value.toObject();
        const ServerEntry entry{server[QLatin1String("url")].toString().left(kMaxAddress),
                                server[QLatin1String("model")].toString().left(kMaxName),
                                server[QLatin1String("ca_file")].toString().left(kMaxAddress),
                                readWhole(server[QLatin1String("experts")], kMaxExperts)};
        const bool known = s.servers.contains(entry) || s.servers.size() >= kMaxServers;
        if (!entry.url.isEmpty() && !known) s.servers.append(entry);
    }
    if (const QJsonValue prompts = json[QLatin1String("prompts")]; prompts.isArray()) {
        s.prompts.emplace();
        for (const QJsonValue& value : prompts.toArray()) {
            const QJsonObject prompt = value.toObject();
            const PromptEntry entry{prompt[QLatin1String("name")].toString().simplified().left(kMaxPromptName),
                                    prompt[QLatin1String("text")].toString().left(kMaxPromptText),
                                    prompt[QLatin1String("system")].toBool()};
            const bool kept = !entry.name.isEmpty() && !entry.text.isEmpty() && s.prompts->size() < kMaxPrompts;
            if (kept) s.prompts->append(entry);
        }
    }
    s.wrap_code = json[QLatin1String("wrap_code")].toBool();
    s.number_code = json[QLatin1String("number_code")].toBool();
    s.tint = json[QLatin1String("tint")].toString().left(kMaxName);
    return s;
}

}  // namespace moescope
