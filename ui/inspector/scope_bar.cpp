#include "ui/inspector/scope_bar.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QSignalBlocker>
#include <QToolButton>
#include <algorithm>

#include "ui/inspector/inspector_model.h"
#include "ui/theme.h"
#include "ui/widgets/form_style.h"
#include "ui/widgets/plain_text.h"
#include "ui/widgets/small_choice.h"

namespace moescope {
namespace {

bool hasField(const QString& only) {
    return only == QLatin1String("text") || only == QLatin1String("pattern") || only == QLatin1String("positions");
}

}  // namespace

QToolButton* ScopeBar::makeButton(const QString& text, const QString& name) {
    auto* button = new QToolButton;
    button->setText(text);
    button->setAccessibleName(name);
    button->setFocusPolicy(Qt::TabFocus);
    return button;
}

ScopeBar::ScopeBar(InspectorModel* model, ThemeStore* themes, QWidget* parent)
    : QWidget(parent), m_model(model), m_themes(themes) {
    setObjectName(QStringLiteral("scope_bar"));
    setAccessibleName(tr("Scope"));
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);

    m_source = new SmallChoice;
    m_source->setObjectName(QStringLiteral("scope_source"));
    m_source->setAccessibleName(tr("Source"));
    m_source->setToolTip(tr("What the charts show"));
    connect(m_source, &QComboBox::activated, this, [this] { m_model->wantSource(m_source->chosen().toLongLong()); });

    m_parts = new QWidget;
    m_parts->setAccessibleName(tr("Parts"));
    auto* parts = new QHBoxLayout(m_parts);
    parts->setContentsMargins(0, 0, 0, 0);
    parts->setSpacing(0);
    const auto part = [&](const QString& text, const QString& name, const QString& tip) {
        QToolButton* button = makeButton(text, text);
        button->setObjectName(name);
        button->setToolTip(plainToolTip(tip));
        button->setCheckable(true);
        button->setChecked(true);
        parts->addWidget(button);
        connect(button, &QToolButton::clicked, this, &ScopeBar::readControls);
        return button;
    };
    m_prompt = part(tr("Prompt"), QStringLiteral("scope_prompt"), tr("Tokens that the model read"));
    m_thinking =
        part(tr("Thinking"), QStringLiteral("scope_thinking"), tr("Tokens of the model's thinking before an answer"));
    m_answer = part(tr("Answer"), QStringLiteral("scope_answer"), tr("Tokens that the model wrote"));

    m_only = new SmallChoice;
    m_only->setObjectName(QStringLiteral("scope_only"));
    m_only->setAccessibleName(tr("Filter"));
    m_only->addChoice(QStringLiteral("all"), tr("All tokens"));
    m_only->addChoice(QStringLiteral("text"), tr("Containing text"));
    m_only->addChoice(QStringLiteral("pattern"), tr("Matching"));
    m_only->addChoice(QStringLiteral("digits"), tr("Digits"));
    m_only->addChoice(QStringLiteral("punctuation"), tr("Punctuation"));
    m_only->addChoice(QString::fromLatin1(kPositions), tr("Positions"));
    m_only->addChoice(QStringLiteral("question"), tr("Questions"));
    m_only->addChoice(QStringLiteral("system"), tr("System prompt"));
    m_only->addChoice(QStringLiteral("template"), tr("Chat template"));
    connect(m_only, &QComboBox::activated, this, [this] {
        readControls();
        if (m_field->isVisible()) m_field->setFocus();
    });
    m_field = new QLineEdit;
    m_field->setObjectName(QStringLiteral("scope_field"));
    m_field->setAccessibleName(tr("Filter"));
    connect(m_field, &QLineEdit::textEdited, this, &ScopeBar::readControls);

    m_expert = makeButton({}, tr("All experts again"));
    m_expert->setObjectName(QStringLiteral("scope_expert"));
    m_expert->setToolTip(tr("Show the tokens of all experts again"));
    connect(m_expert, &QToolButton::clicked, this, [this] {
        Scope scope = m_model->scope();
        scope.layer = scope.expert = -1;
        m_model->setScope(scope);
    });

    m_count = new QLabel;
    m_count->setObjectName(QStringLiteral("scope_count"));
    m_count->setAccessibleName(tr("Number of tokens"));

    m_stepper = new QWidget;
    m_stepper->setAccessibleName(tr("Layer"));
    auto* stepper = new QHBoxLayout(m_stepper);
    stepper->setContentsMargins(0, 0, 0, 0);
    stepper->setSpacing(2);
    auto* label = makeLabel(tr("Layer"), kRoleNote, m_stepper);
    label->setWordWrap(false);
    m_before = makeButton(QStringLiteral("◂"), tr("Previous layer"));
    m_before->setObjectName(QStringLiteral("layer_before"));
    m_before->setToolTip(tr("Previous layer ([)"));
    m_after = makeButton(QStringLiteral("▸"), tr("Next layer"));
    m_after->setObjectName(QStringLiteral("layer_after"));
    m_after->setToolTip(tr("Next layer (])"));
    m_layer = new SmallChoice;
    m_layer->setObjectName(QStringLiteral("layer_choice"));
    m_layer->setAccessibleName(tr("Layer"));
    stepper->addWidget(label);
    stepper->addWidget(m_before);
    stepper->addWidget(m_layer);
    stepper->addWidget(m_after);
    connect(m_before, &QToolButton::clicked, this, [this] { stepLayer(-1); });
    connect(m_after, &QToolButton::clicked, this, [this] { stepLayer(1); });
    connect(m_layer, &QComboBox::activated, this,
            [this](int index) { m_model->selection().choose(Spot::ofExpert(index, -1)); });

