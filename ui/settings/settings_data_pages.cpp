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
    m_folder->setAccessibleName(tr("History folder"));
    auto* open = new FormButton(FormButton::Kind::kPlain, tr("Open"), this);
    open->setAccessibleName(tr("Open the history folder"));
    column()->addWide(makeLabel(tr("Where chats, backups and settings are stored"), kRoleSection, this));
    column()->addWide(sideBySide({m_folder, open}, this));
    column()->addSection(tr("Backup and trash"));
    auto* backup = new FormButton(FormButton::Kind::kPlain, tr("Back up now"), this);
    backup->setObjectName(QStringLiteral("backup"));
    column()->addRow(tr("Backup"), tr("A copy of the whole history, in addition to the automatic ones"), backup);
    m_purge = new FormButton(FormButton::Kind::kDanger, tr("Empty trash"), this);
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
    QString note = tr("Deleted chats are kept until you empty the trash");
    if (m_trash == 0) note = tr("The trash is empty");
    if (m_trash > 0) note = tr("%Ln chat(s) in the trash", nullptr, m_trash);
    if (m_armed)
        note = tr("This cannot be undone. Earlier backups may still contain these chats. Press again to delete.");
    m_trash_note->setText(note);
    setLabelRole(m_trash_note, m_armed ? kRoleError : kRoleNote);
    m_purge->setText(m_armed ? tr("Delete permanently") : tr("Empty trash"));
    m_purge->setAccessibleName(m_purge->text());
    m_purge->setAccessibleDescription(note);
    m_purge->setEnabled(m_trash != 0);
    m_purge->updateGeometry();
}

AboutPage::AboutPage(QWidget* parent) : FormPage(parent) {
    const QString version = QCoreApplication::applicationVersion();
    column()->addTitle(version.isEmpty() ? tr("Moescope") : tr("Moescope %1").arg(version));
    column()->addWide(
        makeLabel(tr("Chat with mixture-of-experts models and see which experts do the work."), nullptr, this));
    column()->addSection(tr("Privacy"));
    column()->addWide(makeLabel(tr("Your chats stay on this computer, except those with a server's model, which are "
                                   "sent to that server. Otherwise Moescope connects to the network only to download a "
                                   "model, when you press the button for it; the text above the button says which site "
                                   "is contacted, and for what."),
                                nullptr, this));
    column()->addSection(tr("Built with"));
    column()->addWide(makeLabel(
        tr("Qt %1, SQLite, zstd, fmt. Inter and JetBrains Mono.").arg(QLatin1String(qVersion())), kRoleNote, this));
    column()->addStretch();
}

}  // namespace moescope
