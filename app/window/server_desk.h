#pragma once
// The page of servers in the settings, while it is open: asks servers on a thread of its own, and keeps their keys.

#include <QObject>
#include <string>
#include <thread>

#include "app/remote/key_store.h"
#include "ui/settings/settings_dialog.h"

namespace moescope {

class ThemeStore;
struct ServerEntry;

/// The file of keys in a data folder.
std::string keysOfServers(const std::string& data_dir);

class ServerDesk : public QObject {
    Q_OBJECT

public:
    /// `themes` and `dialog` are not owned and outlive this.
    ServerDesk(std::string keys, ThemeStore* themes, SettingsDialog* dialog);

    /// Keeps the keys that were typed. Asks first about one that would be sent where others could read it.
    Status keepKeys() const;

private:
    void check(const ServerEntry& server, const std::optional<QString>& key);
    /// Whether a key may be sent to this address.
    bool mayBeSent(const QString& url) const;

    KeyStore m_keys;
    ThemeStore* m_themes;
    SettingsDialog* m_dialog;
    std::jthread m_asking;  // last: it is stopped and waited for first
};

}  // namespace moescope
