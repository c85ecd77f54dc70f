// What the window can do, as actions: for keys, the menu and the command palette; and the dialogs they open.

#include <QAction>
#include <QActionGroup>
#include <QApplication>
#include <QClipboard>
#include <QDesktopServices>
#include <QDir>
#include <QFileInfo>
#include <QLocale>
#include <QMenu>
#include <QPointer>
#include <QThreadPool>

#include "app/window/exchange.h"
#include "app/window/history_list.h"
#include "app/window/history_writer.h"
#include "app/window/interventions.h"
#include "app/window/main_window.h"
#include "app/window/model_name.h"
#include "app/window/trace_files.h"
#include "engine/backend/plugin_loader.h"
#include "ui/chat/transcript_model.h"
#include "ui/chat/transcript_view.h"
#include "ui/chrome/header_bar.h"
#include "ui/chrome/notice_bar.h"
#include "ui/chrome/status_line.h"
#include "ui/composer/composer.h"
#include "ui/inspector/inspector_dock.h"
#include "ui/palette/action_group.h"
#include "ui/palette/command_palette.h"
#include "ui/palette/shortcuts_dialog.h"
#include "ui/settings/chat_settings_dialog.h"
#include "ui/settings/settings_dialog.h"
#include "ui/sidebar/sidebar.h"
#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

constexpr qsizetype kShownFolder = 36;  // letters, from the end

}  // namespace

QAction* MainWindow::addAction(const QString& group, const QString& text, const QKeySequence& keys,
                               std::function<void()> run) {
    auto* action = new QAction(text, this);
    action->setShortcut(keys);
    setActionGroup(action, group);
    connect(action, &QAction::triggered, this, [run = std::move(run)] { run(); });
    QMainWindow::addAction(action);
    m_actions.append(action);
    return action;
}

