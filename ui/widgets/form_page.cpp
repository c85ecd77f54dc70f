#include "ui/widgets/form_page.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/theme.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/form_style.h"

namespace moescope {

FormColumn::FormColumn(QWidget* parent) : QWidget(parent), m_column(new QVBoxLayout(this)) {
    m_column->setContentsMargins(0, 0, 0, 0);
}

void FormColumn::addTitle(const QString& text) {
    m_column->addWidget(makeLabel(text, kRoleTitle, this));
}

void FormColumn::addLine() {
    auto* line = new QWidget(this);
    line->setProperty("hairline", true);
    line->setFixedHeight(1);
    line->setAttribute(Qt::WA_StyledBackground);
    m_lines.append(line);
    m_column->addWidget(line);
}

void FormColumn::addSection(const QString& text) {
    if (m_column->count() > 1) addLine();
    m_column->addWidget(makeLabel(text, kRoleSection, this));
}

QLabel* FormColumn::addRow(const QString& name, const QString& note, QWidget* control) {
    auto* row = new QHBoxLayout;
    auto* words = new QVBoxLayout;
    QLabel* title = makeLabel(name, nullptr, this);
    QLabel* under = nullptr;
    words->setSpacing(2);
    words->addStretch(1);
    words->addWidget(title);
    if (!note.isEmpty()) words->addWidget(under = makeLabel(note, kRoleNote, this));
    words->addStretch(1);
    row->setSpacing(24);
    row->addLayout(words, 1);
    row->addWidget(control, 0, Qt::AlignRight | Qt::AlignVCenter);
    if (auto* segments = qobject_cast<Segments*>(control)) {
        segments->setCaption(name);
    } else if (control->accessibleName().isEmpty()) {
        control->setAccessibleName(name);
        control->setAccessibleDescription(note);
        if (control->focusPolicy() != Qt::NoFocus) title->setBuddy(control);
    }
    m_column->addLayout(row);
    return under;
}

void FormColumn::addWide(QWidget* widget, int stretch) {
    m_column->addWidget(widget, stretch);
}

void FormColumn::addStretch() {
    m_column->addStretch(1);
}

void FormColumn::setTheme(const Theme& theme) {
    m_column->setSpacing(theme.space(3.5));
}

FormPage::FormPage(QWidget* parent) : QScrollArea(parent), m_column(new FormColumn) {
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::NoFocus);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    viewport()->setAutoFillBackground(false);
    setWidget(m_column);
    m_column->setAutoFillBackground(false);
}

void FormPage::setTheme(const Theme& theme) {
    m_column->setTheme(theme);
    m_side = theme.space(7);
    m_above = theme.space(6);
    updateMargins();
}

void FormPage::updateMargins() {  // the scroll bar takes its place from the margin, so that nothing moves
    const int bar = width() - viewport()->width();
    m_column->layout()->setContentsMargins(m_side, m_above, std::max(0, m_side - bar), m_above);
}

void FormPage::resizeEvent(QResizeEvent* event) {
    QScrollArea::resizeEvent(event);
    updateMargins();
}

QWidget* sideBySide(const QList<QWidget*>& widgets, QWidget* parent) {
    auto* holder = new QWidget(parent);
    auto* row = new QHBoxLayout(holder);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    for (QWidget* widget : widgets) row->addWidget(widget);
    return holder;
}

}  // namespace moescope
