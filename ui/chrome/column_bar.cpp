#include "ui/chrome/column_bar.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QToolButton>
#include <algorithm>

#include "ui/theme.h"
#include "ui/widgets/plain_text.h"

namespace moescope {

ColumnBar::ColumnBar(ThemeStore* themes, QWidget* parent)
    : QWidget(parent),
      m_themes(themes),
      m_title_button(new QToolButton),
      m_figures(new QLabel),
      m_stop(new QToolButton),
      m_keep(new QToolButton) {
    auto* row = new QHBoxLayout(this);
    row->addWidget(m_title_button);
    row->addStretch(1);
    row->addWidget(m_figures);
    row->addWidget(m_keep);
    row->addWidget(m_stop);
    m_title_button->setPopupMode(QToolButton::InstantPopup);
    m_figures->setTextFormat(Qt::PlainText);
    m_stop->setText(tr("Stop"));
    m_stop->setAccessibleName(tr("Stop this answer"));
    m_stop->setToolTip(tr("Stop this answer and leave the others (Esc stops all)"));
    m_keep->setText(tr("Use this answer"));
    m_keep->setToolTip(tr("The chat shows this answer, and the next question follows it"));
    m_stop->setObjectName(QStringLiteral("column_stop"));
    m_keep->setObjectName(QStringLiteral("column_keep"));
    for (QToolButton* button : {m_title_button, m_stop, m_keep}) button->setFocusPolicy(Qt::StrongFocus);
    setFocusProxy(m_title_button);
    m_stop->hide();
    m_keep->hide();
    connect(m_stop, &QToolButton::clicked, this, &ColumnBar::stopWanted);
    connect(m_keep, &QToolButton::clicked, this, &ColumnBar::keepWanted);
    connect(m_themes, &ThemeStore::changed, this, &ColumnBar::applyTheme);
    applyTheme();
}

void ColumnBar::applyTheme() {
    const Theme& t = m_themes->theme();
    layout()->setContentsMargins(t.space(4), 0, t.space(4), 0);
    layout()->setSpacing(t.space(2));
    setFixedHeight(t.px(40));
    for (QWidget* part : std::initializer_list<QWidget*>{m_title_button, m_figures, m_stop, m_keep})
        part->setFont(t.sans(Theme::kSmall));
    setStyleSheet(QStringLiteral("QLabel { color: %2; }"
                                 "QToolButton { color: %1; background: transparent; border: 1px solid %3; "
                                 "border-radius: %5px; padding: %6px %7px; } QToolButton:hover { background: %4; } "
                                 "QToolButton:focus { border-color: %8; } QToolButton::menu-indicator { image: none; }")
                      .arg(t.text.name(), t.dim.name(), t.line.name(), t.hover.name())
                      .arg(t.px(11))
                      .arg(t.px(3))
                      .arg(t.px(9))
                      .arg(t.focus.name()));
    fit();
    update();
}

void ColumnBar::setName(const QString& name) {
    setAccessibleName(name);
    m_title_button->setAccessibleName(name);
}

void ColumnBar::setTitle(const QString& title, const QString& tip) {
    m_title = title;
    m_title_button->setToolTip(plainToolTip(tip));
    m_title_button->setAccessibleDescription(oneLine(title));
    fit();
}

void ColumnBar::setMenu(QMenu* menu) {
    m_title_button->setMenu(menu);
}

void ColumnBar::openMenu() {
    m_title_button->showMenu();
}

void ColumnBar::setFigures(const QString& text) {
    if (text == m_figures->text()) return;
    m_figures->setText(text);
    fit();
}

void ColumnBar::setAnswering(bool answering) {
    const bool had_focus = m_stop->hasFocus();
    m_stop->setVisible(answering);
    if (had_focus && !answering) m_title_button->setFocus();
    fit();
}

void ColumnBar::offerKeep(bool offered) {
    const bool had_focus = m_keep->hasFocus();
    m_keep->setVisible(offered);
    if (had_focus && !offered) m_title_button->setFocus();
    fit();
}

void ColumnBar::fit() {
    const Theme& t = m_themes->theme();
    const QMargins margins = layout()->contentsMargins();
    int room = width() - margins.left() - margins.right() - layout()->spacing();
    for (const QWidget* part : std::initializer_list<const QWidget*>{m_figures, m_stop, m_keep}) {
        if (!part->isHidden()) room -= part->sizeHint().width() + layout()->spacing();
    }
    const QFontMetrics small(m_title_button->font());
    const QString caret = QStringLiteral(" ▾");
    const int frame = 2 * t.px(9) + t.px(4);
    const QString shown = small.elidedText(oneLine(m_title), Qt::ElideRight,
                                           std::max(t.px(24), room - frame - small.horizontalAdvance(caret)));
    m_title_button->setText(plainCaption(shown) + caret);
}

QSize ColumnBar::minimumSizeHint() const {
    return {m_themes->theme().px(200), height()};
}

void ColumnBar::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    fit();
}

void ColumnBar::paintEvent(QPaintEvent*) {
    const Theme& t = m_themes->theme();
    QPainter p(this);
    p.fillRect(rect(), t.background);
    p.fillRect(0, height() - 1, width(), 1, t.line);
}

}  // namespace moescope
