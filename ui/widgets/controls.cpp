#include "ui/widgets/controls.h"

#include <QAbstractItemView>
#include <QLineEdit>
#include <QPainter>
#include <QStyleOptionSlider>
#include <QStyledItemDelegate>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>
#include <optional>

#include "ui/widgets/number_text.h"
#include "ui/widgets/plain_text.h"

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

/// What a field says without its prefix and suffix; the suffix may have lost its blank to an editing hand.
template <class Field>
QString wordsOf(const Field& field, QString text) {
    if (!field.specialValueText().isEmpty() && text == field.specialValueText()) return text;
    if (!field.prefix().isEmpty() && text.startsWith(field.prefix())) text.remove(0, field.prefix().size());
    // Twice where a number was pasted with its unit before the field's own.
    const QString unit = field.suffix().trimmed();
    for (text = text.trimmed(); !unit.isEmpty() && text.endsWith(unit); text = text.trimmed()) text.chop(unit.size());
    return text;
}

/// Of a text that is `value`, or no number: whether it can stand, or may still become a number in the range.
template <class Field, class Value>
QValidator::State stateOf(const Field& field, const QString& text, std::optional<Value> value) {
    if (!field.specialValueText().isEmpty() && text == field.specialValueText()) return QValidator::Acceptable;
    if (!value) return mayBecomeNumber(text) ? QValidator::Intermediate : QValidator::Invalid;
    if (*value > field.maximum()) return QValidator::Invalid;
    if (*value < field.minimum())
        return *value < 0 && field.minimum() >= 0 ? QValidator::Invalid : QValidator::Intermediate;
    return QValidator::Acceptable;
}

/// Keeps the value from before the first letter is typed until the typing has ended: each letter on the way to a number
/// is a value too.
template <class Field, class Value>
void rememberBefore(Field* field, QLineEdit* edit, std::optional<Value>* before) {
    QObject::connect(edit, &QLineEdit::textEdited, field, [=] {
        if (!*before) *before = field->value();
    });
    QObject::connect(field, &QAbstractSpinBox::editingFinished, field, [=] { before->reset(); });
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

void Choice::addChoice(const QString& id, const QString& text) {
    addItem(oneLine(text), id);
}

void Choice::choose(const QString& id) {
    setCurrentIndex(std::max(0, findData(id)));
}

QSize Choice::sizeHint() const {
    int words = 0;
    for (int i = 0; i < count(); ++i) words = std::max(words, fontMetrics().horizontalAdvance(itemText(i)));
    return {std::clamp(words + m_theme.px(46), m_theme.px(168), m_theme.px(320)), m_theme.px(kHeight)};
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
    setAlignment(Qt::AlignRight);
    rememberBefore(this, lineEdit(), &m_before);
}

void NumberField::fixup(QString& text) const {
    text = prefix() + textFromValue(m_before.value_or(value())) + suffix();
}

QValidator::State NumberField::validate(QString& text, int&) const {
    const QString words = wordsOf(*this, text);
    return stateOf(*this, words, wholeFromText(words));
}

int NumberField::valueFromText(const QString& text) const {
    const QString words = wordsOf(*this, text);
    if (!specialValueText().isEmpty() && words == specialValueText()) return minimum();
    return static_cast<int>(std::clamp<qint64>(wholeFromText(words).value_or(value()), minimum(), maximum()));
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
    rememberBefore(this, lineEdit(), &m_before);
}

void RealField::fixup(QString& text) const {
    const bool lowest = wordsOf(*this, text).isEmpty() && !specialValueText().isEmpty();
    text = prefix() + textFromValue(lowest ? minimum() : m_before.value_or(value())) + suffix();
}

QValidator::State RealField::validate(QString& text, int&) const {
    const QString words = wordsOf(*this, text);
    const auto value = realFromText(words);
    const QValidator::State state = stateOf(*this, words, value);
    // More places than are kept would be another number: they are refused as they are typed.
    if (state != QValidator::Invalid && value) {
        const double scale = std::pow(10.0, decimals());
        if (std::abs(std::round(*value * scale) - *value * scale) > 1e-6 * scale) return QValidator::Invalid;
    }
    return state;
}

double RealField::valueFromText(const QString& text) const {
    const QString words = wordsOf(*this, text);
    if (!specialValueText().isEmpty() && words == specialValueText()) return minimum();
    return std::clamp(realFromText(words).value_or(value()), minimum(), maximum());
}

void RealField::wheelEvent(QWheelEvent* event) {
    if (!ignoreWheel(this, event)) QDoubleSpinBox::wheelEvent(event);
}

}  // namespace moescope
