#pragma once
// A server's model among the models of the window: where a model of this machine has the path of its file, it has an
// address, "http://127.0.0.1:8000#NAME".

#include <QString>
#include <optional>

#include "app/remote/server.h"
#include "ui/settings/app_settings.h"

namespace moescope {

inline bool isServerPath(const QString& path) {
    return path.startsWith(QLatin1String("http://")) || path.startsWith(QLatin1String("https://"));
}

QString pathOf(const ServerEntry& server);
/// The server of the settings that has this path; nothing if there is none anymore.
std::optional<ServerEntry> serverOf(const AppSettings& settings, const QString& path);
/// Without its key.
ServerAddress addressOf(const ServerEntry& server);
/// "tiny" of "http://127.0.0.1:8000#tiny", or the host where there is no name.
QString serverModelName(const QString& path);
/// "127.0.0.1:8000".
QString hostOfPath(const QString& path);

}  // namespace moescope
