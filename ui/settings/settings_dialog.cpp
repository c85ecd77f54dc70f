#include "ui/settings/settings_dialog.h"

#include <QHBoxLayout>
#include <QListWidget>
#include <QShortcut>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "ui/settings/prompts_page.h"
#include "ui/settings/servers_page.h"
#include "ui/settings/settings_pages.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/form_style.h"

namespace moescope {

SettingsDialog::SettingsDialog(ThemeStore* themes, QWidget* parent) : QDialog(parent), m_themes(themes) {
    setWindowTitle(tr("Settings"));
    m_side = new QWidget(this);
    m_side->setProperty("sidebar", true);
    m_side->setAttribute(Qt::WA_StyledBackground);
    m_pages = new QListWidget(m_side);
    m_pages->setObjectName(QStringLiteral("settings_pages"));
    m_pages->setAccessibleName(tr("Settings pages"));
    m_pages->addItems(
        {tr("General"), tr("Generation"), tr("Prompts"), tr("Models"), tr("Servers"), tr("Data"), tr("About")});
    m_pages->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* side = new QVBoxLayout(m_side);
    side->addWidget(m_pages);

    m_stack = new QStackedWidget(this);
    m_stack->addWidget(m_general = new GeneralPage(m_stack));
    m_stack->addWidget(m_generation = new GenerationPage(m_stack));
    m_stack->addWidget(m_prompts = new PromptsPage(m_stack));
    m_stack->addWidget(m_models = new ModelsPage(m_stack));
    m_stack->addWidget(m_servers = new ServersPage(m_stack));
    m_stack->addWidget(m_data = new DataPage(m_stack));
    m_stack->addWidget(m_about = new AboutPage(m_stack));

    auto* cancel = new FormButton(FormButton::Kind::kPlain, tr("Cancel"), this);
    auto* ok = new FormButton(FormButton::Kind::kPrimary, tr("OK"), this);
    ok->setDefault(true);
    m_buttons = new QHBoxLayout;
    m_buttons->addStretch(1);
    m_buttons->addWidget(cancel);
    m_buttons->addWidget(ok);

    auto* right = new QVBoxLayout;
    right->setSpacing(0);
    right->addWidget(m_stack, 1);
    right->addWidget(makeLine(false));
    right->addLayout(m_buttons);
    auto* all = new QHBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(0);
    all->addWidget(m_side);
    all->addWidget(makeLine(true));
    all->addLayout(right, 1);

    connect(m_pages, &QListWidget::currentRowChanged, this, [this](int row) {
        m_stack->setCurrentIndex(row);
        m_data->disarm();
    });
    connect(m_data, &DataPage::backupRequested, this, &SettingsDialog::backupRequested);
    connect(m_data, &DataPage::purgeTrashRequested, this, &SettingsDialog::purgeTrashRequested);
    connect(m_models, &ModelsPage::clearPackedRequested, this, &SettingsDialog::clearPackedRequested);
    connect(m_data, &DataPage::openFolderRequested, this, &SettingsDialog::openFolderRequested);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(ok, &QPushButton::clicked, this, &SettingsDialog::accept);
    for (const int step : {-1, 1}) {
        auto* turn = new QShortcut(
            step < 0 ? QKeySequence(Qt::CTRL | Qt::Key_PageUp) : QKeySequence(Qt::CTRL | Qt::Key_PageDown), this);
        connect(turn, &QShortcut::activated, this, [this, step] {
            m_pages->setCurrentRow((m_pages->currentRow() + step + m_pages->count()) % m_pages->count());
        });
    }
    connect(m_themes, &ThemeStore::changed, this, &SettingsDialog::applyTheme);
    m_pages->setCurrentRow(0);
    applyTheme();
    resize(m_themes->theme().px(760), m_themes->theme().px(580));
    setSettings(AppSettings());
}

QWidget* SettingsDialog::makeLine(bool upright) {
    auto* line = new QWidget(this);
    line->setProperty("hairline", true);
    line->setAttribute(Qt::WA_StyledBackground);
    if (upright) {
        line->setFixedWidth(1);
    } else {
        line->setFixedHeight(1);
    }
    return line;
}

void SettingsDialog::setSettings(const AppSettings& settings) {
    m_before = settings;
    m_general->read(settings);
    m_generation->read(settings);
    m_prompts->read(settings);
    m_models->read(settings);
    m_servers->read(settings);
    m_before = this->settings();  // as the controls round it
}

AppSettings SettingsDialog::settings() const {
    AppSettings settings = m_before;
    m_general->write(settings);
    m_generation->write(settings);
    m_prompts->write(settings);
    m_models->write(settings);
    m_servers->write(settings);
    return settings;
}

void SettingsDialog::showPage(Page page) {
    m_pages->setCurrentRow(static_cast<int>(page));
}

SettingsDialog::Page SettingsDialog::page() const {
    return static_cast<Page>(m_pages->currentRow());
}

void SettingsDialog::setDataFolder(const QString& folder) {
    m_data->setFolder(folder);
}

void SettingsDialog::setGpus(const QList<std::pair<int, QString>>& gpus, const QString& note) {
    m_generation->setGpus(gpus, note);
}

void SettingsDialog::setRenderer(const QString& sentence) {
    m_general->setRenderer(sentence);
}

void SettingsDialog::setPackedBytes(qint64 bytes) {
    m_models->setPackedBytes(bytes);
}

void SettingsDialog::setTrashCount(int conversations) {
    m_data->setTrashCount(conversations);
}

void SettingsDialog::setDataStatus(const QString& text, bool error) {
    m_data->setStatus(text, error);
}

void SettingsDialog::accept() {
    const AppSettings now = settings();
    if (now != m_before || !m_servers->typedKeys().isEmpty()) {
        m_before = now;
        emit changed(now);
    }
    QDialog::accept();
}

void SettingsDialog::reject() {
    setSettings(m_before);
    m_data->disarm();
    QDialog::reject();
}

void SettingsDialog::applyTheme() {
    const Theme& theme = m_themes->theme();
    applyFormTheme(this, theme);
    m_general->setFormTheme(theme);
    m_generation->setFormTheme(theme);
    m_prompts->setFormTheme(theme);
    m_models->setFormTheme(theme);
    m_servers->setFormTheme(theme);
    m_data->setTheme(theme);
    m_about->setTheme(theme);
    m_side->setFixedWidth(theme.px(176));
    m_side->layout()->setContentsMargins(theme.space(3), theme.space(5), theme.space(3), theme.space(3));
    m_buttons->setContentsMargins(theme.space(7), theme.space(4), theme.space(7), theme.space(4));
    m_buttons->setSpacing(theme.space(2));
    for (int i = 0; i < m_pages->count(); ++i) m_pages->item(i)->setSizeHint(QSize(0, theme.space(8.5)));
}

}  // namespace moescope
