#include "ui/settings/chat_settings_dialog.h"

#include <QHBoxLayout>
#include <QPlainTextEdit>
#include <QVBoxLayout>

#include "ui/settings/generation_panel.h"
#include "ui/theme.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/form_page.h"
#include "ui/widgets/form_style.h"

namespace moescope {

ChatSettingsDialog::ChatSettingsDialog(ThemeStore* themes, QWidget* parent, Part part)
    : QDialog(parent), m_themes(themes) {
    const bool all_of_it = part == Part::kAll;
    setWindowTitle(all_of_it ? tr("Chat settings") : tr("Settings of this column"));
    m_page = new FormPage(this);
    FormColumn* column = m_page->column();
    if (all_of_it) column->addTitle(tr("System prompt"));
    m_prompt = new QPlainTextEdit(column);
    m_prompt->setObjectName(QStringLiteral("system_prompt"));
    m_prompt->setPlaceholderText(tr("None. For example: Answer briefly, in plain English."));
    m_prompt->setAccessibleName(tr("System prompt"));
    m_prompt->setAccessibleDescription(tr("What the model is told before the chat begins"));
    m_prompt->setTabChangesFocus(true);
    if (all_of_it) {
        column->addWide(m_prompt);
        column->addSection(tr("How answers are generated"));
    } else {
        m_prompt->hide();
        column->addTitle(tr("How answers are generated"));
    }
    m_panel = new GenerationPanel(column, this);
    column->addStretch();

    auto* defaults =
        new FormButton(FormButton::Kind::kPlain, all_of_it ? tr("Reset to defaults") : tr("As in the chat"), this);
    defaults->setObjectName(QStringLiteral("use_defaults"));
    auto* cancel = new FormButton(FormButton::Kind::kPlain, tr("Cancel"), this);
    auto* ok = new FormButton(FormButton::Kind::kPrimary, tr("OK"), this);
    ok->setDefault(true);
    m_buttons = new QHBoxLayout;
    m_buttons->addWidget(defaults);
    m_buttons->addStretch(1);
    m_buttons->addWidget(cancel);
    m_buttons->addWidget(ok);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(0);
    all->addWidget(m_page, 1);
    auto* line = new QWidget(this);
    line->setProperty("hairline", true);
    line->setAttribute(Qt::WA_StyledBackground);
    line->setFixedHeight(1);
    all->addWidget(line);
    all->addLayout(m_buttons);

    connect(defaults, &QPushButton::clicked, this, [this] { m_panel->setSettings(m_defaults); });
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(ok, &QPushButton::clicked, this, &ChatSettingsDialog::accept);
    connect(m_themes, &ThemeStore::changed, this, &ChatSettingsDialog::applyTheme);
    applyTheme();
    resize(m_themes->theme().px(560), m_themes->theme().px(720));
    m_before = m_panel->settings();
}

void ChatSettingsDialog::setSystemPrompt(const QString& text) {
    m_prompt->setPlainText(text);
    m_prompt_before = m_prompt->toPlainText();
}

QString ChatSettingsDialog::systemPrompt() const {
    return m_prompt->toPlainText();
}

void ChatSettingsDialog::setSettings(const GenerationSettings& settings) {
    m_panel->setSettings(settings);
    m_before = m_panel->settings();
}

GenerationSettings ChatSettingsDialog::settings() const {
    return m_panel->settings();
}

void ChatSettingsDialog::setFollowed(bool all) {
    m_panel->setFollowed(all);
}

void ChatSettingsDialog::accept() {
    const GenerationSettings now = settings();
    if (now != m_before || systemPrompt() != m_prompt_before) emit changed(systemPrompt(), now);
    m_before = now;
    m_prompt_before = systemPrompt();
    QDialog::accept();
}

void ChatSettingsDialog::reject() {
    m_panel->setSettings(m_before);
    m_prompt->setPlainText(m_prompt_before);
    QDialog::reject();
}

void ChatSettingsDialog::applyTheme() {
    const Theme& theme = m_themes->theme();
    applyFormTheme(this, theme);
    m_page->setTheme(theme);
    m_panel->setTheme(theme);
    m_prompt->setFixedHeight(theme.px(104));
    m_buttons->setContentsMargins(theme.space(7), theme.space(4), theme.space(7), theme.space(4));
    m_buttons->setSpacing(theme.space(2));
}

}  // namespace moescope
