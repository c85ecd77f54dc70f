#include "ui/palette/command_palette.h"

#include <QAccessible>
#include <QAction>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QScrollBar>
#include <algorithm>

#include "ui/palette/command_delegate.h"
#include "ui/palette/command_model.h"
#include "ui/theme.h"

namespace moescope {

namespace {

constexpr int kMaxRows = 10;

}  // namespace

CommandPalette::CommandPalette(ThemeStore* themes, QWidget* parent) : QWidget(parent), m_themes(themes) {
    m_model = new CommandModel(CommandModel::Order::kRanked, this);
    m_delegate = new CommandDelegate(true, this);
    m_input = new QLineEdit(this);
    m_input->setObjectName(QStringLiteral("palette_input"));
    m_input->setFrame(false);
    m_list = new QListView(this);
    m_list->setObjectName(QStringLiteral("palette_list"));
    m_list->setModel(m_model);
    m_list->setItemDelegate(m_delegate);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setFocusPolicy(Qt::NoFocus);  // the keys stay with the input
    m_list->setMouseTracking(true);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setUniformItemSizes(true);
    setFocusProxy(m_input);

    connect(m_input, &QLineEdit::textChanged, this, &CommandPalette::filter);
    connect(m_list, &QListView::clicked, this, &CommandPalette::activateCurrent);
    connect(m_list, &QListView::entered, this, [this](const QModelIndex& index) { m_list->setCurrentIndex(index); });
    connect(m_themes, &ThemeStore::changed, this, &CommandPalette::applyTheme);
    m_input->installEventFilter(this);
    if (parent != nullptr) parent->installEventFilter(this);
    applyTheme();
    updateTexts();
    hide();
}

void CommandPalette::setActions(const QList<QAction*>& actions) {
    m_actions.clear();
    for (QAction* action : actions) m_actions.append(action);
}

void CommandPalette::openPalette() {
    if (isVisible()) return;
    QList<Command> commands;
    for (const QPointer<QAction>& action : m_actions) {
        if (action && action->isVisible() && !action->isSeparator()) commands.append(Command::ofAction(action));
    }
    m_model->setCommands(commands);
    m_input->clear();
    filter(QString());
    m_focus_before = window()->focusWidget();
    if (parentWidget() != nullptr) setGeometry(parentWidget()->rect());
    placePanel();
    show();
    raise();
    m_input->setFocus(Qt::PopupFocusReason);
}

void CommandPalette::closePalette() {
    if (!isVisible()) return;
    hide();
    if (m_focus_before) m_focus_before->setFocus(Qt::PopupFocusReason);
    emit closed();
}

QList<QAction*> CommandPalette::shownActions() const {
    QList<QAction*> actions;
    for (int row = 0; row < m_model->rowCount(); ++row) {
        const Command* command = m_model->command(m_model->index(row));
        if (command != nullptr && command->action) actions.append(command->action);
    }
    return actions;
}

void CommandPalette::filter(const QString& text) {
    m_model->setFilter(text);
    placePanel();
    choose(0);
    m_list->scrollToTop();
    update();
}

void CommandPalette::activateCurrent() {
    if (const Command* command = m_model->command(m_list->currentIndex())) activate(command->action);
}

void CommandPalette::activate(QAction* action) {
    if (action == nullptr || !action->isEnabled()) return;
    const QPointer<QAction> kept(action);
    closePalette();
    action->trigger();
    if (kept) emit triggered(kept);
}

void CommandPalette::move(int rows) {
    const int count = m_model->rowCount();
    if (count == 0) return;
    const int row = m_list->currentIndex().row();
    if (std::abs(rows) == 1) {
        choose((row + rows + count) % count);  // around the ends
    } else {
        choose(std::clamp(row + rows, 0, count - 1));
    }
}

void CommandPalette::choose(int row) {
    const QModelIndex index = m_model->index(row);
    m_list->setCurrentIndex(index);
    if (!index.isValid() || !isVisible()) return;
    m_list->scrollTo(index);
    QAccessibleEvent said(m_list, QAccessible::Focus);  // the list has no focus, but what is chosen is to be spoken
    said.setChild(row);
    QAccessible::updateAccessibility(&said);
}

bool CommandPalette::handleKey(QKeyEvent* event) {
    const QKeySequence pressed(event->keyCombination());
    switch (event->key()) {
        case Qt::Key_Escape:
            closePalette();
            return true;
        case Qt::Key_Up:
            move(-1);
            return true;
        case Qt::Key_Down:
            move(1);
            return true;
        case Qt::Key_PageUp:
            move(-kMaxRows);
            return true;
        case Qt::Key_PageDown:
            move(kMaxRows);
            return true;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            if (!m_input_method.ownsEnter() && !event->isAutoRepeat()) activateCurrent();
            return true;
        case Qt::Key_K:
            if (event->modifiers() != Qt::ControlModifier) break;
            closePalette();
            return true;
        default:
            break;
    }
    if (!(event->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier))) return false;
    for (const QKeySequence::StandardKey edit :
         {QKeySequence::Copy, QKeySequence::Paste, QKeySequence::Cut, QKeySequence::Undo, QKeySequence::Redo,
          QKeySequence::SelectAll, QKeySequence::DeleteStartOfWord, QKeySequence::DeleteEndOfWord}) {
        if (event->matches(edit)) return false;
    }
    for (const QPointer<QAction>& action : m_actions) {
        if (!action || !action->shortcuts().contains(pressed)) continue;
        activate(action);
        return true;
    }
    return false;
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_input) {
        // Shortcuts of the window beneath come here as keys instead: the palette closes before they act.
        if (event->type() == QEvent::ShortcutOverride) event->accept();
        if (event->type() == QEvent::InputMethod) m_input_method.see(*static_cast<QInputMethodEvent*>(event));
        if (event->type() == QEvent::KeyPress && !m_input_method.isComposing()) {
            return handleKey(static_cast<QKeyEvent*>(event));
        }
    } else if (event->type() == QEvent::Resize && watched == parent() && isVisible()) {
        setGeometry(parentWidget()->rect());
        placePanel();
    }
    return QWidget::eventFilter(watched, event);
}