void MainWindow::buildActions() {
    const QString chat = tr("Chat"), model = tr("Model"), view = tr("View"), help = tr("Help");
    const auto lastAnswer = [this]() -> qint64 {
        for (int row = m_transcript_model->count() - 1; row >= 0; --row) {
            if (m_transcript_model->at(row).role == TranscriptRole::kAnswer) return m_transcript_model->at(row).id;
        }
        return 0;
    };
    m_main_menu = new QMenu(this);
    m_main_menu->setAccessibleName(tr("Menu"));
    const auto add = [&](const QString& group, const QString& text, const QKeySequence& keys,
                         std::function<void()> run) {
        QAction* action = addAction(group, text, keys, std::move(run));
        m_main_menu->addAction(action);
        return action;
    };
    add(chat, tr("New chat"), QKeySequence(Qt::CTRL | Qt::Key_N), [this] { emit m_list->newChatRequested(); });
    add(chat, tr("Find in this chat…"), QKeySequence(Qt::CTRL | Qt::Key_F), [this] { openFind(); });
    addAction(chat, tr("Search all chats"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_F), [this] {
        showSidebar(true);
        m_sidebar->focusSearch();
    });
    m_stop_action = add(chat, tr("Stop generating"), QKeySequence(Qt::Key_Escape), [this] { m_chat->stop(); });
    m_stop_action->setEnabled(false);
    addAction(chat, tr("Focus the message box"), QKeySequence(Qt::CTRL | Qt::Key_L),
              [this] { m_composer->setFocus(); });
    addAction(chat, tr("Edit the last question"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_E), [this] {
        if (const auto last = m_chat->lastQuestion()) editQuestion(*last);
    });
    addAction(chat, tr("Regenerate the last answer"), QKeySequence(Qt::CTRL | Qt::Key_R), [this, lastAnswer] {
        if (const qint64 id = lastAnswer(); id && canChange()) m_chat->regenerate(id);
    });
    addAction(chat, tr("Continue the last answer"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_R), [this, lastAnswer] {
        if (const qint64 id = lastAnswer(); id && canChange()) m_chat->continueAnswer(id);
    });
    addAction(chat, tr("Copy the last answer"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C), [this, lastAnswer] {
        if (const qint64 id = lastAnswer()) QApplication::clipboard()->setText(m_chat->textOf(id));
    });
    QAction* rename = addAction(chat, tr("Rename the chat"), {}, [this] {
        if (!m_sidebar->rename()) m_header->startRename();
    });
    rename->setShortcut(QKeySequence(Qt::Key_F2));
    addAction(chat, tr("Rename the chat in the header"), QKeySequence(Qt::CTRL | Qt::Key_F2),
              [this] { m_header->startRename(); });
    addAction(chat, tr("Move the chat to the trash"), QKeySequence(Qt::CTRL | Qt::Key_Delete),
              [this] { m_sidebar->trash(); });
    add(chat, tr("Chat settings…"), QKeySequence(Qt::CTRL | Qt::Key_Period), [this] {
        if (canChange()) openChatSettings();
    });
    add(chat, tr("Router rules…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_P), [this] {
        if (canChange()) m_interventions->editRules();
    });
    addAction(chat, tr("Regenerate with other rules…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_G), [this] {
        if (canChange()) m_interventions->editRulesFor(0);
    });
    m_main_menu->addSeparator();
    add(chat, tr("Export this chat…"), QKeySequence(Qt::CTRL | Qt::Key_E), [this] {
        exportConversations(m_chat->conversation() ? QList<qint64>{m_chat->conversation()} : QList<qint64>());
    });
    add(chat, tr("Export all chats…"), {}, [this] {
        QList<qint64> all;
        ConversationFilter filter;
        filter.limit = 1'000'000;
        const auto found = m_history->conversations(filter);
        if (found.ok()) {
            for (const Conversation& c : *found) all.append(c.id);
        }
        exportConversations(all);
    });
    add(chat, tr("Import chats…"), {}, [this] { importFiles(askForImport(this)); });
    m_main_menu->addSeparator();
    add(model, tr("Open a model…"), QKeySequence(Qt::CTRL | Qt::Key_O), [this] { openModelFile(); });
    addAction(model, tr("Choose the model"), QKeySequence(Qt::CTRL | Qt::Key_M), [this] {
        m_model_menu->popup(m_header->mapToGlobal(QPoint(m_header->width() / 2, m_header->height())));
    });
    add(model, tr("Unload the model"), {}, [this] { m_engine->unload(); });
    m_main_menu->addSeparator();
    add(view, tr("Sidebar"), QKeySequence(Qt::CTRL | Qt::Key_B), [this] { showSidebar(m_sidebar->isHidden()); });
    add(view, tr("Routing inspector"), QKeySequence(Qt::CTRL | Qt::Key_I),
        [this] { showInspector(m_inspector->isHidden()); });
    add(view, tr("Tokens of an expert…"), QKeySequence(Qt::CTRL | Qt::Key_J),
        [this] { m_interventions->searchExperts(); });
    add(view, tr("Open trace…"), {}, [this] { m_traces->askAndOpen(); });
    add(view, tr("Open trace folder…"), {}, [this] { m_traces->askAndOpenFolder(); });
    add(view, tr("Export trace…"), {}, [this] { m_traces->askAndSave(); });
    add(view, tr("Experiments"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_X),
        [this] { m_interventions->showExperiments(); });
    addAction(view, tr("Tint the tokens…"), QKeySequence(Qt::CTRL | Qt::Key_T), [this] { chooseTint(); });
    addAction(view, tr("Larger text"), QKeySequence(Qt::CTRL | Qt::Key_Plus), [this] { m_themes.zoomBy(1); });
    addAction(view, tr("Larger text (other key)"), QKeySequence(Qt::CTRL | Qt::Key_Equal),
              [this] { m_themes.zoomBy(1); });
    addAction(view, tr("Smaller text"), QKeySequence(Qt::CTRL | Qt::Key_Minus), [this] { m_themes.zoomBy(-1); });
    addAction(view, tr("Normal text size"), QKeySequence(Qt::CTRL | Qt::Key_0), [this] { m_themes.setZoom(1); });
    add(view, tr("Toggle theme"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_L), [this] {
        m_settings.theme = m_themes.theme().dark ? ThemeStore::Mode::kLight : ThemeStore::Mode::kDark;
        m_themes.setMode(m_settings.theme);
        saveSettings();
    });
    addAction(view, tr("Next chat"), QKeySequence(Qt::CTRL | Qt::Key_PageDown),
              [this] { m_sidebar->openNeighbour(1); });
    addAction(view, tr("Previous chat"), QKeySequence(Qt::CTRL | Qt::Key_PageUp),
              [this] { m_sidebar->openNeighbour(-1); });
    m_main_menu->addSeparator();
    add(help, tr("Commands…"), QKeySequence(Qt::CTRL | Qt::Key_K), [this] {
        m_palette->setActions(m_actions);
        m_palette->openPalette();
    });
    add(help, tr("Keyboard shortcuts"), QKeySequence(Qt::Key_F1), [this] {
        ShortcutsDialog dialog(&m_themes, this);
        dialog.setActions(m_actions);
        dialog.addEntry(tr("Writing"), tr("Send"), tr("Enter"));
        dialog.addEntry(tr("Writing"), tr("New line"), tr("Shift+Enter"));
        dialog.addEntry(tr("Writing"), tr("Edit the last question"), tr("Ctrl+Up"));
        dialog.addEntry(tr("Transcript"), tr("From message to message"), tr("Ctrl+Up, Ctrl+Down"));
        dialog.exec();
    });
    add(help, tr("Settings…"), QKeySequence(Qt::CTRL | Qt::Key_Comma), [this] { openSettings(); });
    addAction(help, tr("Menu"), QKeySequence(Qt::Key_F10), [this] {
        m_main_menu->popup(m_header->mapToGlobal(QPoint(m_header->width() - 240, m_header->height())));
    });
    add(help, tr("Quit"), QKeySequence(Qt::CTRL | Qt::Key_Q), [this] { close(); });
    m_header->setMainMenu(m_main_menu);
}

