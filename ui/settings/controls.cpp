#include "ui/settings/controls.h"

#include <QAbstractItemView>
#include <QPainter>
#include <QStyleOptionSlider>
#include <QStyledItemDelegate>
#include <QWheelEvent>
#include <algorithm>

namespace moescope {

namespace {

constexpr double kHeight = 32;  // of buttons and fields, with their frames

QRectF outline(const QRect& rect, double pen) {
    return QRectF(rect).adjusted(pen / 2, pen / 2, -pen / 2, -pen / 2);
}

/// The frame and area of a button or field.
void paintBox(QPainter& painter, const QRect& rect, const Theme& theme, const QColor& area, bool focus) {
    const double pen = focus ? 1.5 : 1;
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(focus ? theme.focus : theme.line, pen));
    painter.setBrush(area);
    painter.drawRoundedRect(outline(rect, pen), theme.px(Theme::kRadius), theme.px(Theme::kRadius));
}

bool ignoreWheel(const QWidget* widget, QWheelEvent* event) {
    if (widget->hasFocus()) return false;
    event->ignore();
    return true;
}

}  // namespace

FormButton::FormButton(Kind kind, const QString& text, QWidget* parent) : QPushButton(text, parent), m_kind(kind) {
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAutoDefault(false);
    setAccessibleName(text);
}

void FormButton::setKind(Kind kind) {
    m_kind = kind;
    update();
}

void FormButton::setTheme(const Theme& theme) {
    m_theme = theme;
    setFont(theme.sans(Theme::kBody, m_kind == Kind::kPrimary ? QFont::DemiBold : QFont::Medium));
    updateGeometry();
    update();
}

QSize FormButton::sizeHint() const {
    const int words = fontMetrics().horizontalAdvance(text()) + m_theme.px(28);
    return {std::max(words, m_theme.px(72)), m_theme.px(kHeight)};
}

void FormButton::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const bool active = isEnabled() && (underMouse() || isDown());
    QColor area = active ? m_theme.hover : m_theme.panel, letters = isEnabled() ? m_theme.text : m_theme.faint;
    if (m_kind == Kind::kDanger && isEnabled()) letters = m_theme.danger;
    if (m_kind == Kind::kPrimary && isEnabled()) {
        area = isDown() ? m_theme.amber.darker(112) : (active ? m_theme.amber.lighter(108) : m_theme.amber);
        letters = m_theme.on_amber;
    }
    if (m_kind == Kind::kPrimary && isEnabled() && !hasFocus()) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(area);
        painter.drawRoundedRect(rect(), m_theme.px(Theme::kRadius), m_theme.px(Theme::kRadius));
    } else {
        paintBox(painter, rect(), m_theme, area, hasFocus());
        if (m_kind == Kind::kPrimary && hasFocus()) {  // a gap, so that the ring is seen on amber
            painter.setPen(QPen(m_theme.background, 1.5));
            painter.setBrush(Qt::NoBrush);
            painter.drawRoundedRect(outline(rect().adjusted(2, 2, -2, -2), 1), m_theme.px(6), m_theme.px(6));
        }
    }
    painter.setPen(letters);
    painter.drawText(rect(), Qt::AlignCenter | Qt::TextShowMnemonic, text());
}

