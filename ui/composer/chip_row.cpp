#include "ui/composer/chip_row.h"

#include <QMenu>

#include "ui/composer/pill_button.h"
#include "ui/widgets/plain_text.h"

namespace moescope {

ChipRow::ChipRow(QWidget* parent) : QWidget(parent), m_all(new PillButton(QString(), QString(), this)) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_all->hide();
    connect(m_all, &QPushButton::clicked, this, &ChipRow::openMenu);
}

void ChipRow::add(PillButton* chip) {
    chip->setParent(this);
    chip->show();
    m_chips.append(chip);
    connect(chip, &QPushButton::clicked, this, [this, chip] { emit clicked(chip->id()); });
    fit();
}

void ChipRow::setCaption(const QString& caption) {
    m_all->setCaption(caption);
    fit();
}

void ChipRow::setTheme(const Theme& theme) {
    m_theme = theme;
    for (PillButton* chip : m_chips) chip->setTheme(theme);
    m_all->setTheme(theme);
    updateGeometry();
    fit();
}

int ChipRow::wantedWidth() const {
    int width = 0;
    for (const PillButton* chip : m_chips) width += chip->sizeHint().width() + m_theme.space(2);
    return width - m_theme.space(2);
}

QSize ChipRow::sizeHint() const {
    return {std::max(wantedWidth(), 0), m_theme.space(7)};
}

QSize ChipRow::minimumSizeHint() const {
    return {m_all->sizeHint().width(), m_theme.space(7)};
}

QWidget* ChipRow::placeOf(PillButton* chip) const {
    return m_collapsed ? m_all : chip;
}

void ChipRow::fit() {
    m_collapsed = wantedWidth() > width();
    int x = 0;
    for (PillButton* chip : m_chips) {
        chip->setVisible(!m_collapsed);
        if (m_collapsed) continue;
        chip->setGeometry(x, 0, chip->sizeHint().width(), m_theme.space(7));
        x += chip->width() + m_theme.space(2);
    }
    m_all->setVisible(m_collapsed);
    m_all->setGeometry(0, 0, m_all->sizeHint().width(), m_theme.space(7));
}

void ChipRow::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    fit();
}

void ChipRow::openMenu() {
    QMenu menu(this);
    menu.setAccessibleName(m_all->text());
    for (PillButton* chip : m_chips) {
        // After the menu has gone: what it opens may be a menu too.
        connect(
            menu.addAction(plainCaption(chip->text())), &QAction::triggered, this,
            [this, id = chip->id()] { emit clicked(id); }, Qt::QueuedConnection);
    }
    menu.exec(m_all->mapToGlobal(QPoint(0, -menu.sizeHint().height())));
}

}  // namespace moescope