void MainWindow::buildModelMenu() {
    if (m_model_menu) m_model_menu->deleteLater();
    auto* menu = new QMenu(this);
    menu->setAccessibleName(tr("Choose the model"));
    auto* group = new QActionGroup(menu);
    // Name and quantisation at the left, folder and size at the right.
    const auto add = [&](const QString& path, const QString& text) {
        const QFileInfo file(path);
        QString folder = file.path();
        if (folder.startsWith(QDir::homePath())) folder.replace(0, QDir::homePath().size(), QLatin1Char('~'));
        if (folder.size() > kShownFolder) folder = QStringLiteral("…") + folder.right(kShownFolder - 1);
        QString where = tr("not there any more");
        if (file.exists()) {
            where = tr("%1, %2", "folder and size")
                        .arg(folder, QLocale().formattedDataSize(file.size(), 1, QLocale::DataSizeTraditionalFormat));
        }
        QAction* action = menu->addAction(plainCaption(text) + QLatin1Char('\t') + plainCaption(where));
        action->setCheckable(true);
        action->setActionGroup(group);
        action->setChecked(m_model.model && m_model.path == path);
        action->setToolTip(plainToolTip(path));
        connect(action, &QAction::triggered, this, [this, path] { loadModel(path); });
    };
    if (!m_options.demo_model.isEmpty()) add(m_options.demo_model, tr("Demo model · built in, 13 M parameters"));
    for (const QString& path : m_settings.recent_models) {
        if (path == m_options.demo_model) continue;
        const QString name = m_settings.model_names.value(path, QFileInfo(path).completeBaseName());
        const QString kind = quantisationOf(path);
        add(path, kind.isEmpty() ? name : name + QStringLiteral(" · ") + kind);
    }
    menu->addSeparator();
    menu->addAction(tr("Open a model…"), this, &MainWindow::openModelFile);
    QAction* unload = menu->addAction(tr("Unload"), this, [this] { m_engine->unload(); });
    unload->setEnabled(m_model.model != nullptr);
    m_header->setModelMenu(menu);
    m_model_menu = menu;
}