    m_items = {m_source, m_parts, m_only, m_field, m_expert, m_count, m_stepper};
    for (QWidget* item : m_items) item->setParent(this);

    connect(m_model, &InspectorModel::choicesChanged, this, &ScopeBar::fillSources);
    connect(m_model, &InspectorModel::scopeChanged, this, &ScopeBar::showScope);
    connect(m_model, &InspectorModel::sourceChanged, this, [this] {
        fillSources();
        fillLayers();
        showScope();
    });
    connect(m_model, &InspectorModel::grew, this, &ScopeBar::showCount);
    connect(&m_model->selection(), &RoutingSelection::changed, this, [this](RoutingSelection::Parts changed) {
        if (changed & RoutingSelection::kLayer) showLayer();
    });
    connect(m_themes, &ThemeStore::changed, this, &ScopeBar::applyTheme);
    fillSources();
    fillLayers();
    showScope();
    applyTheme();
}

void ScopeBar::stepLayer(int by) {
    const SharedSource source = m_model->whole();
    if (!source || source->shape().moe_layers == 0) return;
    const int layer = std::clamp(m_model->layer() + by, 0, source->shape().moe_layers - 1);
    m_model->selection().choose(Spot::ofExpert(layer, -1));
}

void ScopeBar::fillSources() {
    const SharedSource whole = m_model->whole();
    QList<std::pair<QString, QString>> choices;
    bool named = false;
    for (const SourceOffer& offer : m_model->choices()) {
        choices.append({QString::number(offer.id), offer.name});
        named |= whole && offer.id == whole->id();
    }
    if (whole && !named) choices.prepend({QString::number(whole->id()), whole->name()});
    if (choices.isEmpty()) choices.append({QStringLiteral("0"), tr("No source")});
    const QSignalBlocker quiet(m_source);
    m_source->setChoices(choices);
    m_source->choose(QString::number(whole ? whole->id() : 0));
    rearrange();
}

void ScopeBar::readControls() {
    Scope scope = m_model->scope();
    scope.prompt = m_prompt->isChecked();
    scope.thinking = m_thinking->isHidden() ? m_answer->isChecked() : m_thinking->isChecked();
    scope.answer = m_answer->isChecked();
    const QString only = m_only->chosen(), text = m_field->text();
    scope.only = onlyFromName(only).value_or(Scope::Only::kAll);  // positions are no kind of token
    const bool words = scope.only == Scope::Only::kText || scope.only == Scope::Only::kPattern;
    scope.text = words ? text : QString();
    if (words && text.isEmpty()) scope.only = Scope::Only::kAll;  // nothing is typed yet
    scope.from = 0;
    scope.to = -1;
    QString error;
    if (only == QLatin1String(kPositions) && !text.isEmpty()) {
        if (const auto positions = positionsFromText(text)) {
            std::tie(scope.from, scope.to) = *positions;
        } else {
            error = tr("Enter positions as 20-40, 20- or 20.");
        }
    }
    if (error.isEmpty()) error = ScopeTest(scope).error();
    m_field->setVisible(hasField(only));
    m_field->setProperty("wrong", !error.isEmpty());
    m_field->setToolTip(plainToolTip(error));
    m_field->setAccessibleDescription(error);
    m_field->setAccessibleName(m_only->currentText());
    m_field->setPlaceholderText(only == QLatin1String(kPositions)  ? QStringLiteral("20-40")
                                : only == QLatin1String("pattern") ? tr("regular expression")
                                                                   : tr("part of a token"));
    applyTheme();
    m_model->setScope(scope);
    rearrange();
}

void ScopeBar::showScope() {
    const Scope& scope = m_model->scope();
    m_prompt->setChecked(scope.prompt);
    m_thinking->setChecked(scope.thinking);
    m_answer->setChecked(scope.answer);
    m_thinking->setVisible(m_model->whole() && m_model->whole()->thinks());
    // A field that is being typed in may say nothing yet: then it stays.
    if (!m_field->hasFocus()) {
        const bool positions = scope.from > 0 || scope.to >= 0;
        const QString only = positions ? QString::fromLatin1(kPositions) : nameOf(scope.only);
        const QSignalBlocker quiet(m_only);
        const bool to_be_typed =
            hasField(m_only->chosen()) && m_field->text().isEmpty() && only == QLatin1String("all");
        if (!to_be_typed) m_only->choose(only);
        if (!hasField(m_only->chosen())) m_field->clear();
        if (positions && positionsFromText(m_field->text()) != std::pair(scope.from, scope.to)) {
            m_field->setText(scope.to < 0 ? QStringLiteral("%1-").arg(scope.from)
                                          : QStringLiteral("%1-%2").arg(scope.from).arg(scope.to));
        } else if (!positions && hasField(only)) {
            m_field->setText(scope.text);
        }
        m_field->setVisible(hasField(m_only->chosen()));
    }
    const SharedSource whole = m_model->whole();
    m_expert->setVisible(scope.expert >= 0);
    m_expert->setText(
        tr("expert %1, layer %2 ×").arg(scope.expert).arg(scope.layer + (whole ? whole->shape().first_moe_layer : 0)));
    showCount();
    rearrange();
}

