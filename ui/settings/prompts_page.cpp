#include "ui/settings/prompts_page.h"

#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPlainTextEdit>

#include "ui/settings/built_in_prompts.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/form_style.h"
#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

const QString kSnippet = QStringLiteral("snippet"), kSystem = QStringLiteral("system");

}  // namespace

PromptsPage::PromptsPage(QWidget* parent) : FormPage(parent) {
    column()->addTitle(tr("Prompts"));
    column()->addWide(makeLabel(tr("Type / at the start of a line in the message box to use one. {{clipboard}} and "
                                   "{{date}} are filled in; Tab leads to other {{placeholders}}."),
                                kRoleNote, this));
    m_list = new QListWidget(this);
    m_list->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Ignored);  // what is below it is seen first
    m_list->setObjectName(QStringLiteral("prompts"));
    m_list->setProperty("framed", true);
    m_list->setAccessibleName(tr("Prompts"));
    column()->addWide(m_list, 1);
    auto* add_button = new FormButton(FormButton::Kind::kPlain, tr("Add a prompt"), this);
    add_button->setObjectName(QStringLiteral("add_prompt"));
    m_remove = new FormButton(FormButton::Kind::kPlain, tr("Remove"), this);
    m_remove->setObjectName(QStringLiteral("remove_prompt"));
    m_remove->setAccessibleName(tr("Remove the chosen prompt"));
    auto* built_in = new FormButton(FormButton::Kind::kPlain, tr("Use the built-in ones"), this);
    built_in->setObjectName(QStringLiteral("built_in_prompts"));
    column()->addRow(QString(), QString(), sideBySide({add_button, m_remove, built_in}, this));
    m_name = new QLineEdit(this);
    m_name->setObjectName(QStringLiteral("prompt_name"));
    m_name->setMaxLength(static_cast<int>(AppSettings::kMaxPromptName));
    column()->addRow(tr("Name"), tr("A few words to find it by"), m_name);
    m_kind = new Segments(this);
    m_kind->setObjectName(QStringLiteral("prompt_kind"));
    m_kind->addSegment(kSnippet, tr("Question"), tr("It is put into the message box"));
    m_kind->addSegment(kSystem, tr("System prompt"), tr("It becomes the chat's system prompt"));
    column()->addRow(tr("Used as"), QString(), m_kind);
    m_text = new QPlainTextEdit(this);
    m_text->setObjectName(QStringLiteral("prompt_text"));
    m_text->setAccessibleName(tr("Text of the prompt"));
    m_text->setTabChangesFocus(true);
    column()->addWide(m_text);

    connect(add_button, &QPushButton::clicked, this, &PromptsPage::add);
    connect(m_remove, &QPushButton::clicked, this, &PromptsPage::remove);
    connect(built_in, &QPushButton::clicked, this, [this] { list(builtInPrompts()); });
    connect(m_list, &QListWidget::currentRowChanged, this, &PromptsPage::showRow);
    connect(m_name, &QLineEdit::textChanged, this, &PromptsPage::keepRow);
    connect(m_kind, &Segments::chosenByUser, this, &PromptsPage::keepRow);
    connect(m_text, &QPlainTextEdit::textChanged, this, &PromptsPage::keepRow);
    showRow();
}

void PromptsPage::read(const AppSettings& settings) {
    list(promptsOf(settings));
}

void PromptsPage::write(AppSettings& settings) const {
    QList<PromptEntry> prompts;
    for (const PromptEntry& prompt : m_prompts) {
        if (!prompt.name.isEmpty() && !prompt.text.isEmpty()) prompts.append(prompt);
    }
    // The built-in ones stay in the language of the program.
    settings.prompts = prompts == builtInPrompts() ? std::nullopt : std::optional(prompts);
}

void PromptsPage::setFormTheme(const Theme& theme) {
    setTheme(theme);
    m_list->setMinimumHeight(theme.px(96));
    m_name->setFixedWidth(theme.px(260));
    m_kind->setTheme(theme);
    m_text->setFixedHeight(theme.px(112));
}

void PromptsPage::list(const QList<PromptEntry>& prompts) {
    m_list->clear();
    m_prompts = prompts;
    for (int row = 0; row < m_prompts.size(); ++row) {
        m_list->addItem(QString());
        nameRow(row);
    }
    m_list->setCurrentRow(m_prompts.isEmpty() ? -1 : 0);
    showRow();
}

void PromptsPage::add() {
    if (m_prompts.size() >= AppSettings::kMaxPrompts) return;
    m_prompts.append(PromptEntry());
    const int row = static_cast<int>(m_prompts.size()) - 1;
    m_list->addItem(QString());
    nameRow(row);
    m_list->setCurrentRow(row);
    m_name->setFocus();
}

void PromptsPage::remove() {
    const int row = m_list->currentRow();
    if (row < 0) return;
    m_prompts.removeAt(row);
    delete m_list->takeItem(row);
    showRow();
}

void PromptsPage::nameRow(int row) {
    const PromptEntry& prompt = m_prompts[row];
    const QString name = prompt.name.isEmpty() ? tr("New prompt") : oneLine(prompt.name);
    m_list->item(row)->setText(prompt.system ? tr("%1 · system prompt").arg(name) : name);
}

void PromptsPage::showRow() {
    const int row = m_list->currentRow();
    const bool chosen = row >= 0 && row < m_prompts.size();
    const PromptEntry shown = chosen ? m_prompts[row] : PromptEntry();
    m_showing = true;
    m_name->setText(shown.name);
    m_kind->choose(shown.system ? kSystem : kSnippet);
    m_text->setPlainText(shown.text);
    m_showing = false;
    for (QWidget* field : QList<QWidget*>{m_name, m_kind, m_text, m_remove}) field->setEnabled(chosen);
}

void PromptsPage::keepRow() {
    const int row = m_list->currentRow();
    if (m_showing || row < 0) return;
    PromptEntry& prompt = m_prompts[row];
    prompt.name = m_name->text().simplified();
    prompt.system = m_kind->chosen() == kSystem;
    prompt.text = m_text->toPlainText().left(AppSettings::kMaxPromptText);
    nameRow(row);
}

}  // namespace moescope