void MainWindow::openSettings() {
    SettingsDialog dialog(&m_themes, this);
    AppSettings shown = m_settings;
    shown.text_size = m_themes.zoom();
    const CudaSurvey survey = surveyCuda();
    QList<std::pair<int, QString>> cards;
    for (const CudaCard& card : survey.cards) {
        if (card.problem.empty()) cards.emplace_back(card.device, QString::fromStdString(card.name));
    }
    dialog.setCards(cards, QString::fromStdString(survey.status.message()));
    dialog.setSettings(shown);
    dialog.setDataFolder(QString::fromStdString(m_options.data_dir));
    ConversationFilter trash;
    trash.trash = true;
    const auto in_trash = m_history->conversations(trash);
    dialog.setRenderer(m_status->renderer());
    dialog.setTrashCount(in_trash.ok() ? static_cast<int>(in_trash->size()) : -1);
    connect(&dialog, &SettingsDialog::changed, this, [this](const AppSettings& settings) {
        const bool needs_load =
            m_model.model &&
            (settings.context_size != m_settings.context_size || settings.kv_cache != m_settings.kv_cache ||
             settings.threads != m_settings.threads || settings.compute != m_settings.compute ||
             settings.gpu_memory_gb != m_settings.gpu_memory_gb);
        const bool language = settings.language != m_settings.language;
        applySettings(settings);
        saveSettings();
        if (language) m_notice->say(tr("The language changes when Moescope is started again."), 12);
        if (needs_load) loadModel(m_model.path);
    });
    // Both take as long as the history is large; the dialog may be gone by then.
    const QPointer<SettingsDialog> shown_dialog(&dialog);
    connect(&dialog, &SettingsDialog::backupRequested, this, [this, shown_dialog] {
        shown_dialog->setDataStatus(tr("Writing a backup…"), false);
        QThreadPool::globalInstance()->start(
            [this, shown_dialog, dir = m_options.data_dir, stop = m_background_stop.get_token()] {
                const auto history = History::open(dir);
                const Result<std::string> made = history.ok() ? (*history)->backUp(stop) : history.status();
                QMetaObject::invokeMethod(this, [this, shown_dialog, made] {
                    const QString said = !made.ok()      ? QString::fromStdString(made.status().message())
                                         : made->empty() ? tr("There is a backup of today already.")
                                                         : tr("Backup written: %1").arg(QString::fromStdString(*made));
                    if (shown_dialog) {
                        shown_dialog->setDataStatus(said, !made.ok());
                    } else {
                        m_notice->say(said, made.ok() ? 12 : 0);
                    }
                });
            });
    });
    connect(&dialog, &SettingsDialog::purgeTrashRequested, this, [this, shown_dialog] {
        shown_dialog->setDataStatus(tr("Emptying the trash…"), false);
        m_writer->write([](History& history) { return history.purgeTrash(nowMs() + 1); },
                        [this, shown_dialog](const Status& purged) {
                            const QString problem = QString::fromStdString(purged.message());
                            if (shown_dialog) {
                                shown_dialog->setDataStatus(purged.ok() ? tr("The trash is empty.") : problem,
                                                            !purged.ok());
                                if (purged.ok()) shown_dialog->setTrashCount(0);
                            } else if (!purged.ok()) {
                                m_notice->say(problem);
                            }
                            m_list->reload();
                        });
    });
    connect(&dialog, &SettingsDialog::openFolderRequested, this,
            [this] { QDesktopServices::openUrl(QUrl::fromLocalFile(QString::fromStdString(m_options.data_dir))); });
    dialog.exec();
}

void MainWindow::openChatSettings() {
    ChatSettingsDialog dialog(&m_themes, this);
    dialog.setSystemPrompt(QString::fromStdString(m_chat->current().system_prompt));
    dialog.setDefaults(m_settings.generation);
    dialog.setSettings(m_chat->settings());
    connect(&dialog, &ChatSettingsDialog::changed, this,
            [this](const QString& prompt, const GenerationSettings& settings) {
                m_chat->setSystemPrompt(prompt);
                m_chat->setSettings(settings);
                updateChips();
            });
    dialog.exec();
}

}  // namespace moescope
