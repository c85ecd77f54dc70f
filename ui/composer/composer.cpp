#include "ui/composer/composer.h"

#include <QClipboard>
#include <QDate>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QMouseEvent>
#include <QPainter>
#include <QPushButton>
#include <QToolTip>
#include <QVBoxLayout>

#include "ui/composer/attachment_row.h"
#include "ui/composer/chip_row.h"
#include "ui/composer/composer_edit.h"
#include "ui/composer/pill_button.h"
#include "ui/composer/placeholders.h"
#include "ui/composer/prompt_popup.h"
#include "ui/theme.h"
#include "ui/widgets/plain_text.h"

namespace moescope {

namespace {

constexpr int kDraftMilliseconds = 150;
/// More files than anybody attaches stay in the text, where they are as they will be sent.
constexpr std::size_t kMostCards = 256;

}  // namespace

Composer::Composer(ThemeStore* themes, QWidget* parent) : QWidget(parent), m_themes(themes) {
    m_edit = new ComposerEdit(this);
    m_edit->setObjectName(QStringLiteral("composer_edit"));
    m_count = new QLabel(this);
    m_count->setTextFormat(Qt::PlainText);
    m_count->setObjectName(QStringLiteral("composer_count"));
    m_button = new SendButton(this);
    m_button->setObjectName(QStringLiteral("composer_button"));
    m_column = new QVBoxLayout(this);
    m_row = new QHBoxLayout;
    m_chip_row = new ChipRow(this);
    m_strip = new QWidget(this);
    m_strip->setObjectName(QStringLiteral("composer_strip"));
    m_strip->setAttribute(Qt::WA_StyledBackground);
    m_strip_text = new QLabel(m_strip);
    m_strip_text->setTextFormat(Qt::PlainText);
    m_strip_text->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_cancel = new QPushButton(m_strip);
    m_cancel->setObjectName(QStringLiteral("composer_cancel_edit"));
    m_cancel->setCursor(Qt::PointingHandCursor);
    m_cancel->setFlat(true);
    auto* strip = new QHBoxLayout(m_strip);
    strip->addWidget(m_strip_text, 1);
    strip->addWidget(m_cancel);
    m_strip->hide();
    m_files = new AttachmentRow(this);
    m_column->addWidget(m_strip);
    m_column->addWidget(m_files);
    m_column->addWidget(m_edit);
    m_column->addLayout(m_row);
    m_row->addWidget(m_chip_row, 1);
    m_row->addWidget(m_count);
    m_row->addWidget(m_button);
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
    m_popup = new PromptPopup(this);
    m_edit->setPopup(m_popup);
    connect(m_popup, &PromptPopup::taken, this, &Composer::usePrompt);
    connect(m_edit, &ComposerEdit::textChanged, this, &Composer::offerPrompts);
    connect(m_edit, &ComposerEdit::cursorPositionChanged, this, [this] {
        if (!m_edit->typedCommand()) m_popup->hide();
    });
    connect(m_edit, &ComposerEdit::focusLost, m_popup, &QWidget::hide);
    connect(m_files, &AttachmentRow::changed, this, [this] {
        m_draft_timer.start();
        updateState();
        m_edit->setFocus();
    });
    connect(m_edit, &ComposerEdit::filesOffered, this, &Composer::filesOffered);
    connect(&m_draft_timer, &QTimer::timeout, this, [this] { emit draftChanged(text()); });
    connect(m_edit, &ComposerEdit::submitted, this, &Composer::send);
    connect(m_edit, &ComposerEdit::stopPressed, this, &Composer::stopRequested);
    connect(m_edit, &ComposerEdit::cancelPressed, this, &Composer::editCancelled);
    connect(m_cancel, &QPushButton::clicked, this, &Composer::editCancelled);
    connect(m_chip_row, &ChipRow::clicked, this, &Composer::chipClicked);
    connect(m_edit, &ComposerEdit::editLastPressed, this, &Composer::editLastRequested);
    connect(m_button, &QPushButton::clicked, this, &Composer::pressButton);
    connect(m_themes, &ThemeStore::changed, this, &Composer::applyTheme);
    applyTheme();
    updateTexts();
    updateState();
}

QString Composer::text() const {
    if (m_files->attachments().empty()) return m_edit->fullText();
    return QString::fromStdString(markdown::withAttachments(m_files->attachments(), m_edit->fullText().toStdString()));
}

QString Composer::question() const {
    return m_edit->fullText();
}

const std::vector<markdown::Attachment>& Composer::attachments() const {
    return m_files->attachments();
}

void Composer::attach(markdown::Attachment attachment) {
    m_files->add(std::move(attachment));
}

void Composer::setAttachmentTokens(int index, int tokens) {
    m_files->setTokens(index, tokens);
}

bool Composer::hasUncounted() const {
    return m_files->hasUncounted();
}

bool Composer::isBlank() const {
    return m_edit->isBlank() && m_files->attachments().empty();
}

void Composer::setText(const QString& text) {
    m_draft_timer.stop();
    const std::string all = text.toStdString();
    markdown::ReadQuestion read = markdown::readQuestion(all);
    if (read.files.size() > kMostCards) read = {};
    std::vector<markdown::Attachment> files;
    for (const markdown::AttachedFile& file : read.files) files.push_back(file.toAttachment());
    m_files->setAttachments(std::move(files));
    m_edit->setFullText(read.files.empty() ? text : QString::fromStdString(all.substr(read.question)));
    updateState();
}

void Composer::setPrompts(const QList<PromptEntry>& prompts) {
    m_popup->setPrompts(prompts);
}

void Composer::offerPrompts() {
    const auto typed = m_edit->typedCommand();
    if (!typed || !m_edit->hasFocus()) return m_popup->hide();
    // Over the box, which may be anywhere in its window.
    if (m_popup->parentWidget() != window()) m_popup->setParent(window());
    if (QLayout* layout = window()->layout()) layout->activate();  // the box may just have grown by a line
    m_popup->open(*typed, mapTo(window(), QPoint(m_themes->theme().px(15), -m_themes->theme().space(1.5))));
}

void Composer::usePrompt(const PromptEntry& prompt) {
    if (prompt.system) {
        m_edit->replaceCommand({});
        return emit systemPromptChosen(prompt);
    }
    m_edit->replaceCommand(withKnownPlaceholders(prompt.text, QGuiApplication::clipboard()->text(),
                                                 QLocale().toString(QDate::currentDate(), QLocale::LongFormat)));
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
    const QList<PillButton*> before = m_chip_row->chips();
    auto* chip = new PillButton(id, text, m_chip_row);
    chip->setTheme(m_themes->theme());
    m_chip_row->add(chip);
    setTabOrder(before.isEmpty() ? static_cast<QWidget*>(m_edit) : before.constLast(), chip);
    setTabOrder(chip, m_chip_row->menuButton());
    setTabOrder(m_chip_row->menuButton(), m_button);
}

void Composer::setChipText(const QString& id, const QString& text) {
    PillButton* chip = findChip(id);
    if (chip == nullptr) return;
    chip->setCaption(text);
    m_chip_row->fit();
}

void Composer::setChipWanted(const QString& id, bool wanted) {
    if (PillButton* chip = findChip(id)) m_chip_row->setWanted(chip, wanted);
}

QWidget* Composer::chip(const QString& id) const {
    PillButton* chip = findChip(id);
    return chip ? m_chip_row->placeOf(chip) : nullptr;
}

PillButton* Composer::findChip(const QString& id) const {
    for (PillButton* chip : m_chip_row->chips()) {
        if (chip->id() == id) return chip;
    }
    return nullptr;
}

void Composer::setTokenCount(int tokens, int room) {
    m_tokens = tokens;
    m_room = room;
    updateCount();
}

void Composer::setEditing(const QString& what) {
    m_editing = what;
    m_strip->setVisible(!what.isEmpty());
    m_edit->setCancellable(!what.isEmpty());
    updateTexts();
    update();
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
    return !m_answering && m_reason.isEmpty() && !isBlank();
}

void Composer::send() {
    if (canSend()) {
        const QString question = text();
        m_edit->clearUndoably();
        m_files->setAttachments({});
        emit sent(question);
        return;
    }
    if (isBlank()) return;
    const QString why = m_answering ? tr("An answer is being written. Stop it first (Esc).") : m_reason;
    QToolTip::showText(m_edit->viewport()->mapToGlobal(m_edit->cursorRect().bottomLeft()), plainToolTip(why), m_edit);
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
    m_chip_row->setTheme(theme);
    m_files->setTheme(theme);
    m_popup->setTheme(theme);
    m_strip_text->setFont(theme.sans(Theme::kSmall, QFont::Medium));
    m_cancel->setFont(theme.sans(Theme::kSmall, QFont::DemiBold));
    m_strip->layout()->setContentsMargins(theme.space(3), theme.space(1), theme.space(2), theme.space(1));
    QColor ground = theme.amber;
    ground.setAlphaF(theme.dark ? 0.16f : 0.18f);
    m_strip->setStyleSheet(
        QStringLiteral("#composer_strip { background: rgba(%1, %2, %3, %4); border-left: 3px solid %5; border-radius: "
                       "%6px; } QLabel { color: %7; background: transparent; } QPushButton { color: %8; border: none; "
                       "background: transparent; padding: 2px 6px; border-radius: 4px; } "
                       "QPushButton:hover, QPushButton:focus { background: %9; }")
            .arg(ground.red())
            .arg(ground.green())
            .arg(ground.blue())
            .arg(ground.alpha())
            .arg(theme.amber.name())
            .arg(theme.px(4))
            .arg(theme.text.name(), theme.amber_text.name(), theme.hover.name()));
    m_count->setFont(theme.sans(Theme::kSmall));
    m_column->setContentsMargins(theme.px(15), theme.px(14), theme.px(14), theme.space(3));
    m_column->setSpacing(theme.space(3));
    m_row->setSpacing(theme.space(3));
    updateCount();
    update();
}

void Composer::updateTexts() {
    m_edit->setPlaceholderText(m_reason.isEmpty() ? tr("Ask something…") : m_reason);
    m_edit->viewport()->update();  // newer Qt shows another one only when one comes or goes
    m_edit->setAccessibleName(tr("Question"));
    m_edit->setAccessibleDescription(m_reason.isEmpty() ? tr("Enter sends, Shift+Enter starts a new line") : m_reason);
    m_button->retranslate();
    m_chip_row->setCaptions(tr("More ▾"), tr("Settings ▾"));
    m_strip_text->setText(tr("%1 · Esc cancels").arg(m_editing));
    m_strip_text->setToolTip(tr("Sending creates a new branch. The original is kept."));
    m_cancel->setText(tr("Cancel edit"));
    m_cancel->setAccessibleName(tr("Cancel edit"));
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
    m_button->setToolTip(plainToolTip(tip));
}

void Composer::updateCount() {
    const Theme& theme = m_themes->theme();
    const bool over = m_room >= 0 && m_tokens > m_room;
    const QLocale locale;
    QString words = m_tokens < 0 ? QString() : tr("%Ln token(s)", nullptr, m_tokens);
    if (over) words = tr("%1 tokens, but only %2 fit").arg(locale.toString(m_tokens), locale.toString(m_room));
    m_count->setText(words);
    m_count->setToolTip(
        over ? tr("This message is too long for the rest of the context. Shorten it, or start a new chat.")
             : QString());
    QPalette colours = m_count->palette();
    colours.setColor(QPalette::WindowText, over ? theme.amber_text : theme.faint);
    m_count->setPalette(colours);
    // Where there is little room the button and the pills need it.
    m_count->setVisible(m_tokens >= 0 && width() >= theme.px(330));
}

QSize Composer::minimumSizeHint() const {
    return {m_themes->theme().px(230), QWidget::minimumSizeHint().height()};
}

void Composer::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    if (m_popup->isVisible()) offerPrompts();  // it stands on the box
    updateCount();
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
