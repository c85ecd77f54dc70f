#include "ui/models/found_page.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

#include "ui/widgets/form_style.h"
#include "ui/widgets/plain_text.h"

namespace moescope {

FoundPage::FoundPage(QWidget* parent)
    : QWidget(parent),
      m_said(makeLabel({}, kRoleNote, this)),
      m_rows(new ModelRows(this)),
      m_again(new FormButton(FormButton::Kind::kPlain, tr("Search again"), this)),
      m_folder(new FormButton(FormButton::Kind::kPlain, tr("Another folder…"), this)),
      m_forget(new FormButton(FormButton::Kind::kPlain, tr("Forget added folders"), this)),
      m_open(new FormButton(FormButton::Kind::kPrimary, tr("Open"), this)) {
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->addWidget(m_said);
    all->addWidget(m_rows, 1);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_again);
    buttons->addWidget(m_folder);
    buttons->addWidget(m_forget);
    buttons->addStretch(1);
    buttons->addWidget(m_open);
    all->addLayout(buttons);
    m_rows->setAccessibleName(tr("Models on this machine"));
    m_rows->setObjectName(QStringLiteral("found_models"));
    m_open->setAccessibleName(tr("Open the selected model"));
    m_again->setAccessibleName(tr("Search for models again"));
    m_folder->setAccessibleName(tr("Search another folder"));
    m_forget->setAccessibleName(tr("Forget the folders that you added"));
    m_forget->setObjectName(QStringLiteral("forget_folders"));
    m_forget->hide();
    const auto open = [this] {
        if (m_rows->usable()) emit openWanted(m_rows->key());
    };
    connect(m_again, &QPushButton::clicked, this, &FoundPage::searchWanted);
    connect(m_folder, &QPushButton::clicked, this, &FoundPage::folderWanted);
    connect(m_forget, &QPushButton::clicked, this, &FoundPage::forgetWanted);
    connect(m_open, &QPushButton::clicked, this, open);
    connect(m_rows, &QListWidget::itemActivated, this, open);
    connect(m_rows, &QListWidget::currentItemChanged, this, &FoundPage::refresh);
    setFocusProxy(m_rows);
    refresh();
}

void FoundPage::setOwnFolders(bool any) {
    m_forget->setVisible(any);
}

void FoundPage::showSearching(int found) {
    m_said->setText(found == 0
                        ? tr("Searching the folders of LM Studio, Hugging Face, Ollama and llama.cpp, and Downloads…")
                        : tr("%Ln model(s) so far…", nullptr, found));
    m_again->setEnabled(false);
}

void FoundPage::showModels(const QList<ModelRow>& models, const QString& said) {
    m_rows->setRows(models);
    QString text = models.isEmpty() ? tr("No models found. Choose another folder, or download a model.")
                                    : tr("%Ln model(s). They are opened where they are; nothing is copied.", nullptr,
                                         static_cast<int>(models.size()));
    if (!said.isEmpty()) text += QLatin1Char(' ') + said;
    m_said->setText(shownSentence(text));
    m_again->setEnabled(true);
    refresh();
}

void FoundPage::refresh() {
    m_open->setEnabled(m_rows->usable());
}

}  // namespace moescope
