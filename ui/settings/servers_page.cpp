#include "ui/settings/servers_page.h"

#include <QCompleter>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>

#include "ui/widgets/controls.h"
#include "ui/widgets/form_style.h"
#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

/// With what people leave out.
ServerEntry complete(ServerEntry server) {
    if (!server.url.isEmpty() && !server.url.contains(QLatin1String("://")))
        server.url.prepend(QLatin1String("http://"));
    return server;
}

}  // namespace

ServersPage::ServersPage(QWidget* parent) : FormPage(parent) {
    constexpr int kMostExperts = 4096;
    column()->addTitle(tr("Servers"));
    column()->addWide(makeLabel(tr("Models too large for this machine can run on a server: vLLM, SGLang, or any other "
                                   "with an OpenAI-compatible API. A chat is sent to a server only when you ask its "
                                   "model something."),
                                kRoleNote, this));
    m_list = new QListWidget(this);
    m_list->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Ignored);  // what is below it is seen first
    m_list->setObjectName(QStringLiteral("servers"));
    m_list->setProperty("framed", true);
    m_list->setAccessibleName(tr("Servers"));
    column()->addWide(m_list, 1);
    auto* add_button = new FormButton(FormButton::Kind::kPlain, tr("Add a server"), this);
    add_button->setObjectName(QStringLiteral("add_server"));
    m_remove = new FormButton(FormButton::Kind::kPlain, tr("Remove"), this);
    m_remove->setAccessibleName(tr("Remove the selected server"));
    m_check = new FormButton(FormButton::Kind::kPlain, tr("Check"), this);
    m_check->setObjectName(QStringLiteral("check_server"));
    m_check->setAccessibleName(tr("Check the selected server"));
    column()->addRow(QString(), QString(), sideBySide({add_button, m_remove, m_check}, this));
    m_status = makeLabel(QString(), kRoleNote, this);
    m_status->setObjectName(QStringLiteral("server_status"));
    m_status->setWordWrap(true);
    column()->addWide(m_status);
    m_url = new QLineEdit(this);
    m_url->setObjectName(QStringLiteral("server_url"));
    m_url->setPlaceholderText(QStringLiteral("http://127.0.0.1:8000"));
    column()->addRow(tr("Address"), tr("Including the port"), m_url);
    m_model = new QLineEdit(this);
    m_model->setObjectName(QStringLiteral("server_model"));
    column()->addRow(tr("Model"), tr("Leave empty if the server has only one"), m_model);
    m_key = new QLineEdit(this);
    m_key->setObjectName(QStringLiteral("server_key"));
    m_key->setEchoMode(QLineEdit::Password);
    column()->addRow(tr("API key"), tr("Stored in the data folder, in a file that only you can read"), m_key);
    m_ca_file = new QLineEdit(this);
    m_ca_file->setObjectName(QStringLiteral("server_ca"));
    column()->addRow(tr("Certificates"), tr("PEM file to trust instead of the system's certificates"), m_ca_file);
    m_experts = new NumberField(0, kMostExperts, this);
    m_experts->setObjectName(QStringLiteral("server_experts"));
    m_experts->setSpecialValueText(tr("Automatic"));
    column()->addRow(tr("Experts"), tr("Routed experts per layer; servers do not report the number"), m_experts);

    connect(add_button, &QPushButton::clicked, this, &ServersPage::add);
    connect(m_remove, &QPushButton::clicked, this, &ServersPage::remove);
    connect(m_list, &QListWidget::currentRowChanged, this, &ServersPage::showRow);
    for (QLineEdit* field : {m_url, m_model, m_ca_file}) {
        connect(field, &QLineEdit::textChanged, this, &ServersPage::keepRow);
    }
    connect(m_key, &QLineEdit::textEdited, this, [this](const QString& key) {
        if (const int row = m_list->currentRow(); row >= 0) m_rows[row].key = key.trimmed();
    });
    connect(m_experts, &QSpinBox::valueChanged, this, &ServersPage::keepRow);
    connect(m_check, &QPushButton::clicked, this, [this] {
        const int row = m_list->currentRow();
        if (row < 0) return;
        showChecked(tr("Checking the server…"), false, {});
        emit checkWanted(complete(m_rows[row].server), m_rows[row].key);
    });
    showRow();
}

