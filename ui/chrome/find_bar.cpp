#include "ui/chrome/find_bar.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QToolButton>

#include "ui/theme.h"

namespace moescope {

FindBar::FindBar(ThemeStore* themes, QWidget* parent)
    : QWidget(parent),
      m_themes(themes),
      m_edit(new QLineEdit),
      m_place(new QLabel),
      m_previous(new QToolButton),
      m_next(new QToolButton),
      m_close(new QToolButton) {
    auto* row = new QHBoxLayout(this);
    row->addWidget(m_edit, 1);
    row->addWidget(m_place);
    for (QToolButton* button : {m_previous, m_next, m_close}) {
        row->addWidget(button);
        button->setFocusPolicy(Qt::TabFocus);
        button->setAutoRaise(true);
    }
    m_edit->setObjectName(QStringLiteral("find_text"));
    m_edit->setPlaceholderText(tr("Find in this chat"));
    m_edit->setAccessibleName(tr("Find in this chat"));
    m_edit->installEventFilter(this);
    m_place->setObjectName(QStringLiteral("find_place"));
    m_place->setTextFormat(Qt::PlainText);
    m_place->setAccessibleName(tr("Matches"));
    m_previous->setText(QStringLiteral("↑"));
    m_previous->setAccessibleName(tr("Previous match"));
    m_previous->setToolTip(tr("Previous match (Shift+Enter)"));
    m_next->setText(QStringLiteral("↓"));
    m_next->setAccessibleName(tr("Next match"));
    m_next->setToolTip(tr("Next match (Enter)"));
    m_close->setText(QStringLiteral("×"));
    m_close->setAccessibleName(tr("Close the search"));
    m_close->setToolTip(tr("Close (Esc)"));
    connect(m_edit, &QLineEdit::textChanged, this, &FindBar::changed);
    connect(m_previous, &QToolButton::clicked, this, [this] { emit stepped(-1); });
    connect(m_next, &QToolButton::clicked, this, [this] { emit stepped(1); });
    connect(m_close, &QToolButton::clicked, this, &FindBar::close);
    connect(m_themes, &ThemeStore::changed, this, &FindBar::applyTheme);
    applyTheme();
    hide();
}

void FindBar::applyTheme() {
    const Theme& t = m_themes->theme();
    layout()->setContentsMargins(t.space(6), t.space(1.5), t.space(4), t.space(1.5));
    layout()->setSpacing(t.space(1.5));
    m_edit->setFont(t.sans(Theme::kBody));
    m_place->setFont(t.sans(Theme::kSmall));
    setStyleSheet(QStringLiteral("QLineEdit { color: %1; background: %2; border: 1px solid %3; border-radius: 6px; "
                                 "padding: %6px %7px; } QLineEdit:focus { border-color: %4; } QLabel { color: %5; } "
                                 "QToolButton { color: %5; border: none; border-radius: 4px; padding: 3px 7px; } "
                                 "QToolButton:hover, QToolButton:focus { background: %2; color: %1; }")
                      .arg(t.text.name(), t.hover.name(), t.line.name(), t.focus.name(), t.dim.name())
                      .arg(t.px(4))
                      .arg(t.px(8)));
    update();
}

void FindBar::open() {
    show();
    m_edit->setFocus();
    m_edit->selectAll();
    if (!m_edit->text().isEmpty()) emit changed(m_edit->text());
}

void FindBar::close() {
    hide();
    emit closed();
}

QString FindBar::text() const {
    return m_edit->text();
}

void FindBar::setPlace(int at, int count) {
    m_place->setText(m_edit->text().isEmpty() ? QString()
                     : count == 0             ? tr("No matches")
                                              : tr("%1 of %2").arg(at).arg(count));
    m_previous->setEnabled(count > 0);
    m_next->setEnabled(count > 0);
}

QSize FindBar::minimumSizeHint() const {
    return {m_themes->theme().px(200), QWidget::minimumSizeHint().height()};
}

bool FindBar::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_edit && (event->type() == QEvent::KeyPress || event->type() == QEvent::ShortcutOverride)) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool enter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
        if (!enter && key->key() != Qt::Key_Escape && key->key() != Qt::Key_F3)
            return QWidget::eventFilter(watched, event);
        event->accept();
        if (event->type() == QEvent::ShortcutOverride) return true;
        if (key->key() == Qt::Key_Escape) {
            close();
        } else {
            emit stepped(key->modifiers() & Qt::ShiftModifier ? -1 : 1);
        }
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

void FindBar::paintEvent(QPaintEvent*) {
    const Theme& t = m_themes->theme();
    QPainter p(this);
    p.fillRect(rect(), t.panel);
    p.fillRect(0, height() - 1, width(), 1, t.line);
}

}  // namespace moescope
