// What the window's parts say to each other through it.

#include <QApplication>
#include <QClipboard>
#include <QFileInfo>
#include <QSplitter>
#include <QStackedWidget>
#include <QUrl>
#include <algorithm>

#include "app/chat/prompt.h"
#include "app/window/after_painting.h"
#include "app/window/answer_words.h"
#include "app/window/expert_names.h"
#include "app/window/find_in_chat.h"
#include "app/window/history_list.h"
#include "app/window/history_writer.h"
#include "app/window/interventions.h"
#include "app/window/main_window.h"
#include "app/window/model_desk.h"
#include "app/window/model_loader.h"
#include "app/window/model_menu.h"
#include "app/window/question_desk.h"
#include "app/window/rereading.h"
#include "app/window/routing_desk.h"
#include "app/window/server_paths.h"
#include "app/window/settings_keeper.h"
#include "app/window/side_by_side.h"
#include "app/window/token_tint.h"
#include "app/window/trace_files.h"
#include "app/window/view_links.h"
#include "ui/chat/transcript_model.h"
#include "ui/chat/transcript_view.h"
#include "ui/chrome/header_bar.h"
#include "ui/chrome/trash_bar.h"
#include "ui/composer/composer.h"
#include "ui/inspector/inspector_dock.h"
#include "ui/sidebar/sidebar.h"
#include "ui/widgets/plain_text.h"

