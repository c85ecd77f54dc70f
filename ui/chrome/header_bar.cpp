#include "ui/chrome/header_bar.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPainter>
#include <QToolButton>
#include <algorithm>

#include "ui/chrome/context_ring.h"
#include "ui/icons.h"
#include "ui/theme.h"
#include "ui/widgets/plain_text.h"

namespace moescope {

HeaderBar::HeaderBar(ThemeStore* themes, QWidget* parent)
    : QWidget(parent),
      m_themes(themes),
      m_sidebar(new QToolButton),
      m_label(new QLabel),
      m_edit(new QLineEdit),
      m_model(new QToolButton),
      m_ring(new ContextRing(themes)),
      m_inspector(new QToolButton),
      m_menu(new QToolButton) {
    auto* row = new QHBoxLayout(this);
    row->addWidget(m_sidebar);
    row->addWidget(m_label, 1);
    row->addWidget(m_edit, 1);
    row->addWidget(m_model);
    row->addWidget(m_ring);
    row->addWidget(m_inspector);
    row->addWidget(m_menu);
    m_sidebar->setAccessibleName(tr("Show the chat list"));
    m_sidebar->setToolTip(tr("Show the chat list (Ctrl+B)"));
    m_inspector->setAccessibleName(tr("Show the routing inspector"));
    m_inspector->setToolTip(tr("Show the routing inspector (Ctrl+I)"));
    for (QToolButton* button : {m_sidebar, m_inspector}) {
        button->setFocusPolicy(Qt::TabFocus);
        button->hide();
    }
    connect(m_sidebar, &QToolButton::clicked, this, &HeaderBar::sidebarWanted);
    connect(m_inspector, &QToolButton::clicked, this, &HeaderBar::inspectorWanted);
    m_edit->hide();
    m_edit->setAccessibleName(tr("Title of the chat"));
    m_edit->installEventFilter(this);
    m_label->setAccessibleName(tr("Title"));
    m_label->installEventFilter(this);
    m_label->setTextFormat(Qt::PlainText);
    m_label->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
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
    for (const auto& [button, icon] : {std::pair{m_menu, "menu"}, {m_sidebar, "sidebar"}, {m_inspector, "inspector"}}) {
        button->setIconSize({t.px(16), t.px(16)});
        button->setIcon(lineIcon(QLatin1String(icon), t.dim, t.px(16)));
    }
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
    fit();
    update();
}

void HeaderBar::setTitle(const QString& title, bool can_rename) {
    m_title = title;
    m_can_rename = can_rename;
    m_label->setCursor(can_rename ? Qt::IBeamCursor : Qt::ArrowCursor);
    m_label->setToolTip(can_rename ? tr("Click to change the title") : QString());
    m_label->setAccessibleDescription(oneLine(title));
    if (m_edit->isVisible()) endRename(false);
    fit();
}

void HeaderBar::setModel(const QString& name, const QString& detail, double loading, const QString& tip) {
    m_loading = loading;
    if (loading >= 0) {
        m_model_text = tr("Loading %1 %").arg(static_cast<int>(loading * 100));
    } else if (name.isEmpty()) {
        m_model_text = tr("Choose a model");
    } else {
        m_model_text = oneLine(detail.isEmpty() ? name : name + QStringLiteral(" · ") + detail);
    }
    m_model->setAccessibleDescription(m_model_text);
    m_model->setToolTip(plainToolTip(tip.isEmpty() ? m_model_text : tip));
    update();  // the bar of progress
    fit();
}

void HeaderBar::offerSidebar(bool offered) {
    m_sidebar->setVisible(offered);
    fit();
}
void HeaderBar::offerInspector(bool offered) {
    m_inspector->setVisible(offered);
    fit();
}

void HeaderBar::setContext(int used, int total) {
    m_ring->setUse(used, total);
    fit();
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
        fit();
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

void HeaderBar::fit() {
    const Theme& t = m_themes->theme();
    const int least_title = t.px(90), gap = layout()->spacing();
    // What is there besides the title, the model and the ring's figures.
    int room = width() - layout()->contentsMargins().left() - layout()->contentsMargins().right();
    for (const QToolButton* button : {m_sidebar, m_inspector, m_menu}) {
        if (!button->isHidden()) room -= button->sizeHint().width() + gap;
    }
    const QFontMetrics small(m_model->font());
    const int frame = 2 * t.px(11) + t.px(4);
    const QString caret = QStringLiteral(" ▾");
    const auto wanted = [&](const QString& text) { return small.horizontalAdvance(text + caret) + frame; };
    m_ring->setCompact(false);
    if (room - least_title - 2 * gap - wanted(m_model_text) < m_ring->sizeHint().width()) m_ring->setCompact(true);
    const int most = std::max(t.px(70), room - least_title - 2 * gap - m_ring->sizeHint().width());
    const int model = std::min(wanted(m_model_text), most);
    const QString shown =
        small.elidedText(m_model_text, Qt::ElideRight, model - frame - small.horizontalAdvance(caret));
    m_model->setText(plainCaption(shown) + caret);
    m_model->setFixedWidth(model);
    const int title = room - model - m_ring->sizeHint().width() - 2 * gap;
    m_label->setMinimumWidth(0);
    m_label->setText(QFontMetrics(m_label->font()).elidedText(oneLine(m_title), Qt::ElideRight, std::max(0, title)));
}

QSize HeaderBar::minimumSizeHint() const {
    return {m_themes->theme().px(260), height()};
}

void HeaderBar::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    fit();
}

void HeaderBar::paintEvent(QPaintEvent*) {
    const Theme& t = m_themes->theme();
    QPainter p(this);
    p.fillRect(rect(), t.background);
    p.fillRect(0, height() - 1, width(), 1, t.line);
    if (m_loading < 0) return;
    const int bar = t.px(3);
    p.fillRect(0, height() - bar, width(), bar, t.hover);
    p.fillRect(0, height() - bar, std::max(t.px(24), static_cast<int>(width() * m_loading)), bar, t.amber);
}

}  // namespace moescope
