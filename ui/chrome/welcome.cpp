#include "ui/chrome/welcome.h"

#include <QGridLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/theme.h"

namespace moescope {

Welcome::Welcome(ThemeStore* themes, QWidget* parent)
    : QWidget(parent), m_themes(themes), m_title(new QLabel), m_text(new QLabel) {
    m_title->setText(tr("What would you like to know?"));
    m_title->setAlignment(Qt::AlignCenter);
    m_text->setText(
        tr("Every word of an answer remembers which experts wrote it: watch them at the right, or point at a word."));
    m_text->setAlignment(Qt::AlignCenter);
    m_text->setWordWrap(true);
    auto* column = new QVBoxLayout(this);
    column->addStretch(2);
    column->addWidget(m_title);
    column->addWidget(m_text);
    auto* grid = new QGridLayout;
    constexpr int kMost = 6;
    for (int i = 0; i < kMost; ++i) {
        auto* button = new QPushButton;
        button->setCursor(Qt::PointingHandCursor);
        button->hide();
        connect(button, &QPushButton::clicked, this, [this, button] { emit chosen(button->text()); });
        grid->addWidget(button, i / 2, i % 2);
        m_buttons.append(button);
    }
    grid->setColumnStretch(0, 1);
    grid->setColumnStretch(1, 1);
    column->addSpacing(20);
    auto* row = new QHBoxLayout;
    row->addStretch(1);
    row->addLayout(grid, 6);
    row->addStretch(1);
    column->addLayout(row);
    column->addStretch(3);
    connect(m_themes, &ThemeStore::changed, this, &Welcome::applyTheme);
    applyTheme();
}

void Welcome::setSuggestions(const QStringList& questions) {
    for (qsizetype i = 0; i < m_buttons.size(); ++i) {
        m_buttons[i]->setVisible(i < questions.size());
        if (i < questions.size()) m_buttons[i]->setText(questions[i]);
        m_buttons[i]->setAccessibleName(m_buttons[i]->text().isEmpty() ? tr("A question") : m_buttons[i]->text());
    }
}

void Welcome::applyTheme() {
    const Theme& t = m_themes->theme();
    m_title->setFont(t.sans(20, QFont::DemiBold));
    m_text->setFont(t.sans(Theme::kBody));
    m_title->setStyleSheet(QStringLiteral("color: %1;").arg(t.text.name()));
    m_text->setStyleSheet(QStringLiteral("color: %1;").arg(t.dim.name()));
    for (QPushButton* button : m_buttons) {
        button->setFont(t.sans(Theme::kBody));
        button->setStyleSheet(
            QStringLiteral("QPushButton { text-align: left; color: %1; background: %2; border: 1px solid %3; "
                           "border-radius: 8px; padding: %4px %5px; } QPushButton:hover { background: %6; "
                           "color: %7; } QPushButton:focus { border-color: %8; }")
                .arg(t.dim.name(), t.panel.name(), t.line.name())
                .arg(t.px(10))
                .arg(t.px(12))
                .arg(t.hover.name(), t.text.name(), t.focus.name()));
    }
    update();
}

void Welcome::paintEvent(QPaintEvent*) {
    QPainter(this).fillRect(rect(), m_themes->theme().background);
}

}  // namespace moescope