void ScopeBar::showCount() {
    const SharedSource whole = m_model->whole(), source = m_model->source();
    const QString text = !whole            ? QString()
                         : source == whole ? tr("%Ln token(s)", nullptr, whole->size())
                                           : tr("%L1 of %Ln token(s)", nullptr, whole->size()).arg(source->size());
    if (text == m_count->text()) return;
    const bool longer = text.size() != m_count->text().size();
    m_count->setText(text);
    if (longer) rearrange();
}

void ScopeBar::fillLayers() {
    QList<std::pair<QString, QString>> layers;
    const SharedSource whole = m_model->whole();
    for (int l = 0; whole && l < whole->shape().moe_layers; ++l) {
        const QString number = QString::number(whole->shape().first_moe_layer + l);
        layers.append({number, number});
    }
    const QSignalBlocker quiet(m_layer);
    m_layer->setChoices(layers);
    m_stepper->setEnabled(!layers.isEmpty());
    showLayer();
}

void ScopeBar::showLayer() {
    const QSignalBlocker quiet(m_layer);
    m_layer->setCurrentIndex(m_layer->count() > 0 ? m_model->layer() : -1);
    m_before->setEnabled(m_layer->currentIndex() > 0);
    m_after->setEnabled(m_layer->currentIndex() + 1 < m_layer->count());
}

int ScopeBar::arrange(int width, bool place) const {
    const Theme& t = m_themes->theme();
    const int left = t.space(4), right = width - t.space(4), gap = t.space(2), height = t.px(26);
    int x = left, y = t.space(2);
    for (QWidget* item : m_items) {
        if (item->isHidden()) continue;
        const int room = right - left;
        int wide = std::min(item->sizeHint().width(), room);
        if (item == m_field) wide = std::min(t.px(140), room);
        if (item == m_stepper) {
            // At the right end, in a row with others where it fits.
            if (x > left && right - wide < x) {
                x = left;
                y += height + t.space(1);
            }
            x = std::max(x, right - wide);
        } else if (x > left && x + wide > right) {
            x = left;
            y += height + t.space(1);
        }
        if (place) item->setGeometry(x, y, wide, height);
        x += wide + gap;
    }
    return y + height + t.space(2);
}

void ScopeBar::rearrange() {
    updateGeometry();
    arrange(width(), true);
    update();
}

int ScopeBar::heightForWidth(int width) const {
    return arrange(width, false);
}

QSize ScopeBar::sizeHint() const {
    const int width = m_themes->theme().px(560);
    return {width, heightForWidth(std::max(this->width(), m_themes->theme().px(120)))};
}

QSize ScopeBar::minimumSizeHint() const {
    return {m_themes->theme().px(120), sizeHint().height()};
}

void ScopeBar::resizeEvent(QResizeEvent*) {
    rearrange();
}

void ScopeBar::paintEvent(QPaintEvent*) {
    const Theme& t = m_themes->theme();
    QPainter p(this);
    p.fillRect(rect(), t.panel);
    p.fillRect(QRect(0, height() - 1, width(), 1), t.line);
}

void ScopeBar::applyTheme() {
    const Theme& t = m_themes->theme();
    applyFormTheme(this, t);
    m_count->setFont(t.sans(Theme::kSmall));
    for (QToolButton* button : {m_prompt, m_thinking, m_answer, m_expert, m_before, m_after})
        button->setFont(t.sans(Theme::kSmall));
    m_field->setFont(t.sans(Theme::kSmall));
    const QString wrong = m_field->property("wrong").toBool() ? t.danger.name() : t.line.name();
    setStyleSheet(styleSheet() +
                  QStringLiteral("QToolButton { background: transparent; border: 1px solid %1; color: %2; padding: 0 "
                                 "%7px; min-height: %6px; max-height: %6px; border-radius: 4px; }"
                                 "QToolButton:checked { background: %5; color: %3; }"
                                 "QToolButton:hover, QToolButton:focus { color: %3; border-color: %4; }"
                                 "QToolButton:disabled { color: %1; }"
                                 "#scope_field { background: %8; color: %3; border: 1px solid %9; border-radius: 4px; "
                                 "min-height: %6px; max-height: %6px; "
                                 "padding: 0 %7px; }"
                                 "#scope_count { color: %2; }")
                      .arg(t.line.name(), t.faint.name(), t.text.name(), t.focus.name(), t.hover.name())
                      .arg(t.px(24))
                      .arg(t.px(6))
                      .arg(t.background.name(), wrong));
    rearrange();
}

}  // namespace moescope
