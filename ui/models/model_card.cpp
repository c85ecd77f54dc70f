#include "ui/models/model_card.h"

#include <QClipboard>
#include <QGridLayout>
#include <QGuiApplication>
#include <QLabel>
#include <QLocale>
#include <QScrollArea>
#include <QVBoxLayout>

#include "ui/models/context_bars.h"
#include "ui/theme.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/form_style.h"
#include "ui/widgets/plain_text.h"

namespace moescope {

QString ModelCard::text() const {
    QString all = name + QLatin1Char('\n') + subtitle + QLatin1Char('\n');
    for (const Section& section : sections) {
        all += QLatin1Char('\n') + section.title + QLatin1Char('\n');
        for (const Row& row : section.rows) all += QStringLiteral("%1: %2\n").arg(row.name, row.value);
    }
    if (contexts.isEmpty()) return all;
    all += QLatin1Char('\n') + contexts_title + QLatin1Char('\n');
    for (const Context& context : contexts) {
        all += QStringLiteral("%1: %2\n").arg(QLocale().toString(context.tokens), context.memory);
    }
    return all + free + QLatin1Char('\n');
}

ModelCardDialog::ModelCardDialog(ModelCard card, ThemeStore* themes, QWidget* parent)
    : QDialog(parent), m_card(std::move(card)), m_themes(themes) {
    setObjectName(QStringLiteral("model_card"));
    setWindowTitle(tr("About this model"));
    auto* all = new QVBoxLayout(this);
    all->addWidget(makeLabel(oneLine(m_card.name), kRoleTitle, this));
    all->addWidget(makeLabel(shownSentence(m_card.subtitle), kRoleNote, this));
    auto* scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::StrongFocus);
    scroll->setAccessibleName(tr("What there is to know about the model"));
    auto* content = new QWidget(scroll);
    m_column = new QVBoxLayout(content);
    scroll->setWidget(content);
    // What it takes stands after the sections that say what it is, before what it cannot do.
    for (const ModelCard::Section& section : m_card.sections) {
        const bool impossible = !section.rows.isEmpty() && !section.rows.front().possible;
        if (impossible) addContexts();
        addSection(section);
    }
    addContexts();
    m_column->addStretch(1);
    all->addWidget(scroll, 1);
    auto* copy = new FormButton(FormButton::Kind::kPlain, tr("Copy"), this);
    copy->setAccessibleName(tr("Copy what the card says"));
    auto* close = new FormButton(FormButton::Kind::kPlain, tr("Close"), this);
    close->setDefault(true);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(copy);
    buttons->addStretch(1);
    buttons->addWidget(close);
    all->addLayout(buttons);
    connect(copy, &QPushButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(m_card.text()); });
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
    connect(m_themes, &ThemeStore::changed, this, &ModelCardDialog::applyTheme);
    applyTheme();
    resize(m_themes->theme().px(600), m_themes->theme().px(680));
}

void ModelCardDialog::addSection(const ModelCard::Section& section) {
    m_column->addWidget(makeLabel(section.title, kRoleSection, this));
    auto* rows = new QGridLayout;
    rows->setColumnStretch(1, 1);
    for (const ModelCard::Row& row : section.rows) {
        const int at = rows->rowCount();
        // A reason is longer than a name, and is read: it has the room below.
        QLabel* name = makeLabel(oneLine(row.name), kRoleNote, this);
        QLabel* value = makeLabel(shownSentence(row.value), row.possible ? nullptr : kRoleNote, this);
        value->setTextInteractionFlags(Qt::TextSelectableByMouse);
        // Where all rows have no room they scroll, and none becomes less than its letters.
        QSizePolicy whole(QSizePolicy::Preferred, QSizePolicy::Minimum);
        whole.setHeightForWidth(true);
        value->setSizePolicy(whole);
        name->setBuddy(value);
        rows->addWidget(name, at, 0, Qt::AlignTop);
        rows->addWidget(value, at, 1);
        m_names << name;
        if (!row.possible) m_greyed << name << value;
    }
    m_column->addLayout(rows);
}

void ModelCardDialog::addContexts() {
    if (m_bars || m_card.contexts.isEmpty()) return;
    m_column->addWidget(makeLabel(m_card.contexts_title, kRoleSection, this));
    m_bars = new ContextBars(m_card.contexts, m_card.free, this);
    m_column->addWidget(m_bars);
}

void ModelCardDialog::applyTheme() {
    const Theme& theme = m_themes->theme();
    applyFormTheme(this, theme);
    layout()->setContentsMargins(theme.space(5), theme.space(4), theme.space(5), theme.space(4));
    layout()->setSpacing(theme.space(2));
    m_column->setContentsMargins(0, theme.space(1), theme.space(3), 0);
    m_column->setSpacing(theme.space(2));
    for (QLabel* name : m_names) {
        name->setFixedWidth(theme.px(140));
        name->setContentsMargins(0, theme.px(1), 0, 0);
    }
    for (QLabel* label : m_greyed) label->setStyleSheet(QStringLiteral("color: %1").arg(theme.faint.name()));
    if (m_bars) m_bars->setTheme(theme);
}

}  // namespace moescope
