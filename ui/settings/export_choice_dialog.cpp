#include "ui/settings/export_choice_dialog.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

#include "ui/theme.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/form_page.h"
#include "ui/widgets/form_style.h"

namespace moescope {

ExportChoiceDialog::ExportChoiceDialog(ThemeStore* themes, int chats, QWidget* parent)
    : QDialog(parent), m_themes(themes) {
    setWindowTitle(tr("Export"));
    m_page = new FormPage(this);
    FormColumn* column = m_page->column();
    column->addTitle(tr("Export %Ln chat(s)", nullptr, chats));
    m_format = new Choice(column);
    m_format->setObjectName(QStringLiteral("format"));
    m_format->addChoice(QStringLiteral("md"), QStringLiteral("Markdown"));
    m_format->addChoice(QStringLiteral("html"), tr("Web page"));
    m_format->addChoice(QStringLiteral("pdf"), QStringLiteral("PDF"));
    m_format->addChoice(QStringLiteral("txt"), tr("Text"));
    m_format->addChoice(QStringLiteral("json"), QStringLiteral("JSON"));
    m_format->addChoice(QStringLiteral("jsonl"), QStringLiteral("JSON Lines"));
    m_note = column->addRow(tr("Format"), QStringLiteral(" "), m_format);
    column->addSection(tr("Also include"));
    const auto addSwitch = [&](const char* id, const QString& name, const QString& note) {
        auto* made = new Switch(column);
        made->setObjectName(QLatin1String(id));
        column->addRow(name, note, made);
        return made;
    };
    m_prompts = addSwitch("system_prompts", tr("System prompts"), tr("The system prompt of each chat"));
    m_thoughts = addSwitch("thoughts", tr("Thinking"), tr("What the model thought before it answered"));
    m_settings = addSwitch("settings", tr("Settings"), tr("For the chat and each answer"));
    m_timings = addSwitch("timings", tr("Statistics"), tr("Tokens, tok/s, time to first token, reason it ended"));
    m_routing = addSwitch("routing", tr("Routing"), tr("The top experts, layer by layer"));
    column->addStretch();

    auto* cancel = new FormButton(FormButton::Kind::kPlain, tr("Cancel"), this);
    auto* ok = new FormButton(FormButton::Kind::kPrimary, tr("Choose a file…"), this);
    ok->setDefault(true);
    m_buttons = new QHBoxLayout;
    m_buttons->addStretch(1);
    m_buttons->addWidget(cancel);
    m_buttons->addWidget(ok);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(0);
    all->addWidget(m_page, 1);
    all->addLayout(m_buttons);

    connect(m_format, &QComboBox::currentIndexChanged, this, &ExportChoiceDialog::updateOptions);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(ok, &QPushButton::clicked, this, &QDialog::accept);
    connect(m_themes, &ThemeStore::changed, this, &ExportChoiceDialog::applyTheme);
    setChoice({});
    applyTheme();
    resize(m_themes->theme().px(460), m_themes->theme().px(490));
}

void ExportChoiceDialog::setChoice(const ExportChoice& choice) {
    m_format->choose(choice.format);
    m_prompts->setChecked(choice.system_prompts);
    m_settings->setChecked(choice.settings);
    m_timings->setChecked(choice.timings);
    m_routing->setChecked(choice.routing);
    m_thoughts->setChecked(choice.thoughts);
    updateOptions();
}

ExportChoice ExportChoiceDialog::choice() const {
    return {m_format->chosen(),     m_prompts->isChecked(), m_settings->isChecked(),
            m_timings->isChecked(), m_routing->isChecked(), m_thoughts->isChecked()};
}

void ExportChoiceDialog::updateOptions() {
    const QString format = m_format->chosen();
    const bool whole = format == QLatin1String("json");
    m_note->setText(whole                              ? tr("Everything, with all branches; can be imported again")
                    : format == QLatin1String("jsonl") ? tr("One message per line, for scripts")
                                                       : tr("The current branch"));
    for (Switch* option : {m_prompts, m_settings, m_timings, m_routing, m_thoughts}) option->setEnabled(!whole);
}

void ExportChoiceDialog::applyTheme() {
    const Theme& theme = m_themes->theme();
    applyFormTheme(this, theme);
    m_page->setTheme(theme);
    m_buttons->setContentsMargins(theme.space(7), theme.space(4), theme.space(7), theme.space(4));
    m_buttons->setSpacing(theme.space(2));
}

}  // namespace moescope