void CommandPalette::placePanel() {
    const Theme& theme = m_themes->theme();
    const int margin = theme.space(2), input_height = theme.space(12), hint_height = theme.space(8);
    const int panel_width = std::min(theme.px(580), width() - 2 * theme.space(4));
    const int top = std::min(theme.space(24), height() / 8);
    const int room = (height() - top - input_height - hint_height - 3 * margin) / m_delegate->rowHeight();
    const int rows = std::clamp(m_model->rowCount(), 1, std::clamp(room, 1, kMaxRows));
    const int list_height = rows * m_delegate->rowHeight();
    m_panel =
        QRect((width() - panel_width) / 2, top, panel_width, input_height + list_height + 2 * margin + hint_height);
    m_input->setGeometry(m_panel.left() + theme.px(18), top, panel_width - 2 * theme.px(18), input_height);
    m_list->setGeometry(m_panel.left() + margin, top + input_height + margin, panel_width - 2 * margin, list_height);
    m_list->setVisible(m_model->rowCount() > 0);
}

void CommandPalette::applyTheme() {
    const Theme& theme = m_themes->theme();
    m_delegate->setTheme(theme);
    m_input->setFont(theme.sans(Theme::kTitle));
    QPalette colours = palette();
    colours.setColor(QPalette::Base, theme.panel);
    colours.setColor(QPalette::Text, theme.text);
    colours.setColor(QPalette::PlaceholderText, theme.faint);
    colours.setColor(QPalette::Highlight, theme.selection);
    colours.setColor(QPalette::HighlightedText, theme.text);
    m_input->setPalette(colours);
    m_list->setPalette(colours);
    m_list->verticalScrollBar()->setStyleSheet(
        QStringLiteral("QScrollBar { background: transparent; width: %1px; margin: 0; }"
                       "QScrollBar::handle { background: %2; border-radius: %3px; min-height: %4px; }"
                       "QScrollBar::add-line, QScrollBar::sub-line { height: 0; }"
                       "QScrollBar::add-page, QScrollBar::sub-page { background: none; }")
            .arg(theme.px(6))
            .arg(theme.line.name())
            .arg(theme.px(6) / 2)
            .arg(theme.space(5)));
    m_list->doItemsLayout();
    placePanel();
    update();
}

void CommandPalette::updateTexts() {
    setAccessibleName(tr("Command palette"));
    m_input->setPlaceholderText(tr("Type a command"));
    m_input->setAccessibleName(tr("Command"));
    m_input->setAccessibleDescription(tr("Up and Down choose, Enter runs, Esc closes"));
    m_list->setAccessibleName(tr("Commands"));
}

void CommandPalette::paintEvent(QPaintEvent*) {
    const Theme& theme = m_themes->theme();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(rect(), QColor(0, 0, 0, theme.dark ? 90 : 30));
    const double radius = theme.px(Theme::kRadiusLarge);
    painter.setPen(Qt::NoPen);
    for (int i = theme.dark ? 0 : 8; i > 0; --i) {  // a soft shadow, a little lower than the panel; unseen on dark
        painter.setBrush(QColor(0, 0, 0, 3));
        const double spread = theme.px(3) * i;
        painter.drawRoundedRect(QRectF(m_panel).adjusted(-spread, -spread / 2, spread, spread * 1.5), radius + spread,
                                radius + spread);
    }
    painter.setPen(QPen(theme.line, 1));
    painter.setBrush(theme.panel);
    painter.drawRoundedRect(QRectF(m_panel).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);
    const int below_input = m_input->geometry().bottom() + 1, below_list = m_list->geometry().bottom() + theme.space(2);
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.drawLine(m_panel.left() + 1, below_input, m_panel.right() - 1, below_input);
    painter.drawLine(m_panel.left() + 1, below_list, m_panel.right() - 1, below_list);
    painter.setPen(theme.faint);
    painter.setFont(theme.sans(Theme::kTiny));
    const QRect hints(m_panel.left() + theme.px(18), below_list, m_panel.width() - 2 * theme.px(18),
                      m_panel.bottom() - below_list);
    painter.drawText(hints, Qt::AlignLeft | Qt::AlignVCenter, tr("Up and Down choose · Enter runs · Esc closes"));
    if (m_model->rowCount() > 0) return;
    painter.setPen(theme.dim);
    painter.setFont(theme.sans(Theme::kBody));
    painter.drawText(m_list->geometry().adjusted(theme.px(10), 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
                     tr("No matching commands"));
}

void CommandPalette::mousePressEvent(QMouseEvent* event) {
    if (!m_panel.contains(event->position().toPoint())) closePalette();
    event->accept();
}

void CommandPalette::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) updateTexts();
    QWidget::changeEvent(event);
}

bool CommandPalette::focusNextPrevChild(bool) {
    return true;
}  // the focus stays until it closes

}  // namespace moescope
