// What the window can do, as actions: for keys, the menu and the command palette.

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QMenu>

#include "app/window/alternatives.h"
#include "app/window/exchange.h"
#include "app/window/find_in_chat.h"
#include "app/window/interventions.h"
#include "app/window/main_window.h"
#include "app/window/model_loader.h"
#include "app/window/model_menu.h"
#include "app/window/rereading.h"
#include "app/window/settings_keeper.h"
#include "app/window/side_by_side.h"
#include "app/window/token_tint.h"
#include "app/window/trace_files.h"
#include "app/window/view_links.h"
#include "engine/markdown/attachment.h"
#include "ui/chat/transcript_model.h"
#include "ui/chat/transcript_view.h"
#include "ui/chrome/header_bar.h"
#include "ui/composer/composer.h"
#include "ui/inspector/inspector_dock.h"
#include "ui/palette/action_group.h"
#include "ui/palette/command_palette.h"
#include "ui/palette/shortcuts_dialog.h"
#include "ui/sidebar/sidebar.h"
#include "ui/widgets/plain_text.h"

namespace moescope {

QAction* MainWindow::addAction(const QString& group, const QString& text, const QKeySequence& keys,
                               std::function<void()> run, QMenu* menu) {
    auto* action = new QAction(text, this);
    action->setShortcut(keys);
    setActionGroup(action, group);
    connect(action, &QAction::triggered, this, [run = std::move(run)] { run(); });
    QMainWindow::addAction(action);
    m_actions.append(action);
    if (menu) menu->addAction(action);
    return action;
}

qint64 MainWindow::lastAnswer() const {
    for (int row = m_transcript_model->count() - 1; row >= 0; --row) {
        if (m_transcript_model->at(row).role == TranscriptRole::kAnswer) return m_transcript_model->at(row).id;
    }
    return 0;
}

void MainWindow::buildActions() {
    auto* menu = new QMenu(this);
    menu->setAccessibleName(tr("Menu"));
    buildChatActions(menu);
    buildColumnActions(menu);
    menu->addSeparator();
    buildFileActions(menu);
    menu->addSeparator();
    buildViewActions(menu);
    menu->addSeparator();
    buildHelpActions(menu);
    m_ui.header->setMainMenu(menu);
}

void MainWindow::buildChatActions(QMenu* menu) {
    const QString chat = tr("Chat");
    addAction(
        chat, tr("New chat"), QKeySequence(Qt::CTRL | Qt::Key_N), [this] { startNewChat(); }, menu);
    addAction(
        chat, tr("Find in this chat…"), QKeySequence(Qt::CTRL | Qt::Key_F), [this] { m_finder->open(); }, menu);
    addAction(
        chat, tr("Go to a question…"), QKeySequence(Qt::CTRL | Qt::Key_G), [this] { showOutline(); }, menu);
    addAction(chat, tr("Previous question"), QKeySequence(Qt::ALT | Qt::Key_Up),
              [this] { m_ui.transcript->stepQuestion(-1); });
    addAction(chat, tr("Next question"), QKeySequence(Qt::ALT | Qt::Key_Down),
              [this] { m_ui.transcript->stepQuestion(1); });
    addAction(chat, tr("Search all chats"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_F), [this] {
        m_room.showSidebar(true);
        m_ui.sidebar->focusSearch();
    });
    m_stop_action = addAction(
        chat, tr("Stop generating"), QKeySequence(Qt::Key_Escape), [this] { stop(); }, menu);
    addAction(chat, tr("Focus the message box"), QKeySequence(Qt::CTRL | Qt::Key_L),
              [this] { m_ui.composer->setFocus(); });
    addAction(chat, tr("Attach files…"), QKeySequence(Qt::CTRL | Qt::Key_U), [this] { attachFiles(); });
    addAction(chat, tr("Edit the last question"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_E), [this] {
        if (const auto last = m_chat->lastQuestion()) editQuestion(*last);
    });
    addAction(chat, tr("Regenerate the last answer"), QKeySequence(Qt::CTRL | Qt::Key_R), [this] {
        if (const qint64 id = lastAnswer(); id && canChange()) m_chat->regenerate(id);
    });
    addAction(chat, tr("Continue the last answer"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_R), [this] {
        if (const qint64 id = lastAnswer(); id && canChange()) m_chat->continueAnswer(id);
    });
    addAction(chat, tr("Copy the last answer"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C), [this] {
        if (const qint64 id = lastAnswer()) QApplication::clipboard()->setText(m_chat->shownTextOf(id));
    });
    addAction(chat, tr("Rename the chat"), QKeySequence(Qt::Key_F2), [this] {
        if (!m_ui.sidebar->rename()) m_ui.header->startRename();
    });
    addAction(chat, tr("Rename the chat in the header"), QKeySequence(Qt::CTRL | Qt::Key_F2),
              [this] { m_ui.header->startRename(); });
    addAction(chat, tr("Move the chat to the trash"), QKeySequence(Qt::CTRL | Qt::Key_Delete),
              [this] { m_ui.sidebar->trash(); });
    const auto onChange = [&](const QString& text, const QKeySequence& keys, auto run, QMenu* in) {
        addAction(
            chat, text, keys,
            [this, run] {
                if (canChange()) run();
            },
            in);
    };
    onChange(
        tr("Chat settings…"), QKeySequence(Qt::CTRL | Qt::Key_Period), [this] { openChatSettings(); }, menu);
    onChange(
        tr("Think before answering"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_H), [this] { toggleThinking(); },
        nullptr);
    onChange(
        tr("Router rules…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_P), [this] { m_interventions->editRules(); },
        menu);
    onChange(
        tr("Regenerate with other rules…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_G),
        [this] { m_interventions->editRulesFor(0); }, nullptr);
}

void MainWindow::buildColumnActions(QMenu* menu) {
    const QString chat = tr("Chat");
    addAction(
        chat, tr("Side by side"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_S), [this] { m_side_by_side->toggle(); },
        menu);
    addAction(chat, tr("Add a column"), {}, [this] { m_side_by_side->add(); });
    addAction(chat, tr("Next column"), QKeySequence(Qt::Key_F6), [this] { m_side_by_side->focusNext(); });
}

void MainWindow::buildFileActions(QMenu* menu) {
    const QString chat = tr("Chat"), model = tr("Model");
    addAction(
        chat, tr("Export this chat…"), QKeySequence(Qt::CTRL | Qt::Key_E),
        [this] {
            exportConversations(m_chat->conversation() ? QList<qint64>{m_chat->conversation()} : QList<qint64>());
        },
        menu);
    addAction(
        chat, tr("Export all chats…"), {}, [this] { exportAll(); }, menu);
    addAction(
        chat, tr("Import chats…"), {}, [this] { importFiles(askForImport(this)); }, menu);
    menu->addSeparator();
    addAction(
        model, tr("Open a model…"), QKeySequence(Qt::CTRL | Qt::Key_O), [this] { openModelFile(); }, menu);
    addAction(
        model, tr("Find or download a model…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_O),
        [this] { findModels(); }, menu);
    addAction(model, tr("Choose the model"), QKeySequence(Qt::CTRL | Qt::Key_M), [this] {
        m_model_menu->popup(m_ui.header->mapToGlobal(QPoint(m_ui.header->width() / 2, m_ui.header->height())));
    });
    addAction(
        model, tr("About this model…"), {}, [this] { showModelCard(); }, menu);
    addAction(
        model, tr("Unload the model"), {}, [this] { m_models->unload(); }, menu);
}

void MainWindow::buildViewActions(QMenu* menu) {
    const QString view = tr("View");
    addAction(
        view, tr("Sidebar"), QKeySequence(Qt::CTRL | Qt::Key_B),
        [this] { m_room.showSidebar(m_ui.sidebar->isHidden()); }, menu);
    addAction(
        view, tr("Routing inspector"), QKeySequence(Qt::CTRL | Qt::Key_I),
        [this] { m_room.showInspector(m_ui.inspector->isHidden()); }, menu);
    addAction(
        view, tr("Tokens of an expert…"), QKeySequence(Qt::CTRL | Qt::Key_J),
        [this] { m_interventions->searchExperts(); }, menu);
    addAction(
        view, tr("Open trace…"), {}, [this] { m_traces->askAndOpen(); }, menu);
    addAction(
        view, tr("Open trace folder…"), {}, [this] { m_traces->askAndOpenFolder(); }, menu);
    addAction(
        view, tr("Export trace…"), {}, [this] { m_traces->askAndSave(); }, menu);
    addAction(
        view, tr("Export trace of the scope…"), {}, [this] { m_traces->askAndSave(TraceFiles::What::kScope); }, menu);
    addAction(
        view, tr("Re-read this chat for its routing"), {}, [this] { m_rereading->start(); }, menu);
    addAction(
        view, tr("Copy view"), {}, [this] { m_view_links->copy(); }, menu);
    addAction(
        view, tr("Open view…"), {}, [this] { m_view_links->askAndOpen(); }, menu);
    addAction(
        view, tr("Experiments"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_X),
        [this] { m_interventions->showExperiments(); }, menu);
    addAction(view, tr("Tint the tokens…"), QKeySequence(Qt::CTRL | Qt::Key_T), [this] { chooseTint(); });
    addAction(view, tr("Alternatives of a token"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_A), [this] {
        if (!m_alternatives->open()) m_notices->sayInPassing(tr("No alternatives were kept for these tokens."), 8);
    });
    addAction(view, tr("Larger text"), QKeySequence(Qt::CTRL | Qt::Key_Plus), [this] { m_themes.zoomBy(1); });
    addAction(view, tr("Larger text (other key)"), QKeySequence(Qt::CTRL | Qt::Key_Equal),
              [this] { m_themes.zoomBy(1); });
    addAction(view, tr("Smaller text"), QKeySequence(Qt::CTRL | Qt::Key_Minus), [this] { m_themes.zoomBy(-1); });
    addAction(view, tr("Normal text size"), QKeySequence(Qt::CTRL | Qt::Key_0), [this] { m_themes.setZoom(1); });
    addAction(
        view, tr("Toggle theme"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_L),
        [this] {
            const auto other = m_themes.theme().dark ? ThemeStore::Mode::kLight : ThemeStore::Mode::kDark;
            m_settings->values.theme = other;
            m_themes.setMode(other);
            m_settings->save();
        },
        menu);
    addAction(view, tr("Next chat"), QKeySequence(Qt::CTRL | Qt::Key_PageDown),
              [this] { m_ui.sidebar->openNeighbour(1); });
    addAction(view, tr("Previous chat"), QKeySequence(Qt::CTRL | Qt::Key_PageUp),
              [this] { m_ui.sidebar->openNeighbour(-1); });
}

void MainWindow::buildHelpActions(QMenu* menu) {
    const QString help = tr("Help");
    addAction(
        help, tr("Commands…"), QKeySequence(Qt::CTRL | Qt::Key_K),
        [this] {
            m_ui.palette->setActions(m_actions);
            m_ui.palette->openPalette();
        },
        menu);
    addAction(
        help, tr("Keyboard shortcuts"), QKeySequence(Qt::Key_F1),
        [this] {
            ShortcutsDialog dialog(&m_themes, this);
            dialog.setActions(m_actions);
            dialog.addEntry(tr("Writing"), tr("Send"), tr("Enter"));
            dialog.addEntry(tr("Writing"), tr("New line"), tr("Shift+Enter"));
            dialog.addEntry(tr("Writing"), tr("Edit the last question"), tr("Ctrl+Up"));
            dialog.addEntry(tr("Transcript"), tr("Move between messages"), tr("Ctrl+Up, Ctrl+Down"));
            dialog.exec();
        },
        menu);
    addAction(
        help, tr("Settings…"), QKeySequence(Qt::CTRL | Qt::Key_Comma), [this] { openSettings(); }, menu);
    addAction(
        help, tr("Copy diagnostics"), {}, [this] { copyDiagnostics(); }, menu);
    addAction(help, tr("Menu"), QKeySequence(Qt::Key_F10), [this, menu] {
        menu->popup(m_ui.header->mapToGlobal(QPoint(m_ui.header->width() - 240, m_ui.header->height())));
    });
    addAction(
        help, tr("Quit"), QKeySequence(Qt::CTRL | Qt::Key_Q), [this] { close(); }, menu);
}

void MainWindow::showOutline() {
    // A menu shows what fits the screen, and lets one type the beginning of a line.
    constexpr qsizetype kLetters = 72;
    QMenu menu(this);
    menu.setAccessibleName(tr("Questions in this chat"));
    menu.setStyleSheet(QStringLiteral("QMenu { menu-scrollable: 1; }"));
    int number = 0;
    for (int row = 0; row < m_transcript_model->count(); ++row) {
        const TranscriptMessage& m = m_transcript_model->at(row);
        if (m.role != TranscriptRole::kUser) continue;
        const std::string_view asked = markdown::questionOf(m.text);
        const QString text =
            QString::fromUtf8(asked.data(), static_cast<qsizetype>(std::min<std::size_t>(asked.size(), 4 * kLetters)));
        const QString line = oneLine(text.simplified(), kLetters);
        ++number;
        connect(menu.addAction(plainCaption(tr("%1. %2").arg(number).arg(line))), &QAction::triggered, this,
                [this, id = m.id] { m_ui.transcript->scrollToMessage(id); });
    }
    if (number == 0) return;
    const QPoint corner = m_ui.transcript->mapToGlobal(QPoint(m_themes.theme().space(4), m_themes.theme().space(4)));
    menu.exec(corner);
}

void MainWindow::chooseTint() {
    QMenu menu(this);
    menu.setAccessibleName(tr("Tint the tokens…"));
    m_tint->fill(&menu);
    QWidget* chip = m_ui.composer->chip(QStringLiteral("tint"));
    menu.exec(chip->mapToGlobal(QPoint(0, -menu.sizeHint().height())));
}

}  // namespace moescope
