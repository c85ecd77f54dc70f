#include "app/window/server_paths.h"

#include <algorithm>

namespace moescope {

ServerAddress addressOf(const ServerEntry& server) {
    return {withoutVersion(server.url.toStdString()), {}, server.ca_file.toStdString()};
}

QString pathOf(const ServerEntry& server) {
    return QString::fromStdString(addressOf(server).url) + QLatin1Char('#') + server.model;
}

std::optional<ServerEntry> serverOf(const AppSettings& settings, const QString& path) {
    const auto found = std::ranges::find(settings.servers, path, &pathOf);
    if (found != settings.servers.end()) return *found;
    // The command line names the model also where the settings leave it open.
    for (const ServerEntry& server : settings.servers) {
        if (server.model.isEmpty() && path.startsWith(pathOf(server))) return server;
    }
    return std::nullopt;
}

QString hostOfPath(const QString& path) {
    return QString::fromStdString(hostOf(path.section(QLatin1Char('#'), 0, 0).toStdString()));
}

QString serverModelName(const QString& path) {
    const QString name = path.section(QLatin1Char('#'), 1);
    return name.isEmpty() ? hostOfPath(path) : name;
}

}  // namespace moescope
