#include "ui/settings/router_rules_dialog.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

#include "ui/settings/router_rules_editor.h"
#include "ui/theme.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/form_page.h"
#include "ui/widgets/form_style.h"

namespace moescope {

RouterRulesDialog::RouterRulesDialog(ThemeStore* themes, const RoutingShape& shape, bool for_answer, QWidget* parent)
    : QDialog(parent), m_themes(themes) {
    setWindowTitle(tr("Router rules"));
    m_page = new FormPage(this);
    FormColumn* column = m_page->column();
    column->addTitle(tr("Router rules"));
    m_editor = new RouterRulesEditor(column);
    m_editor->setShape(shape);
    column->addWide(m_editor);
    column->addStretch();

    auto* own = new FormButton(FormButton::Kind::kPlain, tr("Reset to model default"), this);
    own->setObjectName(QStringLiteral("own"));
    auto* cancel = new FormButton(FormButton::Kind::kPlain, tr("Cancel"), this);
    m_apply = new FormButton(for_answer ? FormButton::Kind::kPlain : FormButton::Kind::kPrimary, tr("Use in this chat"),
                             this);
    m_apply->setObjectName(QStringLiteral("apply"));
    m_regenerate = new FormButton(FormButton::Kind::kPrimary, tr("Regenerate with these rules"), this);
    m_regenerate->setObjectName(QStringLiteral("regenerate"));
    m_regenerate->setVisible(for_answer);
    (for_answer ? m_regenerate : m_apply)->setDefault(true);
    m_buttons = new QHBoxLayout;
    m_buttons->addWidget(own);
    m_buttons->addStretch(1);
    m_buttons->addWidget(cancel);
    m_buttons->addWidget(m_apply);
    m_buttons->addWidget(m_regenerate);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(0);
    all->addWidget(m_page, 1);
    all->addLayout(m_buttons);

    connect(own, &QPushButton::clicked, this, [this] {
        m_editor->setRules({});
        update();
    });
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_apply, &QPushButton::clicked, this, [this] {
        const auto rules = m_editor->rules();
        if (!rules.ok()) return;
        emit applied(*rules);
        accept();
    });
    connect(m_regenerate, &QPushButton::clicked, this, [this] {
        const auto rules = m_editor->rules();
        if (!rules.ok()) return;
        emit regenerateRequested(*rules);
        accept();
    });
    connect(m_editor, &RouterRulesEditor::edited, this, &RouterRulesDialog::update);
    connect(m_themes, &ThemeStore::changed, this, &RouterRulesDialog::applyTheme);
    applyTheme();
    resize(m_themes->theme().px(640), m_themes->theme().px(540));
}

void RouterRulesDialog::setApplyText(const QString& text) {
    m_apply->setText(text);
}

void RouterRulesDialog::setRules(const RouterRules& rules) {
    m_editor->setRules(rules);
    update();
}

void RouterRulesDialog::update() {
    const bool fits = m_editor->error().isEmpty();
    m_apply->setEnabled(fits);
    m_regenerate->setEnabled(fits);
}

void RouterRulesDialog::applyTheme() {
    const Theme& theme = m_themes->theme();
    applyFormTheme(this, theme);
    m_page->setTheme(theme);
    m_editor->setTheme(theme);
    m_buttons->setContentsMargins(theme.space(7), theme.space(4), theme.space(7), theme.space(4));
    m_buttons->setSpacing(theme.space(2));
}

}  // namespace moescope