Choice::Choice(QWidget* parent) : QComboBox(parent) {
    view()->setAccessibleName(tr("Choices"));
    setItemDelegate(new QStyledItemDelegate(this));  // the own one of combo boxes takes no heights from style sheets
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void Choice::setTheme(const Theme& theme) {
    m_theme = theme;
    updateGeometry();
    update();
}

void Choice::choose(const QString& id) {
    setCurrentIndex(std::max(0, findData(id)));
}

QSize Choice::sizeHint() const {
    int words = 0;
    for (int i = 0; i < count(); ++i) words = std::max(words, fontMetrics().horizontalAdvance(itemText(i)));
    return {std::max(words + m_theme.px(46), m_theme.px(168)), m_theme.px(kHeight)};
}

void Choice::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paintBox(painter, rect(), m_theme, underMouse() ? m_theme.hover : m_theme.panel, hasFocus());
    const int padding = m_theme.px(11), half = m_theme.px(4);
    painter.setPen(isEnabled() ? m_theme.text : m_theme.faint);
    const QRect words = rect().adjusted(padding, 0, -2 * padding - 2 * half, 0);
    painter.drawText(words, Qt::AlignLeft | Qt::AlignVCenter,
                     fontMetrics().elidedText(currentText(), Qt::ElideRight, words.width()));
    const QPointF middle(width() - padding - half, height() / 2.0);
    painter.setPen(QPen(m_theme.dim, 1.5 * m_theme.zoom, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPolyline(QPolygonF{middle + QPointF(-half, -half / 2.0), middle + QPointF(0, half / 2.0),
                                   middle + QPointF(half, -half / 2.0)});
}

void Choice::wheelEvent(QWheelEvent* event) {
    if (!ignoreWheel(this, event)) QComboBox::wheelEvent(event);
}

Switch::Switch(QWidget* parent) : QCheckBox(parent) {
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void Switch::setTheme(const Theme& theme) {
    m_theme = theme;
    updateGeometry();
    update();
}

QSize Switch::sizeHint() const {
    return {m_theme.px(36), m_theme.px(20)};
}

bool Switch::hitButton(const QPoint& pos) const {
    return rect().contains(pos);
}

void Switch::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const double pen = hasFocus() ? 2 : 1;
    const QRectF track = outline(rect(), pen);
    const double radius = track.height() / 2, knob = track.height() - m_theme.px(6);
    painter.setPen(QPen(hasFocus() ? m_theme.focus : (isChecked() ? m_theme.amber : m_theme.faint), pen));
    painter.setBrush(isChecked() ? m_theme.amber : m_theme.panel);
    painter.drawRoundedRect(track, radius, radius);
    const double inset = (track.height() - knob) / 2;
    const double left = isChecked() ? track.right() - inset - knob : track.left() + inset;
    painter.setPen(Qt::NoPen);
    painter.setBrush(isChecked() ? m_theme.on_amber : m_theme.faint);
    painter.drawEllipse(QRectF(left, track.top() + inset, knob, knob));
}

SlideBar::SlideBar(QWidget* parent) : QSlider(Qt::Horizontal, parent) {
    setFocusPolicy(Qt::StrongFocus);
}

void SlideBar::setTheme(const Theme& theme) {
    m_theme = theme;
    setMinimumHeight(theme.px(24));
    update();
}

void SlideBar::paintEvent(QPaintEvent*) {
    QStyleOptionSlider option;
    initStyleOption(&option);
    // where the style puts the handle is where the mouse takes it
    const QRect handle = style()->subControlRect(QStyle::CC_Slider, &option, QStyle::SC_SliderHandle, this);
    const double x = handle.center().x() + 0.5, y = height() / 2.0, thick = m_theme.px(4), radius = m_theme.px(7);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(m_theme.bubble);
    painter.drawRoundedRect(QRectF(radius, y - thick / 2, width() - 2 * radius, thick), thick / 2, thick / 2);
    painter.setBrush(isEnabled() ? m_theme.amber : m_theme.line);
    painter.drawRoundedRect(QRectF(radius, y - thick / 2, x - radius, thick), thick / 2, thick / 2);
    if (hasFocus()) {
        painter.setBrush(m_theme.focus);
        painter.drawEllipse(QPointF(x, y), radius + 2, radius + 2);
        painter.setBrush(m_theme.background);
        painter.drawEllipse(QPointF(x, y), radius + 0.5, radius + 0.5);
    }
    painter.setBrush(isEnabled() ? m_theme.amber : m_theme.faint);
    painter.drawEllipse(QPointF(x, y), radius - 0.5, radius - 0.5);
}

void SlideBar::wheelEvent(QWheelEvent* event) {
    if (!ignoreWheel(this, event)) QSlider::wheelEvent(event);
}

NumberField::NumberField(int lowest, int highest, QWidget* parent) : QSpinBox(parent) {
    setRange(lowest, highest);
    setButtonSymbols(QAbstractSpinBox::NoButtons);
    setFocusPolicy(Qt::StrongFocus);
    setGroupSeparatorShown(true);
    setAlignment(Qt::AlignRight);
}

void NumberField::wheelEvent(QWheelEvent* event) {
    if (!ignoreWheel(this, event)) QSpinBox::wheelEvent(event);
}

RealField::RealField(double lowest, double highest, double step, QWidget* parent) : QDoubleSpinBox(parent) {
    setDecimals(2);
    setRange(lowest, highest);
    setSingleStep(step);
    setButtonSymbols(QAbstractSpinBox::NoButtons);
    setFocusPolicy(Qt::StrongFocus);
    setAlignment(Qt::AlignRight);
}

void RealField::fixup(QString& text) const {
    const bool empty = QString(text).remove(suffix()).trimmed().isEmpty();
    if (empty && !specialValueText().isEmpty()) text = textFromValue(minimum());
}

void RealField::wheelEvent(QWheelEvent* event) {
    if (!ignoreWheel(this, event)) QDoubleSpinBox::wheelEvent(event);
}

}  // namespace moescope
