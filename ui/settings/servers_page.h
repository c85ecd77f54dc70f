#pragma once
// The page of SettingsDialog for servers that answer chats: their addresses, models, keys and certificates.

#include <QHash>
#include <QStringList>
#include <optional>

#include "ui/settings/app_settings.h"
#include "ui/widgets/form_page.h"

class QLabel;
class QLineEdit;
class QListWidget;

namespace moescope {

class FormButton;
class NumberField;

class ServersPage : public FormPage {
    Q_OBJECT

public:
    explicit ServersPage(QWidget* parent = nullptr);
    void read(const AppSettings& settings);
    void write(AppSettings& settings) const;
    void setFormTheme(const Theme& theme);

    /// Addresses that a key is kept for. Keys themselves are not shown.
    void setKnownKeys(const QStringList& urls) { m_known_keys = urls; }
    /// Keys that were typed, by address; an empty one is to be forgotten.
    QHash<QString, QString> typedKeys() const;
    /// What asking a server showed; `models`: to choose from.
    void showChecked(const QString& text, bool error, const QStringList& models);

signals:
    /// The button "Check" was pressed; `key`: that was typed, else the kept one is to be taken.
    void checkWanted(const moescope::ServerEntry& server, const std::optional<QString>& key);

private:
    struct Row {
        ServerEntry server;
        std::optional<QString> key;  // that was typed
    };
    void add();
    void remove();
    void showRow();
    void keepRow();
    void nameRow(int row);

    QList<Row> m_rows;
    QStringList m_known_keys;
    QListWidget* m_list;
    QLineEdit *m_url, *m_model, *m_key, *m_ca_file;
    NumberField* m_experts;
    FormButton *m_remove, *m_check;
    QLabel* m_status;
    bool m_showing = false;
};

}  // namespace moescope
