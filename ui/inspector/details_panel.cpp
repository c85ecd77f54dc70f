#include "ui/inspector/details_panel.h"

#include <QBoxLayout>
#include <QLabel>
#include <QToolButton>

#include "ui/inspector/charts/token_chart.h"
#include "ui/inspector/view_table.h"
#include "ui/widgets/form_style.h"
#include "ui/widgets/wrap_layout.h"

namespace moescope {

DetailsPanel::DetailsPanel(InspectorModel* model, ThemeStore* themes, QWidget* parent)
    : InspectorView(ViewKind::kDetails, tr("Details"), model, themes, parent),
      m_chart(new TokenChart(model, themes)),
      m_toggle(new QToolButton) {
    m_toggle->setObjectName(QStringLiteral("details_toggle"));
    m_toggle->setFocusPolicy(Qt::TabFocus);
    connect(m_toggle, &QToolButton::clicked, this, [this] { setCompact(!m_compact); });
    QLabel* name = makeLabel(tr("Selected token"), kRoleNote, this);
    name->setWordWrap(false);
    controls()->addWidget(name);
    controls()->addWidget(m_toggle);
    controls()->setAlignment(m_toggle, Qt::AlignRight);
    addChart(m_chart);
    // The view beside it says what the records lack.
    findChild<QLabel*>(QStringLiteral("missing"))->setMaximumHeight(0);
    column()->addStretch(1);
    m_compact = true;
    setCompact(false);
}

void DetailsPanel::setCompact(bool compact) {
    if (compact == m_compact) return;
    m_compact = compact;
    m_chart->setCompact(compact);
    m_toggle->setText(compact ? tr("All layers ▴") : tr("One layer ▾"));
    m_toggle->setAccessibleName(compact ? tr("Show all layers of the token") : tr("Show one layer of the token"));
    emit compactChanged(compact);
}

int DetailsPanel::compactHeight() const {
    const Theme& t = theme();
    return t.px(34) + static_cast<int>(m_chart->headingHeight(width())) + t.space(2) + t.space(5) + t.px(22) +
           t.space(1);
}

void DetailsPanel::applyTheme() {
    InspectorView::applyTheme();
    const Theme& t = theme();
    m_toggle->setFont(t.sans(Theme::kSmall));
    m_toggle->setStyleSheet(
        QStringLiteral("QToolButton { background: transparent; border: none; color: %1; padding: 2px "
                       "6px; border-radius: 4px; } QToolButton:hover, QToolButton:focus { color: "
                       "%2; background: %3; }")
            .arg(t.dim.name(), t.text.name(), t.hover.name()));
}

}  // namespace moescope
