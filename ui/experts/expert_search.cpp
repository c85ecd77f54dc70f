#include "ui/experts/expert_search.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QListView>
#include <QLocale>
#include <QVBoxLayout>

#include "ui/experts/expert_hit_delegate.h"
#include "ui/theme.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/form_style.h"

namespace moescope {

ExpertSearch::ExpertSearch(ThemeStore* themes, QWidget* parent)
    : QDialog(parent), m_themes(themes), m_model(new ExpertHitsModel(this)), m_delegate(new ExpertHitDelegate(this)) {
    setWindowTitle(tr("Tokens of an expert"));
    setObjectName(QStringLiteral("expert_search"));
    auto* all = new QVBoxLayout(this);
    auto* row = new QHBoxLayout;
    all->addLayout(row);
    const auto add = [&](const QString& name, QWidget* control, const char* id) {
        auto* label = makeLabel(name, nullptr, this);
        label->setWordWrap(false);
        label->setBuddy(control);
        control->setAccessibleName(name);
        control->setObjectName(QLatin1String(id));
        row->addWidget(label);
        row->addWidget(control);
    };
    constexpr int kMost = 1023;
    add(tr("Layer"), m_layer = new NumberField(0, kMost, this), "layer");
    add(tr("Expert"), m_expert = new NumberField(0, kMost, this), "expert");
    m_gate = new RealField(0, 1000, 0.05, this);
    m_gate->setDecimals(3);
    m_gate->setSpecialValueText(tr("any"));
    add(tr("Minimum gate"), m_gate, "gate");
    m_rank = new Choice(this);
    m_rank->addChoice(QStringLiteral("0"), tr("any"));
    m_rank->addChoice(QStringLiteral("1"), tr("rank 1"));
    m_rank->addChoice(QStringLiteral("2"), tr("ranks 1–2"));
    m_rank->addChoice(QStringLiteral("3"), tr("ranks 1–3"));
    add(tr("Rank"), m_rank, "rank");
    add(tr("Include prompts"), m_prompts = new Switch(this), "prompts");
    row->addStretch(1);
    m_verdict = makeLabel({}, kRoleNote, this);
    m_verdict->setAccessibleName(tr("Search results"));
    all->addWidget(m_verdict);
    m_list = new QListView(this);
    m_list->setObjectName(QStringLiteral("hits"));
    m_list->setAccessibleName(tr("Tokens"));
    m_list->setModel(m_model);
    m_list->setItemDelegate(m_delegate);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setMouseTracking(true);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->viewport()->setAccessibleName(tr("Tokens"));
    all->addWidget(m_list, 1);

    m_timer.setSingleShot(true);
    m_timer.setInterval(120);  // after the last key
    connect(&m_timer, &QTimer::timeout, this, &ExpertSearch::request);
    const auto later = [this] { m_timer.start(); };
    connect(m_layer, &QSpinBox::valueChanged, this, later);
    connect(m_expert, &QSpinBox::valueChanged, this, later);
    connect(m_gate, &QDoubleSpinBox::valueChanged, this, later);
    connect(m_rank, &QComboBox::currentIndexChanged, this, later);
    connect(m_prompts, &QCheckBox::toggled, this, later);
    connect(m_list, &QListView::activated, this, &ExpertSearch::openCurrent);
    connect(m_list, &QListView::clicked, this, &ExpertSearch::openCurrent);
    for (QWidget* field : {static_cast<QWidget*>(m_layer), static_cast<QWidget*>(m_expert),
                           static_cast<QWidget*>(m_gate), static_cast<QWidget*>(m_list)}) {
        field->installEventFilter(this);
    }
    connect(m_themes, &ThemeStore::changed, this, &ExpertSearch::applyTheme);
    applyTheme();
    resize(m_themes->theme().px(820), m_themes->theme().px(560));
}

ExpertQuery ExpertSearch::query() const {
    return {m_layer->value(), m_expert->value(), m_gate->value(), m_rank->chosen().toInt(), m_prompts->isChecked()};
}

void ExpertSearch::setQuery(const ExpertQuery& query) {
    m_layer->setValue(query.layer);
    m_expert->setValue(query.expert);
    m_gate->setValue(query.gate_above);
    m_rank->choose(QString::number(query.ranks));
    m_prompts->setChecked(query.prompts);
    request();
}

void ExpertSearch::setRange(int first_layer, int layers, int experts) {
    if (layers < 1 || experts < 1) return;
    m_layer->setRange(first_layer, first_layer + layers - 1);
    m_expert->setRange(0, experts - 1);
}

void ExpertSearch::request() {
    m_timer.stop();
    m_verdict->setText(tr("Searching…"));
    emit searchRequested(query());
}

void ExpertSearch::showHits(const ExpertQuery& of, const QList<ExpertHit>& hits, qint64 total, const QString& note) {
    if (of != query()) return;
    m_model->setHits(hits);
    QString text = total == 0 ? tr("No recorded token was routed to this expert.")
                   : total > hits.size()
                       ? tr("The first %L1 of %L2 tokens, newest answers first.").arg(hits.size()).arg(total)
                       : tr("%Ln token(s), newest answers first.", nullptr, static_cast<int>(total));
    if (!note.isEmpty()) text += QLatin1Char(' ') + note;
    m_verdict->setText(text);
    setLabelRole(m_verdict, kRoleNote);
    if (total > 0) m_list->setCurrentIndex(m_model->index(0));
}

void ExpertSearch::showError(const QString& sentence) {
    m_model->setHits({});
    m_verdict->setText(sentence);
    setLabelRole(m_verdict, kRoleError);
}

void ExpertSearch::openCurrent() {
    const QModelIndex current = m_list->currentIndex();
    if (!current.isValid()) return;
    const ExpertHit& hit = m_model->at(current.row());
    emit opened(hit.conversation, hit.message, hit.index);
}

bool ExpertSearch::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() != QEvent::KeyPress) return QDialog::eventFilter(watched, event);
    const auto* key = static_cast<QKeyEvent*>(event);
    const bool enter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
    if (enter && watched == m_list) {
        openCurrent();
        return true;
    }
    if (enter) {  // from the form: at once, and on to the list
        if (m_timer.isActive()) request();
        m_list->setFocus();
        return true;
    }
    return QDialog::eventFilter(watched, event);
}

void ExpertSearch::showEvent(QShowEvent* event) {
    QDialog::showEvent(event);
    m_layer->setFocus();
    m_layer->selectAll();
    request();
}

void ExpertSearch::applyTheme() {
    const Theme& theme = m_themes->theme();
    applyFormTheme(this, theme);
    m_delegate->setTheme(theme);
    layout()->setContentsMargins(theme.space(5), theme.space(5), theme.space(5), theme.space(3));
    layout()->setSpacing(theme.space(3));
    for (QWidget* field : {static_cast<QWidget*>(m_layer), static_cast<QWidget*>(m_expert)}) {
        field->setFixedWidth(theme.px(64));
    }
    m_gate->setFixedWidth(theme.px(80));
    m_list->doItemsLayout();
}

}  // namespace moescope