namespace moescope {

void MainWindow::connectChat() {
    m_chat->setAfterPainting([this](std::function<void()> then) { afterPainting(this, std::move(then)); });
    connect(m_chat, &ChatController::opened, this, &MainWindow::onOpened);
    connect(m_chat, &ChatController::becameStored, this, &MainWindow::onBecameStored);
    connect(m_chat, &ChatController::conversationChanged, this, &MainWindow::onConversationChanged);
    connect(m_chat, &ChatController::answeringChanged, this, &MainWindow::onAnswering);
    connect(m_chat, &ChatController::failed, this,
            [this](qint64 conversation, const QString& sentence) { m_notices->say(conversation, sentence); });
    connect(m_chat, &ChatController::contextQuestion, this, [this](qint64 conversation, const QString& sentence) {
        m_notices->say(conversation, sentence, tr("Drop the oldest turns"), [this] { m_chat->retryDroppingOldest(); });
    });
    connect(m_chat, &ChatController::removed, this,
            [this] { m_notices->sayInPassing(tr("Deleted."), 12, tr("Undo"), [this] { m_chat->undoRemove(); }); });
    connect(m_writer, &HistoryWriter::heldUp, this, &MainWindow::onHeldUp);
    connect(m_writer, &HistoryWriter::finished, this, [this] {
        if (m_close_when_saved) close();
    });
    connect(m_settings, &SettingsKeeper::failed, this,
            [this](const QString& sentence) { m_ui.notice->warn(sentence); });
    // Figures that change four times a second can be read.
    m_figures.pause.setSingleShot(true);
    m_figures.pause.setInterval(250);
    connect(&m_figures.pause, &QTimer::timeout, this, &MainWindow::showFigures);
    connect(m_chat, &ChatController::answerProgress, this, [this](const AnswerBatch& batch) {
        m_figures.speed = batch.tokens_per_second;
        showFiguresSoon();
    });
    connect(m_chat, &ChatController::contextUsed, this, [this](int tokens) {
        m_figures.context_used = tokens;
        m_questions->setContextUsed(tokens);
        showFiguresSoon();
    });
    connect(m_chat, &ChatController::prefillProgress, this, [this](int done, int total) {
        m_ui.status->setSpeed(tr("reading the prompt: %1 of %2 tokens").arg(done).arg(total));
    });
}

void MainWindow::onOpened(qint64 conversation) {
    m_notices->showOf(conversation);
    showConversation(conversation);
    offerModelOfChat();
}

void MainWindow::onBecameStored(qint64 conversation) {
    m_questions->flush();  // what was typed since is the stored chat's
    m_notices->becameStored(conversation);
    showConversation(conversation);
}

void MainWindow::showConversation(qint64 id) {
    // At once: the program may not come to close itself.
    m_settings->keep(QStringLiteral("window.conversation"), std::to_string(id));
    m_ui.sidebar->setCurrent(id);
    const bool trashed = state().trashed;
    m_ui.composer->setVisible(!trashed);
    m_ui.trash_bar->setVisible(trashed);
    m_ui.transcript->setOfferedActions(trashed ? MessageActions(MessageAction::kCopy) : MessageActions(~0));
    m_finder->update();
    m_questions->showDraft();
    m_figures.context_used = m_chat->contextTokens();
    m_questions->setContextUsed(m_figures.context_used);
    m_ui.header->setContext(m_figures.context_used, m_models->model().context);
    updateChips();
    updateUi();
}

void MainWindow::onConversationChanged(qint64 conversation) {
    m_list->update(conversation);
    if (conversation == m_chat->conversation()) {
        m_chat->reload();
        if (m_ui.sidebar->current() != conversation) m_ui.sidebar->setCurrent(conversation);  // stored just now
    }
    updateUi();
}

void MainWindow::onAnswering(bool answering) {
    LivePace& pace = m_ui.inspector->model().pace();
    if (answering) {
        m_notices->drop(m_chat->answeringConversation());  // it was about what was asked before
        m_chat->setModel(m_models->model().path);
        m_figures.speed = 0;
        pace.begin();
    } else {
        pace.end();
        showFigures();
    }
    updateUi();
}

void MainWindow::onHeldUp(bool held_up) {
    if (!held_up) return m_ui.notice->takeBack(std::exchange(m_held_up, 0));
    if (m_close_when_saved) return;
    m_held_up =
        m_ui.notice->say(tr("Another program is writing to the history. What you write is kept and will be saved "
                            "as soon as it is done."));
}

void MainWindow::offerModelOfChat() {
    const QString path = QString::fromStdString(m_chat->current().model_path);
    const WindowState now = state();
    if (now.trashed || !now.has_model || now.loading) return;
    if (path.isEmpty() || path == m_models->model().path) return;
    const bool served = isServerPath(path);
    if (served ? !serverOf(m_settings->values, path) : !QFileInfo::exists(path)) return;
    const QString name = served ? serverModelName(path) : QFileInfo(path).completeBaseName();
    m_notices->sayInPassing(tr("This chat used %1.").arg(oneLine(name)), 12, tr("Load that model"),
                            [this, path] { loadModel(path); });
}

void MainWindow::connectTranscript() {
    for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(m_transcript_model, signal, this, &MainWindow::showPage);
    connect(m_transcript_model, &QAbstractItemModel::modelReset, this, &MainWindow::showPage);
    TranscriptView* view = m_ui.transcript;
    connect(view, &TranscriptView::copyRequested, this,
            [this](qint64 id) { QApplication::clipboard()->setText(m_chat->shownTextOf(id)); });
    connect(view, &TranscriptView::editRequested, this, &MainWindow::editQuestion);
    const auto onChange = [this, view](auto signal, auto run) {
        connect(view, signal, this, [this, run](qint64 id) {
            if (canChange()) run(id);
        });
    };
    onChange(&TranscriptView::regenerateRequested, [this](qint64 id) { m_chat->regenerate(id); });
    onChange(&TranscriptView::continueRequested, [this](qint64 id) { m_chat->continueAnswer(id); });
    onChange(&TranscriptView::deleteRequested, [this](qint64 id) { m_chat->remove(id); });
    onChange(&TranscriptView::rulesRequested, [this](qint64 id) { m_interventions->editRulesFor(id); });
    connect(view, &TranscriptView::siblingRequested, m_chat, &ChatController::showSibling);
    connect(view, &TranscriptView::linkActivated, this, &MainWindow::copyAddress);
    connect(view, &TranscriptView::codeLookChanged, this, &MainWindow::onCodeLook);
    connect(view, &TranscriptView::saveCodeRequested, this, &MainWindow::saveCode);
    connect(m_tint, &TokenTint::changed, this, [this] {
        m_settings->values.tint = nameOfTint(m_tint->metric());  // saved with the rest when the window closes
        updateChips();
    });
}

void MainWindow::onCodeLook(bool wrap, bool numbers) {
    AppSettings& now = m_settings->values;
    if (now.wrap_code == wrap && now.number_code == numbers) return;
    now.wrap_code = wrap;
    now.number_code = numbers;
    m_ui.transcript->setCodeLook(wrap, numbers);
    m_settings->save();
}

void MainWindow::connectColumns() {
    connect(m_side_by_side, &SideBySide::changed, this, &MainWindow::onColumnsChanged);
    connect(m_side_by_side, &SideBySide::chatSettingsWanted, this, [this] {
        if (canChange()) openChatSettings();
    });
    connect(m_side_by_side, &SideBySide::chatRulesWanted, this, [this] {
        if (canChange()) m_interventions->editRules();
    });
    connect(m_side_by_side, &SideBySide::said, this, [this](const QString& text) { m_ui.notice->say(text, 12); });
    connect(m_side_by_side, &SideBySide::failed, this, [this](const QString& text) { m_ui.notice->warn(text); });
    connect(m_side_by_side, &SideBySide::linkActivated, this, &MainWindow::copyAddress);
    connect(m_side_by_side, &SideBySide::codeLookChanged, this, &MainWindow::onCodeLook);
    connect(m_side_by_side, &SideBySide::saveCodeWanted, this, &MainWindow::saveCode);
}

void MainWindow::onColumnsChanged() {
    // Columns that are too narrow to be read in take the inspector's room, until they are closed.
    const int room = m_ui.splitter->widget(1)->width(), wanted = m_themes.theme().px(400) * m_ui.columns->count();
    const bool beside = m_ui.inspector->isVisible() && !m_ui.inspector->isFloating();
    if (m_side_by_side->isOpen() && beside && room < wanted) {
        m_hid_inspector = true;
        m_room.showInspector(false);
    } else if (!m_side_by_side->isOpen() && std::exchange(m_hid_inspector, false)) {
        m_room.showInspector(true);
    }
    showPage();
}

void MainWindow::showPage() {
    QWidget* page = m_ui.welcome;
    if (m_transcript_model->count() > 0 || m_side_by_side->isOpen()) page = m_ui.columns;
    m_ui.pages->setCurrentWidget(page);
    updateUi();
}

void MainWindow::copyAddress(const QUrl& url) {
    // Nothing leaves this machine unasked: the address is copied, not opened.
    QApplication::clipboard()->setText(url.toString());
    m_ui.notice->say(tr("Copied the address %1.").arg(url.toDisplayString()), 8);
}

bool MainWindow::canChange() {
    const bool trashed = state().trashed;
    if (trashed) m_ui.notice->say(tr("This chat is in the trash. Restore it to continue."), 8);
    return !trashed;
}

void MainWindow::editQuestion(qint64 message) {
    if (canChange()) m_questions->edit(message);
}

void MainWindow::connectComposer() {
    connect(m_questions, &QuestionDesk::sent, m_ui.transcript, &TranscriptView::scrollToEnd);
    connect(m_ui.composer, &Composer::stopRequested, this, &MainWindow::stop);
    connect(m_ui.composer, &Composer::systemPromptChosen, this, &MainWindow::useSystemPrompt);
    connect(m_ui.composer, &Composer::chipClicked, this, &MainWindow::onChip);
    connect(m_ui.welcome, &Welcome::chosen, m_questions, &QuestionDesk::ask);
    connect(m_ui.welcome, &Welcome::openModelWanted, this, &MainWindow::openModelFile);
    connect(m_ui.welcome, &Welcome::findModelWanted, this, &MainWindow::findModels);
    connect(m_ui.welcome, &Welcome::demoWanted, this, [this] { loadModel(m_options.demo_model); });
    connect(m_finder, &FindInChat::closed, this, [this] { m_ui.composer->setFocus(); });
    connect(m_ui.trash_bar, &TrashBar::restoreWanted, this, [this] { m_list->restore({m_chat->conversation()}); });
    connect(m_ui.trash_bar, &TrashBar::purgeWanted, this,
            [this] { m_ui.sidebar->askToPurge({m_chat->conversation()}); });
}

void MainWindow::onChip(const QString& id) {
    if (id == QLatin1String("tint")) {
        chooseTint();
    } else if (id == QLatin1String("rules")) {
        m_interventions->editRules();
    } else if (id == QLatin1String("attach")) {
        attachFiles();
    } else if (id == QLatin1String("thinking")) {
        toggleThinking();
    } else {
        openChatSettings();
    }
}

void MainWindow::useSystemPrompt(const PromptEntry& prompt) {
    if (!canChange()) return;
    const qint64 chat = m_chat->conversation();
    const QString before = QString::fromStdString(m_chat->current().system_prompt);
    m_chat->setSystemPrompt(prompt.text);
    updateChips();
    m_notices->sayInPassing(tr("The system prompt of this chat is now “%1”.").arg(oneLine(prompt.name)), 12, tr("Undo"),
                            [this, chat, before] {
                                if (m_chat->conversation() != chat) return;
                                m_chat->setSystemPrompt(before);
                                updateChips();
                            });
}

void MainWindow::toggleThinking() {
    if (!canChange()) return;
    if (!hasThinkingChoice())
        return m_notices->sayInPassing(tr("This model's chat template cannot turn thinking on or off."), 8);
    GenerationSettings settings = m_chat->settings();
    settings.thinking = !thinks();
    m_chat->setSettings(settings);
    updateChips();
}

void MainWindow::connectModel() {
    connect(m_models, &ModelLoader::progressed, this, &MainWindow::updateUi);
    connect(m_models, &ModelLoader::modelChanged, this, &MainWindow::onModelChanged);
    connect(m_models, &ModelLoader::findWanted, this, &MainWindow::openModelFile);
    connect(m_model_menu, &ModelMenu::chosen, this, &MainWindow::loadModel);
    connect(m_model_menu, &ModelMenu::openWanted, this, &MainWindow::openModelFile);
    connect(m_model_menu, &ModelMenu::serversWanted, this, [this] { openSettings(SettingsDialog::Page::kServers); });
    connect(m_model_menu, &ModelMenu::findWanted, this, &MainWindow::findModels);
    connect(m_model_menu, &ModelMenu::cardWanted, this, &MainWindow::showModelCard);
    connect(m_model_desk, &ModelDesk::openWanted, this, &MainWindow::loadModel);
    connect(m_model_desk, &ModelDesk::foldersChanged, this, [this](const QStringList& folders) {
        m_settings->values.model_folders = folders;
        m_settings->save();
    });
    connect(m_model_desk, &ModelDesk::ended, this, [this](const QString& sentence, const QString& path) {
        if (path.isEmpty()) {
            m_ui.notice->warn(sentence, 0, tr("Show"), [this] { findModels(); });
        } else {
            m_ui.notice->say(sentence, 0, tr("Open"), [this, path] { loadModel(path); });
        }
    });
    connect(m_model_menu, &ModelMenu::unloadWanted, m_models, &ModelLoader::unload);
}

void MainWindow::onModelChanged() {
    const LoadedModel& model = m_models->model();
    ChatController::Fits fits;
    if (model.there()) {
        m_notices->dropAll();  // what was said of chats was about the model before
        m_settings->remember(model);
    }
    if (model.model) {
        // Weakly: a model that is unloaded goes at once.
        fits = [known = std::weak_ptr<Model>(model.model), context = model.context](
                   const std::string& question, const std::string& system_prompt, int max_tokens) -> Status {
            const auto held = known.lock();
            if (!held) return {};
            const auto overflow = questionOverflow(*held, question, system_prompt, context, max_tokens);
            return overflow ? outOfRange(overflowText(*overflow).toStdString()) : Status();
        };
    }
    m_chat->setFits(std::move(fits));
    applyDefaults();
    m_figures.context_used = model.there() ? m_chat->contextTokens() : 0;
    m_questions->setContextUsed(m_figures.context_used);
    m_ui.header->setContext(m_figures.context_used, model.context);
    m_routing->setModel(model);
    m_interventions->setModel(model);
    m_rereading->setModel(model);
    m_expert_names->setModel(model);
    m_side_by_side->onModelChanged();
    m_model_menu->fill(m_settings->values, model);
    updateUi();
    updateChips();
    m_questions->count();
    askWhatWaits();
}

void MainWindow::connectInspector() {
    const auto say = [this](const QString& sentence) { m_ui.notice->say(sentence, 12); };
    const auto warn = [this](const QString& sentence) { m_ui.notice->warn(sentence); };
    connect(m_ui.header, &HeaderBar::sidebarWanted, this, [this] { m_room.showSidebar(true); });
    connect(m_ui.header, &HeaderBar::inspectorWanted, this, [this] { m_room.showInspector(true); });
    connect(m_ui.inspector, &QDockWidget::visibilityChanged, this, [this] { m_room.offerHidden(); });
    connect(m_ui.inspector, &InspectorDock::said, this, say);
    connect(m_ui.inspector, &InspectorDock::failed, this, warn);
    connect(m_ui.inspector, &InspectorDock::rendererChanged, this, [this](const QString&, const QString& sentence) {
        m_ui.status->setRenderer(sentence);
        updateUi();
    });
    connect(m_interventions, &Interventions::refused, this, say);
    connect(m_interventions, &Interventions::rulesChanged, this, &MainWindow::updateChips);
    connect(m_interventions, &Interventions::said, this, say);
    connect(m_interventions, &Interventions::failed, this, warn);
    connect(m_interventions, &Interventions::messageWanted, this, &MainWindow::showMessage);
    connect(m_interventions, &Interventions::experimentRunning, this, &MainWindow::updateUi);
    connect(m_ui.inspector, &InspectorDock::readAgainWanted, m_rereading, &Rereading::start);
    connect(m_ui.inspector, &InspectorDock::copyViewWanted, m_view_links, &ViewLinks::copy);
    connect(m_ui.inspector, &InspectorDock::openViewWanted, m_view_links, &ViewLinks::askAndOpen);
    connect(m_rereading, &Rereading::runningChanged, this, [this] {
        m_ui.status->setSpeed({});
        updateUi();
    });
    connect(m_rereading, &Rereading::progressed, this, [this](int done, int total) {
        m_ui.status->setSpeed(tr("re-reading the chat: %L1 of %L2 tokens").arg(done).arg(total));
    });
    connect(m_rereading, &Rereading::said, this, say);
    connect(m_rereading, &Rereading::refused, this, say);
    connect(m_rereading, &Rereading::failed, this, warn);
    connect(m_view_links, &ViewLinks::said, this, say);
    connect(m_view_links, &ViewLinks::refused, this, say);
    connect(m_view_links, &ViewLinks::chatWanted, this,
            [this](qint64 conversation, qint64 message) { showMessage(conversation, message, -1); });
    connect(m_traces, &TraceFiles::said, this, say);
    connect(m_traces, &TraceFiles::failed, this, warn);
}

void MainWindow::showMessage(qint64 conversation, qint64 message, int token) {
    m_questions->flush();
    if (m_chat->conversation() != conversation) m_chat->open(conversation);
    if (message == 0) return;
    m_chat->showMessage(message);
    m_ui.transcript->scrollToMessage(message);
    m_ui.transcript->setFocusedMessage(message);
    if (token >= 0) m_routing->selectToken(message, token);
}

void MainWindow::connectSidebar() {
    connect(m_list, &HistoryList::opened, this, [this](qint64 id) {
        openChat(id);
        m_ui.composer->setFocus();
    });
    connect(m_list, &HistoryList::trashedOpened, this, &MainWindow::openChat);
    connect(m_list, &HistoryList::messageWanted, this, [this](qint64 conversation, qint64 message) {
        showMessage(conversation, message, -1);
        if (message != 0) revealHit(message);
    });
    connect(m_list, &HistoryList::restored, this, [this](const QList<qint64>& ids) {
        if (!ids.contains(m_chat->conversation())) return;
        m_ui.sidebar->showTrash(false);
        m_chat->open(m_chat->conversation());
        m_ui.composer->setFocus();
    });
    connect(m_list, &HistoryList::purged, this, [this](const QList<qint64>& ids) {
        if (ids.contains(m_chat->conversation())) m_chat->startNew();
    });
    connect(m_list, &HistoryList::newChatRequested, this, &MainWindow::startNewChat);
    connect(m_list, &HistoryList::settingsRequested, this, [this] { openSettings(); });
    connect(m_list, &HistoryList::exportRequested, this, &MainWindow::exportConversations);
    connect(m_list, &HistoryList::failed, this, [this](const QString& sentence) { m_ui.notice->warn(sentence); });
    connect(m_list, &HistoryList::trashed, this, [this](const QList<qint64>& ids) {
        m_ui.notice->say(tr("%Ln chat(s) moved to the trash.", nullptr, static_cast<int>(ids.size())), 12, tr("Undo"),
                         [this, ids] { m_list->restore(ids); });
    });
    connect(m_ui.header, &HeaderBar::renamed, this, &MainWindow::renameChat);
}

void MainWindow::openChat(qint64 conversation) {
    m_questions->flush();
    m_chat->open(conversation);
    m_ui.transcript->scrollToEnd();
}

void MainWindow::startNewChat() {
    m_questions->flush();
    m_chat->startNew();
    m_ui.composer->setFocus();
}

void MainWindow::askInNewChat(const QString& question) {
    if (question.trimmed().isEmpty()) return;
    startNewChat();
    const QString draft = m_ui.composer->text();
    m_ui.composer->setText(draft.isEmpty() ? question : question + QLatin1Char('\n') + draft);
    m_chat->setDraft(m_ui.composer->text());
    m_to_ask = draft.isEmpty() ? question : QString();
    askWhatWaits();
}

void MainWindow::askWhatWaits() {
    if (m_to_ask.isEmpty() || !m_ui.composer->enabledReason().isEmpty()) return;
    const QString question = std::exchange(m_to_ask, QString());
    // Unless the user has gone on meanwhile.
    if (m_chat->conversation() == 0 && m_ui.composer->text() == question) m_ui.composer->submit();
}

void MainWindow::renameChat(const QString& title) {
    const qint64 id = m_chat->conversation();
    m_writer->write([id, text = title.toStdString()](History& history) { return history.setTitle(id, text, false); },
                    [this, id](const Status& status) {
                        if (!status.ok()) m_notices->say(id, QString::fromStdString(status.message()));
                        if (id == m_chat->conversation()) m_chat->reload();
                        m_list->update(id);
                    });
}

void MainWindow::revealHit(qint64 message) {
    m_ui.transcript->setFocusedMessage(message);
    const QString text = m_chat->textOf(message), query = m_ui.sidebar->searchText().simplified();
    // All of what was looked for, else the first of its words.
    for (const QString& part : {query, query.section(QLatin1Char(' '), 0, 0)}) {
        const auto at = part.isEmpty() ? -1 : text.indexOf(part, 0, Qt::CaseInsensitive);
        if (at < 0) continue;
        const auto begin = static_cast<std::size_t>(text.left(at).toUtf8().size());
        const auto size = static_cast<std::size_t>(text.mid(at, part.size()).toUtf8().size());
        return m_ui.transcript->revealBytes(message, begin, begin + size);
    }
    m_ui.transcript->scrollToMessage(message);
}

}  // namespace moescope
