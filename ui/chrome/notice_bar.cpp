#include "ui/chrome/notice_bar.h"

#include <QAccessible>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>

#include "ui/theme.h"

namespace moescope {

NoticeBar::NoticeBar(ThemeStore* themes, QWidget* parent)
    : QWidget(parent), m_themes(themes), m_text(new QLabel), m_action(new QPushButton), m_close(new QPushButton) {
    auto* row = new QHBoxLayout(this);
    row->addWidget(m_text, 1);
    row->addWidget(m_action);
    row->addWidget(m_close);
    m_text->setWordWrap(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_text->setAccessibleName(tr("Notice"));
    m_action->setAccessibleName(tr("What can be done"));
    m_close->setText(QStringLiteral("×"));
    m_close->setAccessibleName(tr("Close the notice"));
    m_close->setToolTip(tr("Close"));
    for (QPushButton* button : {m_action, m_close}) {
        button->setFlat(true);
        button->setCursor(Qt::PointingHandCursor);
    }
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &NoticeBar::clear);
    connect(m_close, &QPushButton::clicked, this, &NoticeBar::clear);
    connect(m_action, &QPushButton::clicked, this, [this] {
        const auto run = m_do;
        clear();
        if (run) run();
    });
    connect(m_themes, &ThemeStore::changed, this, &NoticeBar::applyTheme);
    applyTheme();
    hide();
}

void NoticeBar::applyTheme() {
    const Theme& t = m_themes->theme();
    layout()->setContentsMargins(t.space(4), t.space(2), t.space(2), t.space(2));
    m_text->setFont(t.sans(Theme::kBody));
    m_action->setFont(t.sans(Theme::kBody, QFont::DemiBold));
    m_close->setFont(t.sans(Theme::kTitle));
    setStyleSheet(
        QStringLiteral(
            "QLabel { color: %1; } QPushButton { color: %2; border: none; padding: 2px 8px; "
            "border-radius: 4px; background: transparent; } QPushButton:hover, QPushButton:focus { background: %3; }")
            .arg(t.text.name(), t.amber_text.name(), t.hover.name()));
    update();
}

void NoticeBar::say(const QString& sentence, int seconds, const QString& label, std::function<void()> action) {
    m_text->setText(sentence);
    m_do = std::move(action);
    m_action->setText(label);
    m_action->setAccessibleName(label);
    m_action->setVisible(!label.isEmpty());
    m_timer.stop();
    if (seconds > 0) m_timer.start(seconds * 1000);
    show();
    QAccessibleEvent alert(this, QAccessible::Alert);
    QAccessible::updateAccessibility(&alert);
}

void NoticeBar::clear() {
    m_do = nullptr;
    m_timer.stop();
    hide();
}

QString NoticeBar::sentence() const {
    return isHidden() ? QString() : m_text->text();
}

void NoticeBar::paintEvent(QPaintEvent*) {
    const Theme& t = m_themes->theme();
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    p.setPen(t.line);
    p.setBrush(t.panel);
    p.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), Theme::kRadius, Theme::kRadius);
    p.setPen(Qt::NoPen);
    p.setBrush(t.amber);
    p.drawRoundedRect(QRectF(t.px(6), t.space(2), t.px(3), height() - 2 * t.space(2)), 1.5, 1.5);
}

}  // namespace moescope
