#include "ui/chrome/trash_bar.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>

#include "ui/theme.h"
#include "ui/widgets/controls.h"

namespace moescope {

TrashBar::TrashBar(ThemeStore* themes, QWidget* parent)
    : QWidget(parent),
      m_themes(themes),
      m_text(new QLabel(tr("In the trash"))),
      m_restore(new FormButton(FormButton::Kind::kPrimary, tr("Restore"))),
      m_purge(new FormButton(FormButton::Kind::kDanger, tr("Delete permanently…"))) {
    setAccessibleName(tr("This chat is in the trash"));
    auto* row = new QHBoxLayout(this);
    row->addWidget(m_text, 1);
    row->addWidget(m_restore);
    row->addWidget(m_purge);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_restore->setObjectName(QStringLiteral("trash_restore"));
    m_purge->setObjectName(QStringLiteral("trash_purge"));
    connect(m_restore, &QPushButton::clicked, this, &TrashBar::restoreWanted);
    connect(m_purge, &QPushButton::clicked, this, &TrashBar::purgeWanted);
    connect(m_themes, &ThemeStore::changed, this, &TrashBar::applyTheme);
    applyTheme();
    hide();
}

void TrashBar::applyTheme() {
    const Theme& t = m_themes->theme();
    layout()->setContentsMargins(t.space(4), t.space(2.5), t.space(3), t.space(2.5));
    layout()->setSpacing(t.space(2));
    m_text->setFont(t.sans(Theme::kBody, QFont::Medium));
    m_text->setStyleSheet(QStringLiteral("color: %1;").arg(t.text.name()));
    m_restore->setTheme(t);
    m_purge->setTheme(t);
    update();
}

QSize TrashBar::minimumSizeHint() const {
    return {m_themes->theme().px(230), QWidget::minimumSizeHint().height()};
}

void TrashBar::paintEvent(QPaintEvent*) {
    const Theme& t = m_themes->theme();
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    p.setPen(t.line);
    p.setBrush(t.panel);
    const double radius = t.px(Theme::kRadiusLarge);
    p.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);
}

}  // namespace moescope
