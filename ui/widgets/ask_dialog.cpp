#include "ui/widgets/ask_dialog.h"

#include <QCoreApplication>
#include <QDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>

#include "ui/widgets/controls.h"
#include "ui/widgets/form_style.h"
#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

class Ask {
    Q_DECLARE_TR_FUNCTIONS(moescope::Ask)
};

/// A dialog with a title, room for what is asked, and two buttons.
class AskDialog : public QDialog {
public:
    AskDialog(ThemeStore* themes, QWidget* parent, const QString& title, const QString& action, bool danger)
        : QDialog(parent), m_column(new QVBoxLayout), m_theme(themes->theme()) {
        setWindowTitle(title);
        setAccessibleName(title);
        auto* all = new QVBoxLayout(this);
        all->setContentsMargins(m_theme.space(6), m_theme.space(5), m_theme.space(6), m_theme.space(5));
        all->setSpacing(m_theme.space(4));
        all->addWidget(makeLabel(title, kRoleTitle, this));
        all->addLayout(m_column);
        auto* buttons = new QHBoxLayout;
        auto* cancel = new FormButton(FormButton::Kind::kPlain, Ask::tr("Cancel"), this);
        m_ok = new FormButton(danger ? FormButton::Kind::kDanger : FormButton::Kind::kPrimary, action, this);
        cancel->setObjectName(QStringLiteral("ask_cancel"));
        m_ok->setObjectName(QStringLiteral("ask_ok"));
        (danger ? cancel : m_ok)->setDefault(true);
        buttons->addStretch(1);
        buttons->addWidget(cancel);
        buttons->addWidget(m_ok);
        all->addLayout(buttons);
        connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
        connect(m_ok, &QPushButton::clicked, this, &QDialog::accept);
        if (danger) cancel->setFocus();
    }

    bool ask() {
        applyFormTheme(this, m_theme);
        setMinimumWidth(m_theme.px(360));
        setMaximumWidth(m_theme.px(560));
        return exec() == QDialog::Accepted;
    }

    QVBoxLayout* column() { return m_column; }
    FormButton* button() { return m_ok; }

private:
    QVBoxLayout* m_column;
    FormButton* m_ok;
    Theme m_theme;
};

}  // namespace

std::optional<QString> askForName(ThemeStore* themes, QWidget* parent, const QString& title, const QString& name) {
    return askForText(themes, parent, title, Ask::tr("Name"), name, static_cast<int>(kShownLetters));
}

std::optional<QString> askForText(ThemeStore* themes, QWidget* parent, const QString& title, const QString& what,
                                  const QString& text, int most) {
    AskDialog dialog(themes, parent, title, Ask::tr("OK"), false);
    auto* edit = new QLineEdit;
    edit->setObjectName(QStringLiteral("ask_name"));
    edit->setAccessibleName(what);
    edit->setPlaceholderText(what);
    edit->setMaxLength(most);
    edit->setText(text);
    edit->selectAll();
    dialog.column()->addWidget(edit);
    edit->setFocus();
    const auto check = [&] { dialog.button()->setEnabled(!edit->text().simplified().isEmpty()); };
    QObject::connect(edit, &QLineEdit::textChanged, &dialog, check);
    check();
    if (!dialog.ask()) return std::nullopt;
    return edit->text().simplified();
}

bool askWhether(ThemeStore* themes, QWidget* parent, const QString& title, const QString& sentence,
                const QString& action, bool danger) {
    AskDialog dialog(themes, parent, title, action, danger);
    QLabel* label = makeLabel(shownSentence(sentence), nullptr, &dialog);
    label->setObjectName(QStringLiteral("ask_sentence"));
    dialog.column()->addWidget(label);
    return dialog.ask();
}

}  // namespace moescope