void ServersPage::read(const AppSettings& settings) {
    m_rows.clear();
    m_list->clear();
    for (const ServerEntry& server : settings.servers) {
        m_rows.append({server, {}});
        m_list->addItem(QString());
        nameRow(static_cast<int>(m_rows.size()) - 1);
    }
    m_list->setCurrentRow(m_rows.isEmpty() ? -1 : 0);
    showRow();
}

void ServersPage::write(AppSettings& settings) const {
    settings.servers.clear();
    for (const Row& row : m_rows) {
        const ServerEntry server = complete(row.server);
        if (!server.url.isEmpty() && !settings.servers.contains(server)) settings.servers.append(server);
    }
}

void ServersPage::setFormTheme(const Theme& theme) {
    setTheme(theme);
    m_list->setMinimumHeight(theme.px(72));
    for (QWidget* field : QList<QWidget*>{m_url, m_model, m_key, m_ca_file}) field->setFixedWidth(theme.px(260));
    m_experts->setFixedWidth(theme.px(120));
}

QHash<QString, QString> ServersPage::typedKeys() const {
    QHash<QString, QString> keys;
    for (const Row& row : m_rows) {
        if (row.key && !row.server.url.isEmpty()) keys.insert(complete(row.server).url, *row.key);
    }
    return keys;
}

void ServersPage::showChecked(const QString& text, bool error, const QStringList& models) {
    m_status->setText(text);
    m_status->setAccessibleName(text);
    setLabelRole(m_status, error ? kRoleError : kRoleNote);
    if (models.isEmpty()) return;
    auto* completer = new QCompleter(models, m_model);  // the field lets go of the one before
    completer->setCaseSensitivity(Qt::CaseInsensitive);
    m_model->setCompleter(completer);
    if (m_model->text().isEmpty() && models.size() == 1) m_model->setText(models.front());
}

void ServersPage::add() {
    m_rows.append(Row());
    m_list->addItem(QString());
    nameRow(static_cast<int>(m_rows.size()) - 1);
    m_list->setCurrentRow(static_cast<int>(m_rows.size()) - 1);
    m_url->setFocus();
}

void ServersPage::remove() {
    const int row = m_list->currentRow();
    if (row < 0) return;
    m_rows.removeAt(row);
    delete m_list->takeItem(row);
    showRow();
}

void ServersPage::nameRow(int row) {
    const ServerEntry& server = m_rows[row].server;
    QString name = server.url.isEmpty() ? tr("New server") : oneLine(server.url);
    if (!server.model.isEmpty()) name = oneLine(server.model) + QStringLiteral(" · ") + name;
    m_list->item(row)->setText(name);
}

void ServersPage::showRow() {
    const int row = m_list->currentRow();
    const bool chosen = row >= 0 && row < m_rows.size();
    const Row shown = chosen ? m_rows[row] : Row();
    m_showing = true;
    m_url->setText(shown.server.url);
    m_model->setText(shown.server.model);
    m_key->setText(shown.key.value_or(QString()));
    m_key->setPlaceholderText(m_known_keys.contains(shown.server.url) ? tr("A key is stored") : QString());
    m_ca_file->setText(shown.server.ca_file);
    m_experts->setValue(shown.server.experts);
    m_showing = false;
    for (QWidget* field : QList<QWidget*>{m_url, m_model, m_key, m_ca_file, m_experts, m_remove, m_check}) {
        field->setEnabled(chosen);
    }
    showChecked({}, false, {});
}

void ServersPage::keepRow() {
    const int row = m_list->currentRow();
    if (m_showing || row < 0) return;
    ServerEntry& server = m_rows[row].server;
    server.url = m_url->text().trimmed();
    server.model = m_model->text().trimmed();
    server.ca_file = m_ca_file->text().trimmed();
    server.experts = m_experts->value();
    nameRow(row);
}

}  // namespace moescope
