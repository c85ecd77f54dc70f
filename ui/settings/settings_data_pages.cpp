#include <QCoreApplication>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>

#include "ui/settings/settings_pages.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/form_style.h"
#include "ui/widgets/plain_text.h"

namespace moescope {

DataPage::DataPage(QWidget* parent) : FormPage(parent) {
    column()->addTitle(tr("Data"));
    m_folder = new QLineEdit(this);
    m_folder->setReadOnly(true);
    m_folder->setAccessibleName(tr("Folder of the history"));
    auto* open = new FormButton(FormButton::Kind::kPlain, tr("Open"), this);
    open->setAccessibleName(tr("Open the folder of the history"));
    column()->addWide(makeLabel(tr("Conversations, backups and settings are in"), kRoleSection, this));
    column()->addWide(sideBySide({m_folder, open}, this));
    column()->addSection(tr("Safety"));
    auto* backup = new FormButton(FormButton::Kind::kPlain, tr("Back up now"), this);
    backup->setObjectName(QStringLiteral("backup"));
    column()->addRow(tr("Backup"), tr("A copy of the whole history, beside the regular ones"), backup);
    m_purge = new FormButton(FormButton::Kind::kDanger, tr("Empty the trash"), this);
    m_purge->setObjectName(QStringLiteral("purge"));
    m_trash_note = column()->addRow(tr("Trash"), QStringLiteral(" "), m_purge);
    m_status = makeLabel(QString(), kRoleNote, this);
    column()->addWide(m_status);
    column()->addStretch();
    connect(open, &QPushButton::clicked, this, &DataPage::openFolderRequested);
    connect(backup, &QPushButton::clicked, this, &DataPage::backupRequested);
    connect(m_purge, &QPushButton::clicked, this, &DataPage::purge);
    updateTrash();
}

void DataPage::setFolder(const QString& folder) {
    m_folder->setText(folder);
    m_folder->setCursorPosition(0);
    m_folder->setToolTip(plainToolTip(folder));
}

void DataPage::setTrashCount(int conversations) {
    m_trash = conversations;
    m_armed = false;
    updateTrash();
}

void DataPage::setStatus(const QString& text, bool error) {
    m_status->setText(text);
    m_status->setAccessibleName(text);
    setLabelRole(m_status, error ? kRoleError : kRoleNote);
}

void DataPage::purge() {
    m_armed = !m_armed;
    updateTrash();
    if (!m_armed) emit purgeTrashRequested();
}

void DataPage::disarm() {
    m_armed = false;
    updateTrash();
}

void DataPage::updateTrash() {
    QString note = tr("Deleted conversations are kept until the trash is emptied");
    if (m_trash == 0) note = tr("The trash is empty");
    if (m_trash > 0) note = tr("%Ln conversation(s) in the trash", nullptr, m_trash);
    if (m_armed)
        note = tr("This cannot be undone; backups made before may still hold the texts. Press again to delete them.");
    m_trash_note->setText(note);
    setLabelRole(m_trash_note, m_armed ? kRoleError : kRoleNote);
    m_purge->setText(m_armed ? tr("Delete permanently") : tr("Empty the trash"));
    m_purge->setAccessibleName(m_purge->text());
    m_purge->setAccessibleDescription(note);
    m_purge->setEnabled(m_trash != 0);
    m_purge->updateGeometry();
}

AboutPage::AboutPage(QWidget* parent) : FormPage(parent) {
    const QString version = QCoreApplication::applicationVersion();
    column()->addTitle(version.isEmpty() ? tr("Moescope") : tr("Moescope %1").arg(version));
    column()->addWide(
        makeLabel(tr("Chat with mixture-of-experts models, and see which experts answer."), nullptr, this));
    column()->addSection(tr("Privacy"));
    column()->addWide(makeLabel(
        tr("Your chats stay on this computer, but for those that you hold with a server's model: they are sent "
           "to that server. Else the program opens a network connection only to fetch a model, when you press "
           "the button for that; the sentence above it says who is asked for what."),
        nullptr, this));
    column()->addSection(tr("Made with"));
    column()->addWide(makeLabel(
        tr("Qt %1, SQLite, zstd, fmt. Inter and JetBrains Mono.").arg(QLatin1String(qVersion())), kRoleNote, this));
    column()->addStretch();
}

}  // namespace moescope
