#include "ui/models/fetch_page.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/models/progress_strip.h"
#include "ui/widgets/form_style.h"
#include "ui/widgets/plain_text.h"

namespace moescope {

FetchPage::FetchPage(QWidget* parent)
    : QWidget(parent),
      m_rows(new ModelRows(this)),
      m_name(new QLineEdit(this)),
      m_says(makeLabel({}, nullptr, this)),
      m_result(makeLabel({}, kRoleNote, this)),
      m_types(new Choice(this)),
      m_progress(new ProgressStrip(this)),
      m_discard(new FormButton(FormButton::Kind::kPlain, tr("Discard"), this)),
      m_go(new FormButton(FormButton::Kind::kPrimary, {}, this)) {
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->addWidget(m_rows, 1);
    all->addWidget(m_name);
    all->addWidget(m_result);
    all->addWidget(m_says);
    all->addWidget(m_progress);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_types);
    buttons->addStretch(1);
    buttons->addWidget(m_discard);
    buttons->addWidget(m_go);
    all->addLayout(buttons);
    m_rows->setAccessibleName(tr("Models to download"));
    m_rows->setObjectName(QStringLiteral("models_to_fetch"));
    m_name->setPlaceholderText(tr("Or any repository with GGUF files: OWNER/NAME"));
    m_name->setAccessibleName(tr("Repository"));
    m_types->setAccessibleName(tr("Type"));
    m_progress->setAccessibleName(tr("Progress"));
    m_discard->setAccessibleName(tr("Discard the partial download"));
    m_go->setObjectName(QStringLiteral("go"));
    m_go->setDefault(true);
    const auto chosen = [this] {
        m_result->clear();
        setState(State::kChoosing);
    };
    connect(m_rows, &QListWidget::currentItemChanged, this, chosen);
    connect(m_rows, &QListWidget::itemClicked, m_name, &QLineEdit::clear);
    connect(m_name, &QLineEdit::textChanged, this, [this, chosen](const QString& typed) {
        if (m_rows->currentItem()) m_rows->currentItem()->setSelected(typed.trimmed().isEmpty());
        chosen();
    });
    connect(m_rows, &QListWidget::itemActivated, m_go, &QPushButton::click);
    connect(m_go, &QPushButton::clicked, this, &FetchPage::go);
    connect(m_discard, &QPushButton::clicked, this, [this] { emit discardWanted(m_rows->key()); });
    setFocusProxy(m_rows);
    refresh();
}

void FetchPage::setHub(const QString& host, bool with_token, const QString& folder, const QString& problem) {
    m_host = oneLine(host);
    m_with_token = with_token;
    m_folder = oneLine(folder);
    m_problem = problem;
    refresh();
}

void FetchPage::setCatalog(const QList<ModelRow>& models) {
    m_catalog = models;
    fillRows();
}

void FetchPage::setPaused(const QList<ModelRow>& fetches) {
    m_paused = fetches;
    fillRows();
}

void FetchPage::fillRows() {
    const QSignalBlocker quiet(m_rows);  // the same one stays chosen
    m_rows->setRows(m_paused + m_catalog);
    refresh();
}

void FetchPage::choose(const QString& key) {
    m_name->clear();
    m_rows->choose(key);
}

QString FetchPage::repository() const {
    const QString typed = m_name->text().trimmed();
    return typed.isEmpty() ? m_rows->key() : typed;
}

bool FetchPage::pausedChosen() const {
    return m_name->text().trimmed().isEmpty() &&
           std::any_of(m_paused.begin(), m_paused.end(), [this](const ModelRow& r) { return r.key == m_rows->key(); });
}

void FetchPage::showAsking(const QString& repository, const QString& trouble) {
    m_says->setText(tr("Asking %1 for the files of %2…").arg(m_host, oneLine(repository)));
    m_result->setText(shownSentence(trouble));
    setLabelRole(m_result, kRoleNote);
    setState(State::kAsking);
}

