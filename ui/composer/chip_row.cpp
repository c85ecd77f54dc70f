#include "ui/composer/chip_row.h"

#include <QMenu>
#include <utility>

#include "ui/composer/pill_button.h"
#include "ui/widgets/plain_text.h"

namespace moescope {

ChipRow::ChipRow(QWidget* parent) : QWidget(parent), m_menu(new PillButton(QString(), QString(), this)) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_menu->hide();
    connect(m_menu, &QPushButton::clicked, this, &ChipRow::openMenu);
}

void ChipRow::add(PillButton* chip) {
    chip->setParent(this);
    chip->show();
    m_chips.append(chip);
    connect(chip, &QPushButton::clicked, this, [this, chip] { emit clicked(chip->id()); });
    fit();
}

void ChipRow::setWanted(PillButton* chip, bool wanted) {
    if (wanted != m_unwanted.contains(chip)) return;
    if (wanted) {
        m_unwanted.removeAll(chip);
    } else {
        m_unwanted.append(chip);
    }
    updateGeometry();
    fit();
}

void ChipRow::setCaptions(const QString& some, const QString& all) {
    m_some = some;
    m_all = all;
    fit();
}

void ChipRow::setTheme(const Theme& theme) {
    m_theme = theme;
    for (PillButton* chip : m_chips) chip->setTheme(theme);
    m_menu->setTheme(theme);
    updateGeometry();
    fit();
}

int ChipRow::wantedWidth() const {
    int width = 0;
    for (PillButton* chip : m_chips) {
        if (!m_unwanted.contains(chip)) width += chip->sizeHint().width() + m_theme.space(2);
    }
    return width - m_theme.space(2);
}

QSize ChipRow::sizeHint() const {
    return {std::max(wantedWidth(), 0), m_theme.space(7)};
}

QSize ChipRow::minimumSizeHint() const {
    return {m_menu->sizeHint().width(), m_theme.space(7)};
}

QWidget* ChipRow::placeOf(PillButton* chip) const {
    return m_folded.contains(chip) ? m_menu : chip;
}

void ChipRow::fit() {
    const int gap = m_theme.space(2), height = m_theme.space(7);
    const bool all_fit = wantedWidth() <= width();
    m_menu->setCaption(m_some);
    const int room = all_fit ? width() : width() - m_menu->sizeHint().width() - gap;
    m_folded.clear();
    int x = 0;
    for (PillButton* chip : m_chips) {
        if (m_unwanted.contains(chip)) {
            chip->hide();
            continue;
        }
        const int wanted = chip->sizeHint().width();
        if (!m_folded.isEmpty() || x + wanted > room) m_folded.append(chip);
        chip->setVisible(m_folded.isEmpty());
        if (chip->isHidden()) continue;
        chip->setGeometry(x, 0, wanted, height);
        x += wanted + gap;
    }
    if (m_folded.size() == m_chips.size() - m_unwanted.size()) m_menu->setCaption(m_all);
    m_menu->setVisible(!m_folded.isEmpty());
    m_menu->setGeometry(x, 0, m_menu->sizeHint().width(), height);
}

void ChipRow::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    fit();
}

void ChipRow::openMenu() {
    QMenu menu(this);
    menu.setAccessibleName(m_menu->text());
    for (PillButton* chip : std::as_const(m_folded)) {
        // After the menu has gone: what it opens may be a menu too.
        connect(
            menu.addAction(plainCaption(chip->text())), &QAction::triggered, this,
            [this, id = chip->id()] { emit clicked(id); }, Qt::QueuedConnection);
    }
    menu.exec(m_menu->mapToGlobal(QPoint(0, -menu.sizeHint().height())));
}

}  // namespace moescope
