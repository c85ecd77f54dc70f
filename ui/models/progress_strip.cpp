#include "ui/models/progress_strip.h"

#include <QPainter>
#include <algorithm>

namespace moescope {

ProgressStrip::ProgressStrip(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void ProgressStrip::setFraction(double fraction) {
    m_fraction = std::clamp(fraction, 0.0, 1.0);
    setAccessibleDescription(tr("%1 %").arg(static_cast<int>(m_fraction * 100)));
    update();
}

void ProgressStrip::setTheme(const Theme& theme) {
    m_theme = theme;
    updateGeometry();
    update();
}

QSize ProgressStrip::sizeHint() const {
    return {m_theme.px(200), m_theme.px(6)};
}

void ProgressStrip::paintEvent(QPaintEvent*) {
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    p.setPen(Qt::NoPen);
    const double radius = height() / 2.0;
    p.setBrush(m_theme.line);
    p.drawRoundedRect(QRectF(rect()), radius, radius);
    p.setBrush(m_theme.amber);
    if (m_fraction > 0)
        p.drawRoundedRect(QRectF(0, 0, std::max(2 * radius, width() * m_fraction), height()), radius, radius);
}

}  // namespace moescope
