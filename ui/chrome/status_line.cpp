#include "ui/chrome/status_line.h"

#include <QFontMetrics>
#include <QPainter>

#include "ui/theme.h"

namespace moescope {

StatusLine::StatusLine(ThemeStore* themes, QWidget* parent) : QWidget(parent), m_themes(themes) {
    setAccessibleName(tr("Status"));
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    connect(m_themes, &ThemeStore::changed, this, [this] {
        updateGeometry();
        update();
    });
}

void StatusLine::changed() {
    setAccessibleDescription(text());
    update();
}
void StatusLine::setBackend(Light light, const QString& text) {
    m_light = light;
    m_backend = text;
    changed();
}
void StatusLine::setExperts(const QString& text) {
    m_experts = text;
    changed();
}
void StatusLine::setSpeed(const QString& text) {
    m_speed = text;
    changed();
}
void StatusLine::setRenderer(const QString& text) {
    m_renderer = text;
    changed();
}
void StatusLine::setSaved(const QString& text) {
    m_saved = text;
    changed();
}

QString StatusLine::text() const {
    QStringList parts;
    for (const QString& part : {m_backend, m_experts, m_speed, m_saved}) {
        if (!part.isEmpty()) parts << part;
    }
    return parts.join(QStringLiteral(" · "));
}

QSize StatusLine::sizeHint() const {
    return {400, m_themes->theme().px(28)};
}

void StatusLine::paintEvent(QPaintEvent*) {
    const Theme& t = m_themes->theme();
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    p.fillRect(rect(), t.side);
    p.fillRect(0, 0, width(), 1, t.line);
    p.setFont(t.sans(Theme::kTiny + 0.5));
    const QFontMetrics metrics(p.font());
    double x = t.space(3.5);
    p.setPen(Qt::NoPen);
    p.setBrush(m_light == Light::kReady ? t.ok : m_light == Light::kWorking ? t.amber : t.faint);
    p.drawEllipse(QPointF(x + t.px(3), height() / 2.0), t.px(3), t.px(3));
    x += t.px(12);
    p.setPen(t.dim);
    double right = width() - t.space(3.5);
    for (const QString& part : {m_saved, m_speed}) {
        if (part.isEmpty()) continue;
        right -= metrics.horizontalAdvance(part);
        p.drawText(QRectF(right, 0, width() - right, height()), Qt::AlignVCenter | Qt::AlignLeft, part);
        right -= t.space(5);
    }
    for (const QString& part : {m_backend, m_experts}) {
        if (part.isEmpty() || right - x < t.px(40)) continue;
        const QString fitting = metrics.elidedText(part, Qt::ElideRight, static_cast<int>(right - x));
        p.drawText(QRectF(x, 0, right - x, height()), Qt::AlignVCenter | Qt::AlignLeft, fitting);
        x += metrics.horizontalAdvance(fitting) + t.space(5);
    }
}

}  // namespace moescope
