// How the window is put together and how it looks: its parts in their places, colours and letters from the theme, and
// the places kept for the next start.

#include <QApplication>
#include <QScreen>
#include <QSplitter>
#include <QStackedWidget>
#include <QStyleHints>
#include <QVBoxLayout>

#include "app/window/main_window.h"
#include "ui/chat/transcript_view.h"
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

void MainWindow::buildLayout() {
    m_splitter = new QSplitter(Qt::Horizontal);
    m_splitter->setHandleWidth(1);
    m_splitter->setChildrenCollapsible(false);
    m_sidebar = new Sidebar(&m_themes);
    auto* middle = new QWidget;
    auto* column = new QVBoxLayout(middle);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    m_header = new HeaderBar(&m_themes);
    m_notice = new NoticeBar(&m_themes, middle);
    m_find = new FindBar(&m_themes);
    m_transcript = new TranscriptView(&m_themes, m_transcript_model);
    m_transcript->setAccessibleName(tr("Transcript"));
    m_composer = new Composer(&m_themes);
    m_composer->addChip(QStringLiteral("rules"), tr("Router rules"));
    m_composer->addChip(QStringLiteral("settings"), tr("Temperature"));
    m_composer->addChip(QStringLiteral("system"), tr("System prompt"));
    m_composer->addChip(QStringLiteral("tint"), tr("Tint: off"));
    column->addWidget(m_header);
    column->addWidget(m_find);
    m_welcome = new Welcome(&m_themes);
    // Questions that the demo model knows, in the only language that it was taught.
    m_welcome->setSuggestions({QStringLiteral("What is a router?"), QStringLiteral("What is 7 plus 8?"),
                               QStringLiteral("How do you say house in German?"),
                               QStringLiteral("What is the capital of France?"),
                               QStringLiteral("Write a short story about a fox."),
                               QStringLiteral("Write a Python function that adds two numbers.")});
    m_pages = new QStackedWidget;
    m_pages->addWidget(m_welcome);
    m_pages->addWidget(m_transcript);
    column->addWidget(m_pages, 1);
    m_trash_bar = new TrashBar(&m_themes);
    m_composer_row = new QWidget;
    auto* composer_layout = new QHBoxLayout(m_composer_row);
    composer_layout->setContentsMargins(24, 0, 24, 20);
    composer_layout->addWidget(m_composer);
    composer_layout->addWidget(m_trash_bar);
    column->addWidget(m_composer_row);
    m_splitter->addWidget(m_sidebar);
    m_splitter->addWidget(middle);
    m_splitter->setStretchFactor(0, 0);
    m_splitter->setStretchFactor(1, 1);

    m_status = new StatusLine(&m_themes);
    auto* central = new QWidget;
    auto* outer = new QVBoxLayout(central);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(0);
    outer->addWidget(m_splitter, 1);
    setCentralWidget(central);

    m_inspector = new InspectorDock(&m_themes);
    addDockWidget(Qt::RightDockWidgetArea, m_inspector);
    setDockOptions(AnimatedDocks | AllowTabbedDocks);
    outer->addWidget(m_status);

    m_palette = new CommandPalette(&m_themes, this);
    setAcceptDrops(true);
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
    QPalette palette;
    palette.setColor(QPalette::Window, t.background);
    palette.setColor(QPalette::Base, t.background);
    palette.setColor(QPalette::AlternateBase, t.panel);
    palette.setColor(QPalette::Text, t.text);
    palette.setColor(QPalette::WindowText, t.text);
    palette.setColor(QPalette::Button, t.panel);
    palette.setColor(QPalette::ButtonText, t.text);
    palette.setColor(QPalette::ToolTipBase, t.panel);
    palette.setColor(QPalette::ToolTipText, t.text);
    palette.setColor(QPalette::Highlight, t.blue);
    palette.setColor(QPalette::HighlightedText, Qt::white);
    palette.setColor(QPalette::PlaceholderText, t.faint);
    palette.setColor(QPalette::Link, t.blue);
    palette.setColor(QPalette::Mid, t.line);
    palette.setColor(QPalette::Dark, t.line);
    palette.setColor(QPalette::Light, t.hover);
    for (const QPalette::ColorRole role : {QPalette::Text, QPalette::WindowText, QPalette::ButtonText}) {
        palette.setColor(QPalette::Disabled, role, t.faint);
    }
    QApplication::setPalette(palette);
    QApplication::setFont(t.sans(Theme::kBody));
    setStyleSheet(QStringLiteral(
                      "QSplitter::handle, QMainWindow::separator { background: %1; width: 1px; height: 1px; }"
                      "QDockWidget { color: %2; } QDockWidget::title { background: %3; padding: 8px 12px; }"
                      "QScrollArea, #panels { background: %3; }"
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
    m_settings.text_size = m_themes.zoom();
    m_notice->setTop(m_themes.theme().px(52));
    adaptLayout();
    updateChips();
}

void MainWindow::restoreConversation() {
    const auto last = m_history->settings().get("window.conversation", "0");
    const qint64 id = last.ok() ? QString::fromStdString(*last).toLongLong() : 0;
    const auto conversation = m_history->conversation(id);
    if (id > 0 && conversation.ok() && !conversation->deleted_ms) {
        m_chat->open(id);
        m_transcript->scrollToEnd();
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
    m_splitter->setSizes({256, 760});
    resizeDocks({m_inspector}, {592}, Qt::Horizontal);
    if (const QByteArray geometry = bytes("window.geometry"); !geometry.isEmpty()) restoreGeometry(geometry);
    if (const QByteArray state = bytes("window.state"); !state.isEmpty()) restoreState(state);
    if (const QByteArray splitter = bytes("window.splitter"); !splitter.isEmpty()) m_splitter->restoreState(splitter);
    // It may have been hidden for want of room only.
    const auto hidden = m_history->settings().get("window.inspector", "");
    const bool stored = !bytes("window.state").isEmpty();
    startLayout(!stored || !m_inspector->isHidden() || (hidden.ok() && *hidden == "hidden for the width"));
}

}  // namespace moescope
