#include "ui/composer/pill_button.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>

#include "ui/widgets/plain_text.h"

namespace moescope {

namespace {

QColor mix(const QColor& a, const QColor& b, double share) {
    const auto channel = [share](int x, int y) { return static_cast<int>(x + (y - x) * share); };
    return {channel(a.red(), b.red()), channel(a.green(), b.green()), channel(a.blue(), b.blue())};
}

/// A rectangle whose outline of `width` pixels lies inside of `rect`.
QRectF inside(const QRect& rect, double width) {
    return QRectF(rect).adjusted(width / 2, width / 2, -width / 2, -width / 2);
}

}  // namespace

PillButton::PillButton(const QString& id, const QString& text, QWidget* parent) : QPushButton(parent), m_id(id) {
    setCursor(Qt::PointingHandCursor);
    setAutoDefault(false);
    setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    setCaption(text);
}

void PillButton::setCaption(const QString& text) {
    setText(text);
    setAccessibleName(text);
}

void PillButton::setTheme(const Theme& theme) {
    m_theme = theme;
    setFont(theme.sans(Theme::kSmall));
    updateGeometry();
    update();
}

int PillButton::padding() const {
    return m_theme.px(11);
}

QSize PillButton::sizeHint() const {
    return {fontMetrics().horizontalAdvance(text()) + 2 * padding() + 1, m_theme.space(7)};
}

QSize PillButton::minimumSizeHint() const {
    const QSize hint = sizeHint();
    return {std::min(hint.width(), m_theme.space(16)), hint.height()};
}

bool PillButton::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip && toolTip().isEmpty()) {
        if (width() < sizeHint().width())
            QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(), plainToolTip(text()), this);
        return true;
    }
    return QPushButton::event(event);
}

void PillButton::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const bool active = isEnabled() && (underMouse() || isDown());
    const double pen = hasFocus() ? 1.5 : 1.0;
    const QRectF box = inside(rect(), pen);
    painter.setPen(
        QPen(hasFocus() ? m_theme.focus : (active ? mix(m_theme.line, m_theme.faint, 0.4) : m_theme.line), pen));
    painter.setBrush(isDown() ? m_theme.bubble : (active ? m_theme.hover : QColor(Qt::transparent)));
    painter.drawRoundedRect(box, box.height() / 2, box.height() / 2);
    painter.setPen(!isEnabled() ? m_theme.faint : (active ? m_theme.text : m_theme.dim));
    const QRect inner = rect().adjusted(padding(), 0, -padding(), 0);
    painter.drawText(inner, Qt::AlignCenter | Qt::TextSingleLine,
                     fontMetrics().elidedText(text(), Qt::ElideRight, inner.width() + 1));
}

SendButton::SendButton(QWidget* parent) : QPushButton(parent) {
    setAutoDefault(false);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    retranslate();
}

void SendButton::setTheme(const Theme& theme) {
    m_theme = theme;
    setFont(theme.sans(Theme::kBody, QFont::DemiBold));
    updateGeometry();
    update();
}

void SendButton::setStop(bool stop) {
    m_stop = stop;
    retranslate();
}

void SendButton::retranslate() {
    setText(m_stop ? tr("Stop") : tr("Send"));
    setAccessibleName(m_stop ? tr("Stop the answer") : tr("Send the question"));
    updateGeometry();
    update();
}

QSize SendButton::sizeHint() const {
    const int mark = m_theme.px(15);  // the square and its gap
    const int words =
        std::max(fontMetrics().horizontalAdvance(tr("Send")), fontMetrics().horizontalAdvance(tr("Stop")) + mark);
    return {words + m_theme.px(26), m_theme.space(7)};
}

void SendButton::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QColor area = isEnabled() ? m_theme.amber : m_theme.hover;
    if (isEnabled() && isDown()) {
        area = area.darker(112);
    } else if (isEnabled() && underMouse()) {
        area = mix(area, QColor(Qt::white), 0.12);
    }
    const QColor letters = isEnabled() ? m_theme.on_amber : m_theme.faint;
    painter.setPen(Qt::NoPen);
    painter.setBrush(area);
    const double radius = m_theme.px(Theme::kRadius);
    painter.drawRoundedRect(rect(), radius, radius);
    if (hasFocus()) {  // a ring of the letters' colour inside: seen on amber in both themes
        painter.setPen(QPen(letters, 1.5));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(QRectF(rect()).adjusted(2.5, 2.5, -2.5, -2.5), radius - 2, radius - 2);
    }
    QRect words = rect();
    if (m_stop) {
        const int side = m_theme.px(9), gap = m_theme.px(6);
        const int whole = side + gap + fontMetrics().horizontalAdvance(text());
        const int left = (width() - whole) / 2;
        painter.setPen(Qt::NoPen);
        painter.setBrush(letters);
        painter.drawRoundedRect(QRectF(left, (height() - side) / 2.0, side, side), m_theme.px(2), m_theme.px(2));
        words.setLeft(left + side + gap);
        painter.setPen(letters);
        painter.drawText(words, Qt::AlignLeft | Qt::AlignVCenter, text());
        return;
    }
    painter.setPen(letters);
    painter.drawText(words, Qt::AlignCenter, text());
}

}  // namespace moescope
