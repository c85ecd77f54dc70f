#include <QButtonGroup>
#include <QHBoxLayout>
#include <QPainter>

#include "ui/widgets/controls.h"
#include "ui/widgets/plain_text.h"

namespace moescope {

namespace {

class SegmentButton : public QPushButton, public Themed {
public:
    using QPushButton::QPushButton;

    void setTheme(const Theme& theme) override {
        m_theme = theme;
        updateGeometry();
        update();
    }

    QSize sizeHint() const override {
        const QFontMetrics bold(m_theme.sans(Theme::kBody, QFont::Medium));
        return {bold.horizontalAdvance(text()) + m_theme.px(26), m_theme.px(28)};
    }
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const double pen = hasFocus() ? 1.5 : 1, radius = m_theme.px(6);
        if (isChecked() || hasFocus()) {
            painter.setPen(QPen(hasFocus() ? m_theme.focus : m_theme.line, pen));
            painter.setBrush(isChecked() ? (m_theme.dark ? m_theme.bubble : m_theme.background)
                                         : QColor(Qt::transparent));
            painter.drawRoundedRect(QRectF(rect()).adjusted(pen / 2, pen / 2, -pen / 2, -pen / 2), radius, radius);
        }
        painter.setPen(isChecked() || underMouse() ? m_theme.text : m_theme.dim);
        if (isChecked()) painter.setFont(m_theme.sans(Theme::kBody, QFont::Medium));
        painter.drawText(rect(), Qt::AlignCenter, text());
    }

private:
    Theme m_theme;
};

}  // namespace

Segments::Segments(QWidget* parent) : QWidget(parent), m_group(new QButtonGroup(this)) {
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    new QHBoxLayout(this);
    connect(m_group, &QButtonGroup::buttonClicked, this, [this] { emit chosenByUser(chosen()); });
}

void Segments::addSegment(const QString& id, const QString& text, const QString& tip) {
    auto* button = new SegmentButton(text, this);
    button->setCheckable(true);
    button->setAutoDefault(false);
    button->setProperty("segment", id);
    button->setToolTip(plainToolTip(tip));
    button->setAccessibleName(text);
    layout()->addWidget(button);
    m_group->addButton(button);
}

QString Segments::chosen() const {
    const QAbstractButton* button = m_group->checkedButton();
    return button == nullptr ? QString() : button->property("segment").toString();
}

void Segments::choose(const QString& id) {
    m_group->setExclusive(false);
    for (QAbstractButton* button : m_group->buttons()) button->setChecked(button->property("segment").toString() == id);
    m_group->setExclusive(true);
}

void Segments::setCaption(const QString& caption) {
    for (QAbstractButton* button : m_group->buttons()) {
        button->setAccessibleName(tr("%1: %2").arg(caption, button->text()));
    }
}

void Segments::setTheme(const Theme& theme) {
    m_theme = theme;
    const int inset = theme.px(2);
    layout()->setContentsMargins(inset, inset, inset, inset);
    layout()->setSpacing(inset);
    update();
}

void Segments::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(m_theme.line, 1));
    painter.setBrush(m_theme.dark ? m_theme.panel : m_theme.side);
    const double radius = m_theme.px(Theme::kRadius);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);
}

}  // namespace moescope
