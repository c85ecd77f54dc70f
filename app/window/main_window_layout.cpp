// How the window is put together and how it looks: its parts in their places, colours and letters from the theme, and
// the places kept for the next start.

#include <QApplication>
#include <QScreen>
#include <QScrollBar>
#include <QSplitter>
#include <QStackedWidget>
#include <QStyleHints>
#include <QVBoxLayout>

#include "app/window/main_window.h"
#include "app/window/settings_keeper.h"
#include "ui/chat/transcript_view.h"
#include "ui/chrome/column_bar.h"
#include "ui/chrome/find_bar.h"
#include "ui/chrome/header_bar.h"
#include "ui/chrome/notice_bar.h"
#include "ui/chrome/status_line.h"
#include "ui/chrome/trash_bar.h"
#include "ui/chrome/welcome.h"
#include "ui/composer/composer.h"
#include "ui/inspector/inspector_dock.h"
#include "ui/palette/command_palette.h"
#include "ui/sidebar/sidebar.h"

namespace moescope {
namespace {

/// A notice takes of the room of what is below it, so that the window need not be higher.
class UnderNotice : public QWidget {
public:
    QSize minimumSizeHint() const override {
        const QSize all = layout()->minimumSize();
        return {all.width(), all.height() - layout()->contentsMargins().top()};
    }
};

}  // namespace

void MainWindow::buildLayout() {
    m_ui.splitter = new QSplitter(Qt::Horizontal);
    m_ui.splitter->setHandleWidth(1);
    m_ui.splitter->setChildrenCollapsible(false);
    m_ui.sidebar = new Sidebar(&m_themes);
    auto* middle = new QWidget;
    auto* column = new QVBoxLayout(middle);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    m_ui.header = new HeaderBar(&m_themes);
    m_ui.find = new FindBar(&m_themes);
    m_ui.transcript = new TranscriptView(&m_themes, m_transcript_model);
    m_ui.transcript->setAccessibleName(tr("Transcript"));
    m_ui.composer = new Composer(&m_themes);
    m_ui.composer->addChip(QStringLiteral("attach"), tr("Attach…"));
    m_ui.composer->addChip(QStringLiteral("rules"), tr("Router rules"));
    m_ui.composer->addChip(QStringLiteral("settings"), tr("Temperature"));
    m_ui.composer->addChip(QStringLiteral("system"), tr("System prompt"));
    m_ui.composer->addChip(QStringLiteral("thinking"), tr("Thinking: off"));
    m_ui.composer->addChip(QStringLiteral("tint"), tr("Tint: off"));
    column->addWidget(m_ui.header);
    column->addWidget(m_ui.find);
    m_ui.welcome = new Welcome(&m_themes);
    // Questions that the demo model knows, in the only language that it was taught.
    m_ui.welcome->setSuggestions({QStringLiteral("What is a router?"), QStringLiteral("What is 7 plus 8?"),
                                  QStringLiteral("How do you say house in German?"),
                                  QStringLiteral("What is the capital of France?"),
                                  QStringLiteral("Write a short story about a fox."),
                                  QStringLiteral("Write a Python function that adds two numbers.")});
    m_ui.pages = new QStackedWidget;
    m_ui.pages->addWidget(m_ui.welcome);
    auto* chat = new QWidget;
    auto* chat_rows = new QVBoxLayout(chat);
    chat_rows->setContentsMargins(0, 0, 0, 0);
    chat_rows->setSpacing(0);
    m_ui.column_bar = new ColumnBar(&m_themes);
    m_ui.column_bar->setName(tr("This chat"));
    chat_rows->addWidget(m_ui.column_bar);
    chat_rows->addWidget(m_ui.transcript, 1);
    m_ui.columns = new QSplitter(Qt::Horizontal);
    m_ui.columns->setObjectName(QStringLiteral("columns"));
    m_ui.columns->setHandleWidth(1);
    m_ui.columns->setChildrenCollapsible(false);
    m_ui.columns->addWidget(chat);
    m_ui.columns->setStretchFactor(0, 1);
    m_ui.pages->addWidget(m_ui.columns);
    auto* under_notice = new UnderNotice;
    auto* room = new QVBoxLayout(under_notice);
    room->setContentsMargins(0, 0, 0, 0);
    room->addWidget(m_ui.pages);
    m_ui.notice = new NoticeBar(&m_themes, under_notice);
    connect(m_ui.notice, &NoticeBar::roomTaken, this, [this, room](int pixels) { makeRoom(room, pixels); });
    column->addWidget(under_notice, 1);
    m_ui.trash_bar = new TrashBar(&m_themes);
    auto* composer_row = new QWidget;
    auto* composer_layout = new QHBoxLayout(composer_row);
    composer_layout->setContentsMargins(24, 0, 24, 20);
    composer_layout->addWidget(m_ui.composer);
    composer_layout->addWidget(m_ui.trash_bar);
    column->addWidget(composer_row);
    m_ui.splitter->addWidget(m_ui.sidebar);
    m_ui.splitter->addWidget(middle);
    m_ui.splitter->setStretchFactor(0, 0);
    m_ui.splitter->setStretchFactor(1, 1);

    m_ui.status = new StatusLine(&m_themes);
    auto* central = new QWidget;
    auto* outer = new QVBoxLayout(central);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(0);
    outer->addWidget(m_ui.splitter, 1);
    setCentralWidget(central);

    m_ui.inspector = new InspectorDock(&m_themes);
    addDockWidget(Qt::RightDockWidgetArea, m_ui.inspector);
    setDockOptions(AnimatedDocks | AllowTabbedDocks);
    outer->addWidget(m_ui.status);

    m_ui.palette = new CommandPalette(&m_themes, this);
    setAcceptDrops(true);
}

void MainWindow::makeRoom(QLayout* pages, int pixels) {
    QScrollBar* bar = m_ui.transcript->verticalScrollBar();
    const int value = bar->value(), more = pixels - pages->contentsMargins().top();
    const bool at_end = value == bar->maximum();
    pages->setContentsMargins(0, pixels, 0, 0);
    pages->activate();
    // A chat's beginning moves down; further on the text stays where it is read.
    if (value > 0 && !at_end) bar->setValue(value + more);
}

void MainWindow::followSystem() {
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    const Qt::ColorScheme scheme = QGuiApplication::styleHints()->colorScheme();
    if (scheme != Qt::ColorScheme::Unknown) m_themes.setSystemDark(scheme == Qt::ColorScheme::Dark);
#else
    // Our palette hides the system's, so it is put away for a moment.
    QApplication::setPalette(QPalette());
    const QPalette system = QApplication::palette();
    m_themes.setSystemDark(system.color(QPalette::WindowText).lightness() > system.color(QPalette::Window).lightness());
    applyTheme();
#endif
}

void MainWindow::applyTheme() {
    const Theme& t = m_themes.theme();
    QApplication::setPalette(t.palette());
    QApplication::setFont(t.sans(Theme::kBody));
    setStyleSheet(QStringLiteral(
                      "QSplitter::handle, QMainWindow::separator { background: %1; width: 1px; height: 1px; }"
                      "QDockWidget { color: %2; } QDockWidget::title { background: %3; padding: 8px 12px; }"
                      "QScrollArea, #panels { background: %3; } #column_empty { color: %2; }"
                      "QMenu { background: %3; color: %4; border: 1px solid %1; border-radius: 8px; padding: 6px; }"
                      "QMenu::item { padding: 5px 22px 5px 12px; border-radius: 4px; }"
                      "QMenu::item:selected { background: %5; } QMenu::item:disabled { color: %6; }"
                      "QMenu::separator { height: 1px; background: %1; margin: 5px 4px; }"
                      "QScrollBar { background: transparent; border: none; } QScrollBar:vertical { width: 12px; } "
                      "QScrollBar:horizontal { height: 12px; } QScrollBar::handle { background: %1; "
                      "border-radius: 4px; margin: 2px; } QScrollBar::handle:vertical { min-height: 28px; } "
                      "QScrollBar::handle:horizontal { min-width: 28px; } QScrollBar::handle:hover { background: %6; } "
                      "QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; } "
                      "QScrollBar::add-page, QScrollBar::sub-page { background: none; }"
                      "QToolTip { background: %3; color: %4; border: 1px solid %1; padding: 4px; }")
                      .arg(t.line.name(), t.dim.name(), t.panel.name(), t.text.name(), t.hover.name(), t.faint.name()));
    m_settings->values.text_size = m_themes.zoom();
    m_room.adapt();
    updateChips();
}

void MainWindow::restoreConversation() {
    const auto last = m_history->settings().get("window.conversation", "0");
    const qint64 id = last.ok() ? QString::fromStdString(*last).toLongLong() : 0;
    const auto conversation = m_history->conversation(id);
    if (id > 0 && conversation.ok() && !conversation->deleted_ms) {
        m_chat->open(id);
        m_ui.transcript->scrollToEnd();
    } else {
        m_chat->startNew();
    }
}

void MainWindow::restoreLayout() {
    const auto bytes = [&](const char* key) {
        const auto value = m_history->settings().get(key, "");
        return QByteArray::fromBase64(QByteArray::fromStdString(value.ok() ? *value : ""));
    };
    resize(QSize(1440, 900).boundedTo(screen()->availableSize()));
    m_ui.splitter->setSizes({256, 760});
    resizeDocks({m_ui.inspector}, {592}, Qt::Horizontal);
    if (const QByteArray geometry = bytes("window.geometry"); !geometry.isEmpty()) restoreGeometry(geometry);
    if (const QByteArray state = bytes("window.state"); !state.isEmpty()) restoreState(state);
    if (const QByteArray splitter = bytes("window.splitter"); !splitter.isEmpty())
        m_ui.splitter->restoreState(splitter);
    // It may have been hidden for want of room only.
    const auto hidden = m_history->settings().get("window.inspector", "");
    const bool stored = !bytes("window.state").isEmpty();
    m_room.start(!stored || !m_ui.inspector->isHidden() || (hidden.ok() && *hidden == "hidden for the width"));
}

}  // namespace moescope