void FetchPage::showTypes(const QString& repository, const QStringList& types, int recommended, const QString& why) {
    m_listed = repository;
    m_types->clear();
    for (qsizetype i = 0; i < types.size(); ++i) m_types->addChoice(QString::number(i), types[i]);
    m_types->setCurrentIndex(std::max(0, recommended));
    m_result->setText(shownSentence(why));
    setLabelRole(m_result, recommended < 0 ? kRoleError : kRoleNote);
    setState(State::kTypes);
}

void FetchPage::showProgress(const QString& name, double fraction, const QString& text) {
    m_progress->setFraction(fraction);
    m_says->setText(oneLine(name) + QStringLiteral("\n") + shownSentence(text));
    if (m_state == State::kFetching) return;
    m_result->clear();
    setState(State::kFetching);
}

void FetchPage::showStopped(const QString& sentence, bool error) {
    m_result->setText(shownSentence(sentence));
    setLabelRole(m_result, error ? kRoleError : kRoleNote);
    setState(State::kChoosing);
}

void FetchPage::showFetched(const QString& name, const QString& path) {
    m_path = path;
    m_says->setText(tr("%1 is downloaded, and its SHA-256 matches.").arg(oneLine(name)));
    m_result->clear();
    setState(State::kFetched);
}

void FetchPage::setState(State state) {
    m_state = state;
    refresh();
}

void FetchPage::refresh() {
    const bool working = m_state == State::kAsking || m_state == State::kFetching;
    m_rows->setEnabled(!working);
    m_name->setEnabled(!working);
    m_result->setVisible(!m_result->text().isEmpty());
    m_types->setVisible(m_state == State::kTypes);
    m_progress->setVisible(m_state == State::kFetching);
    const bool paused = m_state == State::kChoosing && pausedChosen();
    m_discard->setVisible(paused);
    m_go->setEnabled(working || m_state == State::kFetched || (m_problem.isEmpty() && !repository().isEmpty()));
    QString label;
    switch (m_state) {
        case State::kChoosing:
            label = paused ? tr("Resume") : tr("Show types and sizes");
            if (!m_problem.isEmpty()) {
                m_says->setText(shownSentence(m_problem));
            } else if (paused) {
                m_says->setText(tr("“Resume” downloads the rest from %1.").arg(m_host));
            } else if (repository().isEmpty()) {
                m_says->setText(tr("Nothing is sent until you press a button."));
            } else {
                m_says->setText(
                    (m_with_token
                         ? tr("The button asks %1 for the file list of %2, with your token from HF_TOKEN. Nothing "
                              "is sent until then, and nothing else is.")
                         : tr("The button asks %1 for the file list of %2. Nothing is sent until then, and nothing "
                              "else is."))
                        .arg(m_host, oneLine(repository())));
            }
            break;
        case State::kAsking:
            label = tr("Stop");
            break;
        case State::kTypes:
            label = tr("Download");
            m_says->setText(tr("“Download” gets it from %1, or from where %1 redirects, and saves it in %2.")
                                .arg(m_host, m_folder));
            break;
        case State::kFetching:
            label = tr("Pause");
            break;
        case State::kFetched:
            label = tr("Open");
            break;
    }
    m_go->setText(label);
    m_go->setAccessibleName(label);
}

void FetchPage::go() {
    switch (m_state) {
        case State::kChoosing:
            if (pausedChosen()) {
                emit resumeWanted(m_rows->key());
            } else if (!repository().isEmpty()) {
                emit typesWanted(repository());
            }
            break;
        case State::kTypes:
            emit fetchWanted(m_listed, m_types->currentIndex());
            break;
        case State::kAsking:
        case State::kFetching:
            emit stopWanted();
            break;
        case State::kFetched:
            emit openWanted(m_path);
            break;
    }
}

}  // namespace moescope
