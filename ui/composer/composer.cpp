#include "ui/composer/composer.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <QVBoxLayout>

#include "ui/composer/composer_edit.h"
#include "ui/composer/pill_button.h"
#include "ui/theme.h"

namespace moescope {

namespace {

constexpr int kDraftMilliseconds = 150;

}  // namespace

Composer::Composer(ThemeStore* themes, QWidget* parent) : QWidget(parent), m_themes(themes) {
    m_edit = new ComposerEdit(this);
    m_edit->setObjectName(QStringLiteral("composer_edit"));
    m_count = new QLabel(this);
    m_count->setObjectName(QStringLiteral("composer_count"));
    m_button = new SendButton(this);
    m_button->setObjectName(QStringLiteral("composer_button"));
    m_column = new QVBoxLayout(this);
    m_row = new QHBoxLayout;
    m_chip_row = new QHBoxLayout;
    m_column->addWidget(m_edit);
    m_column->addLayout(m_row);
    m_row->addLayout(m_chip_row, 1);
    m_row->addWidget(m_count);
    m_row->addWidget(m_button);
    m_chip_row->addStretch(1);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setFocusProxy(m_edit);
    setTabOrder(m_edit, m_button);
    m_count->hide();
    m_draft_timer.setSingleShot(true);
    m_draft_timer.setInterval(kDraftMilliseconds);

    connect(m_edit, &ComposerEdit::textChanged, this, [this] {
        m_draft_timer.start();
        updateState();
    });
    connect(&m_draft_timer, &QTimer::timeout, this, [this] { emit draftChanged(text()); });
    connect(m_edit, &ComposerEdit::submitted, this, &Composer::send);
    connect(m_edit, &ComposerEdit::stopPressed, this, &Composer::stopRequested);
    connect(m_edit, &ComposerEdit::editLastPressed, this, &Composer::editLastRequested);
    connect(m_button, &QPushButton::clicked, this, &Composer::pressButton);
    connect(m_themes, &ThemeStore::changed, this, &Composer::applyTheme);
    applyTheme();
    updateTexts();
    updateState();
}

QString Composer::text() const {
    return m_edit->fullText();
}

void Composer::setText(const QString& text) {
    m_draft_timer.stop();
    m_edit->setFullText(text);
    updateState();
}

void Composer::flushDraft() {
    if (!m_draft_timer.isActive()) return;
    m_draft_timer.stop();
    emit draftChanged(text());
}

void Composer::addChip(const QString& id, const QString& text) {
    if (PillButton* existing = findChip(id)) {
        existing->setCaption(text);
        return;
    }
    auto* chip = new PillButton(id, text, this);
    chip->setTheme(m_themes->theme());
    m_chip_row->insertWidget(m_chip_row->count() - 1, chip);
    setTabOrder(m_chips.isEmpty() ? static_cast<QWidget*>(m_edit) : m_chips.constLast(), chip);
    setTabOrder(chip, m_button);
    m_chips.append(chip);
    connect(chip, &QPushButton::clicked, this, [this, id] { emit chipClicked(id); });
}

void Composer::setChipText(const QString& id, const QString& text) {
    PillButton* chip = findChip(id);
    if (chip == nullptr) return;
    chip->setCaption(text);
    chip->updateGeometry();
}

void Composer::setChipToolTip(const QString& id, const QString& tip) {
    if (PillButton* chip = findChip(id)) chip->setToolTip(tip);
}

void Composer::setChipVisible(const QString& id, bool visible) {
    if (PillButton* chip = findChip(id)) chip->setVisible(visible);
}

QWidget* Composer::chip(const QString& id) const {
    return findChip(id);
}

PillButton* Composer::findChip(const QString& id) const {
    for (PillButton* chip : m_chips) {
        if (chip->id() == id) return chip;
    }
    return nullptr;
}

void Composer::setTokenCount(int tokens, int room) {
    m_tokens = tokens;
    m_room = room;
    updateCount();
}

void Composer::setAnswering(bool answering) {
    if (m_answering == answering) return;
    m_answering = answering;
    m_edit->setStoppable(answering);
    m_button->setStop(answering);
    updateState();
}

void Composer::setEnabledReason(const QString& reason) {
    m_reason = reason;
    updateTexts();
    updateState();
}

bool Composer::canSend() const {
    return !m_answering && m_reason.isEmpty() && !m_edit->isBlank();
}

void Composer::send() {
    if (canSend()) {
        const QString question = text();
        m_edit->clearUndoably();
        emit sent(question);
        return;
    }
    if (m_edit->isBlank()) return;
    const QString why = m_answering ? tr("An answer is being written. Stop it first (Esc).") : m_reason;
    QToolTip::showText(m_edit->viewport()->mapToGlobal(m_edit->cursorRect().bottomLeft()), why, m_edit);
}

void Composer::pressButton() {
    if (m_answering) {
        emit stopRequested();
    } else {
        send();
        m_edit->setFocus();
    }
}

void Composer::applyTheme() {
    const Theme& theme = m_themes->theme();
    m_edit->setTheme(theme);
    m_button->setTheme(theme);
    for (PillButton* chip : m_chips) chip->setTheme(theme);
    m_count->setFont(theme.sans(Theme::kSmall));
    m_column->setContentsMargins(theme.px(15), theme.px(14), theme.px(14), theme.space(3));
    m_column->setSpacing(theme.space(3));
    m_row->setSpacing(theme.space(3));
    m_chip_row->setSpacing(theme.space(2));
    updateCount();
    update();
}

void Composer::updateTexts() {
    m_edit->setPlaceholderText(m_reason.isEmpty() ? tr("Ask something...") : m_reason);
    m_edit->viewport()->update();  // newer Qt shows another one only when one comes or goes
    m_edit->setAccessibleName(tr("Question"));
    m_edit->setAccessibleDescription(m_reason.isEmpty() ? tr("Enter sends, Shift+Enter begins a line") : m_reason);
    m_button->retranslate();
    updateCount();
}

void Composer::updateState() {
    m_button->setEnabled(m_answering || canSend());
    QString tip = m_reason;
    if (m_answering) {
        tip = tr("Stop (Esc)");
    } else if (m_reason.isEmpty()) {
        tip = tr("Send (Enter)");
    }
    m_button->setToolTip(tip);
}

void Composer::updateCount() {
    const Theme& theme = m_themes->theme();
    const bool over = m_room >= 0 && m_tokens > m_room;
    const QLocale locale;
    QString words = m_tokens < 0 ? QString() : tr("%Ln token(s)", nullptr, m_tokens);
    if (over) words = tr("%1 tokens, room for %2").arg(locale.toString(m_tokens), locale.toString(m_room));
    m_count->setText(words);
    m_count->setToolTip(over ? tr("The draft does not fit into what is left of the context.") : QString());
    QPalette colours = m_count->palette();
    colours.setColor(QPalette::WindowText, over ? theme.amber_text : theme.faint);
    m_count->setPalette(colours);
    m_count->setVisible(m_tokens >= 0);
}

void Composer::paintEvent(QPaintEvent*) {
    const Theme& theme = m_themes->theme();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(theme.line, 1));
    painter.setBrush(theme.panel);
    const double radius = theme.px(Theme::kRadiusLarge);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);
}

void Composer::mousePressEvent(QMouseEvent* event) {
    m_edit->setFocus(Qt::MouseFocusReason);
    event->accept();
}

void Composer::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) {
        updateTexts();
        updateState();
    }
    QWidget::changeEvent(event);
}

}  // namespace moescope
