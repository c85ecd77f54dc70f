#include "ui/chrome/header_bar.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPainter>
#include <QToolButton>

#include "ui/chrome/context_ring.h"
#include "ui/icons.h"
#include "ui/theme.h"

namespace moescope {

HeaderBar::HeaderBar(ThemeStore* themes, QWidget* parent)
    : QWidget(parent),
      m_themes(themes),
      m_label(new QLabel),
      m_edit(new QLineEdit),
      m_model(new QToolButton),
      m_ring(new ContextRing(themes)),
      m_menu(new QToolButton) {
    auto* row = new QHBoxLayout(this);
    row->addWidget(m_label, 1);
    row->addWidget(m_edit, 1);
    row->addWidget(m_model);
    row->addWidget(m_ring);
    row->addWidget(m_menu);
    m_edit->hide();
    m_edit->setAccessibleName(tr("Title of the chat"));
    m_edit->installEventFilter(this);
    m_label->setAccessibleName(tr("Title"));
    m_label->installEventFilter(this);
    m_label->setTextFormat(Qt::PlainText);
    m_model->setPopupMode(QToolButton::InstantPopup);
    m_model->setAccessibleName(tr("Model"));
    m_model->setFocusPolicy(Qt::TabFocus);
    m_menu->setPopupMode(QToolButton::InstantPopup);
    m_menu->setAccessibleName(tr("Menu"));
    m_menu->setToolTip(tr("Menu (F10)"));
    m_menu->setFocusPolicy(Qt::TabFocus);
    connect(m_edit, &QLineEdit::returnPressed, this, [this] { endRename(true); });
    connect(m_themes, &ThemeStore::changed, this, &HeaderBar::applyTheme);
    applyTheme();
    setModel({});
}

void HeaderBar::applyTheme() {
    const Theme& t = m_themes->theme();
    layout()->setContentsMargins(t.space(6), 0, t.space(4), 0);
    layout()->setSpacing(t.space(3));
    setFixedHeight(t.px(52));
    m_label->setFont(t.sans(Theme::kTitle, QFont::DemiBold));
    m_edit->setFont(t.sans(Theme::kTitle, QFont::DemiBold));
    m_model->setFont(t.sans(Theme::kSmall));
    m_menu->setIconSize({t.px(16), t.px(16)});
    m_menu->setIcon(lineIcon(QStringLiteral("menu"), t.dim, t.px(16)));
    setStyleSheet(
        QStringLiteral(
            "QLabel { color: %1; }"
            "QLineEdit { color: %1; background: %5; border: 1px solid %3; border-radius: 6px; padding: 2px 6px; }"
            "QToolButton { color: %2; background: %5; border: 1px solid %3; border-radius: %6px; padding: %7px "
            "%8px; } QToolButton:hover { color: %1; background: %4; } QToolButton:focus { border-color: %9; }"
            "QToolButton::menu-indicator { image: none; }")
            .arg(t.text.name(), t.dim.name(), t.line.name(), t.hover.name(), t.background.name())
            .arg(t.px(13))
            .arg(t.px(4))
            .arg(t.px(11))
            .arg(t.focus.name()));
    elide();
    update();
}

void HeaderBar::setTitle(const QString& title, bool can_rename) {
    m_title = title;
    m_can_rename = can_rename;
    m_label->setCursor(can_rename ? Qt::IBeamCursor : Qt::ArrowCursor);
    m_label->setToolTip(can_rename ? tr("Click to change the title") : QString());
    m_label->setAccessibleDescription(title);
    if (m_edit->isVisible()) endRename(false);
    elide();
}

void HeaderBar::setModel(const QString& name, double loading) {
    m_loading = loading;
    if (loading >= 0) {
        m_model->setText(tr("Loading %1 %").arg(static_cast<int>(loading * 100)));
    } else {
        m_model->setText(name.isEmpty() ? tr("Choose a model") : name);
    }
    m_model->setAccessibleDescription(m_model->text());
    update();  // the bar of progress
    elide();
}

void HeaderBar::setContext(int used, int total) {
    m_ring->setUse(used, total);
}
void HeaderBar::setModelMenu(QMenu* menu) {
    m_model->setMenu(menu);
}
void HeaderBar::setMainMenu(QMenu* menu) {
    m_menu->setMenu(menu);
}

void HeaderBar::startRename() {
    if (!m_can_rename) return;
    m_edit->setText(m_title);
    m_label->hide();
    m_edit->show();
    m_edit->selectAll();
    m_edit->setFocus();
}

void HeaderBar::endRename(bool accept) {
    if (m_edit->isHidden()) return;
    m_edit->hide();
    m_label->show();
    const QString title = m_edit->text().simplified();
    if (accept && !title.isEmpty() && title != m_title) {
        m_title = title;
        elide();
        emit renamed(title);
    }
}

bool HeaderBar::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_label && event->type() == QEvent::MouseButtonRelease) startRename();
    if (watched == m_edit && event->type() == QEvent::FocusOut) endRename(true);
    if (watched == m_edit && event->type() == QEvent::KeyPress &&
        static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
        endRename(false);
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

void HeaderBar::elide() {
    layout()->activate();
    const QFontMetrics metrics(m_label->font());
    m_label->setMinimumWidth(m_themes->theme().px(60));
    m_label->setText(metrics.elidedText(m_title, Qt::ElideRight, std::max(m_label->width(), m_themes->theme().px(60))));
}

void HeaderBar::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    elide();
}

void HeaderBar::paintEvent(QPaintEvent*) {
    const Theme& t = m_themes->theme();
    QPainter p(this);
    p.fillRect(rect(), t.background);
    p.fillRect(0, height() - 1, width(), 1, t.line);
    if (m_loading >= 0) p.fillRect(0, height() - 2, static_cast<int>(width() * m_loading), 2, t.amber);
}

}  // namespace moescope
