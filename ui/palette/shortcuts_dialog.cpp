#include "ui/palette/shortcuts_dialog.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QListView>
#include <QVBoxLayout>

#include "ui/palette/command_delegate.h"
#include "ui/theme.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/form_style.h"

namespace moescope {

ShortcutsDialog::ShortcutsDialog(ThemeStore* themes, QWidget* parent) : QDialog(parent), m_themes(themes) {
    setWindowTitle(tr("Keyboard shortcuts"));
    m_model = new CommandModel(CommandModel::Order::kGrouped, this);
    m_delegate = new CommandDelegate(false, this);
    m_input = new QLineEdit(this);
    m_input->setObjectName(QStringLiteral("shortcuts_input"));
    m_input->setPlaceholderText(tr("Search"));
    m_input->setAccessibleName(tr("Search the shortcuts"));
    m_input->setClearButtonEnabled(false);
    m_list = new QListView(this);
    m_list->setObjectName(QStringLiteral("shortcuts_list"));
    m_list->setAccessibleName(tr("Keyboard shortcuts"));
    m_list->setModel(m_model);
    m_list->setItemDelegate(m_delegate);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setResizeMode(QListView::Adjust);
    auto* close = new FormButton(FormButton::Kind::kPlain, tr("Close"), this);
    close->setDefault(true);

    auto* column = new QVBoxLayout(this);
    column->addWidget(m_input);
    column->addWidget(m_list, 1);
    auto* buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(close);
    column->addLayout(buttons);

    connect(m_input, &QLineEdit::textChanged, m_model, &CommandModel::setFilter);
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
    connect(m_themes, &ThemeStore::changed, this, &ShortcutsDialog::applyTheme);
    applyTheme();
    resize(m_themes->theme().px(480), m_themes->theme().px(620));
}

void ShortcutsDialog::setActions(const QList<QAction*>& actions) {
    m_actions.clear();
    for (QAction* action : actions) {
        if (action->shortcut().isEmpty() || action->isSeparator()) continue;
        Command command = Command::ofAction(action);
        command.enabled = true;  // here it is about what keys do, not about what is possible now
        command.checked = false;
        m_actions.append(command);
    }
    rebuild();
}

void ShortcutsDialog::addEntry(const QString& group, const QString& text, const QString& keys) {
    m_entries.append({group, text, keys, nullptr, true, false});
    rebuild();
}

void ShortcutsDialog::rebuild() {
    m_model->setCommands(m_actions + m_entries);
}

QStringList ShortcutsDialog::rows() const {
    QStringList rows;
    for (int i = 0; i < m_model->rowCount(); ++i) {
        const QModelIndex index = m_model->index(i);
        const QString keys = index.data(CommandModel::kKeysRole).toString();
        rows.append(keys.isEmpty() ? index.data().toString() : index.data().toString() + QLatin1Char('\t') + keys);
    }
    return rows;
}

void ShortcutsDialog::applyTheme() {
    const Theme& theme = m_themes->theme();
    m_delegate->setTheme(theme);
    applyFormTheme(this, theme);
    layout()->setContentsMargins(theme.space(5), theme.space(5), theme.space(5), theme.space(4));
    layout()->setSpacing(theme.space(3));
    m_list->doItemsLayout();
}

}  // namespace moescope
