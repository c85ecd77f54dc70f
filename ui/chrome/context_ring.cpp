#include "ui/chrome/context_ring.h"

#include <QFontMetrics>
#include <QLocale>
#include <QPainter>
#include <algorithm>

#include "ui/theme.h"
#include "ui/widgets/plain_text.h"

namespace moescope {

ContextRing::ContextRing(ThemeStore* themes, QWidget* parent) : QWidget(parent), m_themes(themes) {
    setAccessibleName(tr("Context"));
    connect(m_themes, &ThemeStore::changed, this, [this] {
        updateGeometry();
        update();
    });
}

void ContextRing::setUse(int used, int total) {
    if (used == m_used && total == m_total) return;
    m_used = used;
    m_total = total;
    setAccessibleDescription(total > 0 ? tr("%1 of %2 tokens in use").arg(used).arg(total) : QString());
    setToolTip(plainToolTip(accessibleDescription()));
    updateGeometry();
    update();
}

void ContextRing::setCompact(bool compact) {
    if (compact == m_compact) return;
    m_compact = compact;
    updateGeometry();
    update();
}

QString ContextRing::label() const {
    const QLocale locale;
    return QStringLiteral("%1 / %2").arg(locale.toString(m_used), locale.toString(m_total));
}

QSize ContextRing::sizeHint() const {
    const Theme& t = m_themes->theme();
    if (m_total <= 0) return {0, t.px(24)};
    if (m_compact) return {t.px(18), t.px(24)};
    return {t.px(18) + t.space(2) + QFontMetrics(t.sans(Theme::kSmall)).horizontalAdvance(label()) + t.px(2), t.px(24)};
}

void ContextRing::paintEvent(QPaintEvent*) {
    if (m_total <= 0) return;
    const Theme& t = m_themes->theme();
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    const double size = t.px(15), stroke = t.px(3);
    const QRectF ring(stroke / 2, (height() - size) / 2, size, size);
    const double share = std::clamp(static_cast<double>(m_used) / m_total, 0.0, 1.0);
    p.setPen(QPen(t.line, stroke));
    p.drawEllipse(ring);
    p.setPen(QPen(share > 0.9 ? t.danger : t.amber, stroke, Qt::SolidLine, Qt::FlatCap));
    p.drawArc(ring, 90 * 16, -static_cast<int>(share * 360 * 16));
    if (m_compact) return;
    p.setPen(t.dim);
    p.setFont(t.sans(Theme::kSmall));
    p.drawText(rect().adjusted(t.px(18) + t.space(2), 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, label());
}

}  // namespace moescope
