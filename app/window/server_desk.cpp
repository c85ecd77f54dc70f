#include "app/window/server_desk.h"

#include "app/remote/remote_answerer.h"
#include "app/window/qt_text.h"
#include "app/window/server_paths.h"
#include "engine/base/out_of_memory.h"
#include "ui/settings/servers_page.h"
#include "ui/widgets/ask_dialog.h"

namespace moescope {

std::string keysOfServers(const std::string& data_dir) {
    return data_dir + "/server-keys.json";
}

ServerDesk::ServerDesk(std::string keys, ThemeStore* themes, SettingsDialog* dialog)
    : m_keys(std::move(keys)), m_themes(themes), m_dialog(dialog) {
    QStringList known;
    for (const std::string& url : m_keys.urls()) known << qt(url);
    m_dialog->servers()->setKnownKeys(known);
    connect(m_dialog->servers(), &ServersPage::checkWanted, this, &ServerDesk::check);
}

bool ServerDesk::mayBeSent(const QString& url) const {
    const ServerAddress address{withoutVersion(url.toStdString()), {}, {}};
    if (!address.isOpen()) return true;
    return askWhether(m_themes, m_dialog, tr("Send the key unencrypted?"),
                      tr("The key would be sent to %1 over plain http, where others can read it in transit. "
                         "An https address or an SSH tunnel keeps it secret.")
                          .arg(qt(address.host())),
                      tr("Send anyway"), true);
}

Status ServerDesk::keepKeys() const {
    Status kept;
    const QHash<QString, QString> keys = m_dialog->servers()->typedKeys();
    for (auto it = keys.begin(); it != keys.end(); ++it) {
        if (!it.value().isEmpty() && !mayBeSent(it.key())) continue;
        const Status status = m_keys.set(withoutVersion(it.key().toStdString()), it.value().toStdString());
        if (!status.ok()) kept = status;
    }
    return kept;
}

void ServerDesk::check(const ServerEntry& server, const std::optional<QString>& key) {
    const auto say = [this](const QString& text, bool error) { m_dialog->servers()->showChecked(text, error, {}); };
    ServerAddress address = addressOf(server);
    if (key) {
        if (!key->isEmpty() && !mayBeSent(server.url)) return say(tr("Nothing was sent."), false);
        address.key = key->toStdString();
    } else {
        const auto kept = m_keys.key(address.url);
        if (!kept.ok()) return say(qt(kept.status().message()), true);
        address.key = *kept;
    }
    m_asking = std::jthread([this, address, server](const std::stop_token& stop) {
        QStringList names;
        QString said;
        const Status status = withinLimits([&]() -> Status {
            Status known = checkAddress(address.url);
            if (!known.ok()) return known;
            const auto models = listModels(Server(address), stop);
            if (!models.ok() && models.status().code() != StatusCode::kNotFound) return models.status();
            if (models.ok()) {
                for (const ServedModel& model : *models) names << qt(model.id);
            }
            auto found = probe(address, server.model.toStdString(), server.experts, stop);
            if (!found.ok()) return found.status();
            const RemoteAnswerer answerer(std::move(*found));
            const RoutingShape& shape = answerer.info().shape;
            said = qt(answerer.sentence());
            if (answerer.info().abilities.routing != RoutingDetail::kNone) {
                said += QLatin1Char(' ') + tr("%1 MoE layers of %2 experts, top %3.")
                                               .arg(shape.moe_layers)
                                               .arg(shape.experts)
                                               .arg(shape.experts_used);
            }
            return {};
        });
        if (stop.stop_requested()) return;
        QMetaObject::invokeMethod(
            this,
            [this, status, names, said] {
                m_dialog->servers()->showChecked(status.ok() ? said : qt(status.message()), !status.ok(), names);
            },
            Qt::QueuedConnection);
    });
}

}  // namespace moescope
