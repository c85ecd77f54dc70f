#include "app/window/main_window.h"

#include <QApplication>
#include <QClipboard>
#include <QCloseEvent>
#include <QFileInfo>
#include <QMenu>
#include <QSplitter>
#include <QStackedWidget>
#include <QStyle>
#include <QThreadPool>

#include "app/chat/prompt.h"
#include "app/window/after_painting.h"
#include "app/window/answer_words.h"
#include "app/window/history_list.h"
#include "app/window/history_writer.h"
#include "app/window/interventions.h"
#include "app/window/load_words.h"
#include "app/window/model_name.h"
#include "app/window/opening.h"
#include "app/window/routing_desk.h"
#include "app/window/settings_json.h"
#include "app/window/titles.h"
#include "app/window/token_tint.h"
#include "app/window/trace_files.h"
#include "engine/model/demo_model.h"
#include "ui/chat/transcript_model.h"
#include "ui/chat/transcript_view.h"
#include "ui/chrome/find_bar.h"
#include "ui/chrome/header_bar.h"
#include "ui/chrome/notice_bar.h"
#include "ui/chrome/status_line.h"
#include "ui/chrome/trash_bar.h"
#include "ui/chrome/welcome.h"
#include "ui/composer/composer.h"
#include "ui/inspector/inspector_dock.h"
#include "ui/sidebar/sidebar.h"
#include "ui/widgets/ask_dialog.h"
#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

QString qt(const std::string& text) {
    return QString::fromStdString(text);
}

QString sizeText(std::uint64_t bytes) {
    return QLocale().formattedDataSize(static_cast<qint64>(bytes), 1, QLocale::DataSizeTraditionalFormat);
}

}  // namespace

MainWindow::MainWindow(std::unique_ptr<History> history, const WindowOptions& options)
    : m_options(options),
      m_history(std::move(history)),
      m_writer(new HistoryWriter(options.data_dir, this)),
      m_transcript_model(new TranscriptModel(this)),
      m_engine(options.engine ? options.engine : new EngineThread(options.data_dir, this)),
      m_chat(new ChatController(m_history.get(), m_writer, m_engine, m_transcript_model, this)) {
    m_engine->setParent(this);
    setWindowTitle(QStringLiteral("Moescope"));
    buildLayout();
    m_transcript->setPace(&m_inspector->model().pace());
    m_list = new HistoryList(m_history.get(), m_writer, m_sidebar, m_chat, this);
    m_routing = new RoutingDesk(m_history.get(), m_chat, m_transcript_model, m_transcript, m_inspector, this);
    m_tint = new TokenTint(m_chat, m_transcript, &m_inspector->model(), &m_themes, this);
    m_interventions = new Interventions(
        {options.data_dir, m_chat, m_engine, m_transcript_model, m_routing, m_inspector, &m_themes, this}, this);
    m_traces = new TraceFiles(m_routing, this, this);
    buildActions();
    connectChat();
    connectEngine();
    connectSidebar();
    connect(&m_themes, &ThemeStore::changed, this, &MainWindow::applyTheme);
    applySettings(readSettings(*m_history));
    applyTheme();
    restoreLayout();
    m_list->reload();
    restoreConversation();
    showModel();
    updateStatus();
    m_composer->setFocus();
    if (options.kept_nowhere) {
        m_notice->warn(tr("The history could not be opened: nothing of this session is kept."));
    } else if (const QString said = describe(m_history->report()); !said.isEmpty()) {
        m_notice->say(said);
    }

    if (options.load_model) {
        const QString model = !options.model.isEmpty()           ? options.model
                              : !m_settings.model_path.isEmpty() ? m_settings.model_path
                                                                 : options.demo_model;
        // After the window is up: what loading has to say is then seen.
        if (!model.isEmpty()) QTimer::singleShot(0, this, [this, model] { loadModel(model); });
    }
    // Backups and the thorough check need a connection of their own and nobody waits for them.
    QTimer::singleShot(2000, this, [this] {
        const std::string dir = m_options.data_dir;
        QThreadPool::globalInstance()->start([this, dir, stop = m_background_stop.get_token()] {
            auto own = History::open(dir);
            if (!own.ok()) return;
            const auto backup = (*own)->backUp();
            const Status whole = (*own)->checkIntegrity(stop);
            const auto say = [&](const Status& status) {
                QMetaObject::invokeMethod(this, [this, text = qt(status.message())] { m_notice->warn(text); });
            };
            if (!backup.ok()) say(backup.status());
            if (!whole.ok() && whole.code() != StatusCode::kStopped) say(whole);
        });
    });
}

MainWindow::~MainWindow() {
    m_background_stop.request_stop();
    m_interventions->stopSearching();
    QThreadPool::globalInstance()->waitForDone();
    m_transcript->setTint({});
}

void MainWindow::closeEvent(QCloseEvent* event) {
    m_composer->flushDraft();
    m_chat->stop();
    const auto keep = [&](const char* key, const QByteArray& value) {
        keepSetting(QLatin1String(key), value.toBase64().toStdString());
    };
    keep("window.geometry", saveGeometry());
    keep("window.state", saveState());
    keep("window.splitter", m_splitter->saveState());
    keepSetting(QStringLiteral("window.inspector"), m_hid_inspector ? "hidden for the width" : "");
    saveSettings();
    // What was typed is on the disk, or the window stays until it is.
    constexpr std::chrono::milliseconds kPatience{1'000};
    if (!m_writer->finish(m_close_when_saved ? std::chrono::milliseconds{0} : kPatience)) {
        m_close_when_saved = true;
        event->ignore();
        return m_notice->say(tr("Another program is writing to the history. This window closes when it is saved."), 0,
                             tr("Keep it open"), [this] { m_close_when_saved = false; });
    }
    QMainWindow::closeEvent(event);
}

bool MainWindow::event(QEvent* event) {
    if (event->type() == QEvent::ThemeChange) followSystem();
    return QMainWindow::event(event);
}

void MainWindow::comeForward() {
    setWindowState(windowState() & ~Qt::WindowMinimized);
    show();
    raise();
    activateWindow();
}

void MainWindow::applySettings(const AppSettings& settings) {
    m_settings = settings;
    m_themes.setMode(settings.theme);
    m_themes.setZoom(settings.text_size);
    applyDefaults();
    m_tint->setMetric(tintFromName(settings.tint));
    setAnimated(settings.motion == AppSettings::Motion::kFull ||
                (settings.motion == AppSettings::Motion::kSystem &&
                 style()->styleHint(QStyle::SH_Widget_Animation_Duration, nullptr, this) > 0));
    buildModelMenu();
    updateChips();
}

bool MainWindow::isDemo() const {
    return m_model.model && isDemoModel(m_model.model->config());
}

void MainWindow::applyDefaults() {
    GenerationSettings defaults = m_settings.generation;
    // The demo model is small: what it finds most likely is what it knows.
    if (isDemo() && defaults == GenerationSettings()) defaults.temperature = 0;
    m_chat->setDefaults(defaults);
}

void MainWindow::keepSetting(const QString& key, const std::string& value) {
    m_writer->write([key = key.toStdString(), value](History& history) { return history.settings().set(key, value); },
                    {}, HistoryWriter::Wait::kNo, QStringLiteral("setting ") + key);
}

void MainWindow::saveSettings() {
    const std::string json = jsonOf(m_settings);
    m_writer->write([json](History& history) { return history.settings().set("app", json); },
                    [this](const Status& saved) {
                        if (!saved.ok()) m_notice->warn(qt(saved.message()));
                    },
                    HistoryWriter::Wait::kNo, QStringLiteral("setting app"));
}

void MainWindow::showConversation(qint64 id) {
    // At once: the program may not come to close itself.
    keepSetting(QStringLiteral("window.conversation"), std::to_string(id));
    m_sidebar->setCurrent(id);
    m_editing = 0;
    m_composer->setEditing({});
    showPreview();
    if (m_find->isVisible()) find(m_find->text());
    if (m_composer->text() != qt(m_chat->current().draft)) m_composer->setText(qt(m_chat->current().draft));
    m_context_used = m_chat->contextTokens();
    m_header->setContext(m_context_used, m_model.context);
    updateTitle();
    updateChips();
    updateReason();
    updateEmptyState();
}

void MainWindow::connectChat() {
    m_chat->setAfterPainting([this](std::function<void()> then) { afterPainting(this, std::move(then)); });
    connect(m_chat, &ChatController::opened, this, [this](qint64 id) {
        showNoticesOf(id);
        showConversation(id);
        offerModelOfChat();
    });
    connect(m_chat, &ChatController::becameStored, this, [this](qint64 id) {
        m_composer->flushDraft();  // what was typed since is the stored chat's
        if (m_chat_notices.contains(0)) m_chat_notices[id] = m_chat_notices.take(0);
        showConversation(id);
    });
    connect(m_chat, &ChatController::notStored, this, &MainWindow::onNotStored);
    connect(m_writer, &HistoryWriter::heldUp, this, &MainWindow::sayHeldUp);
    connect(m_writer, &HistoryWriter::finished, this, [this] {
        if (m_close_when_saved) close();
    });
    connect(m_chat, &ChatController::conversationChanged, this, [this](qint64 id) {
        m_list->update(id);
        if (id == m_chat->conversation()) m_chat->reload();
        if (id == m_chat->conversation() && m_sidebar->current() != id) m_sidebar->setCurrent(id);  // stored just now
        updateTitle();
        updateStatus();
    });
    connect(m_chat, &ChatController::answeringChanged, this, [this](bool answering) {
        m_composer->setAnswering(answering);
        m_stop_action->setEnabled(answering || m_loading >= 0 || m_interventions->experimentRuns());
        LivePace& pace = m_inspector->model().pace();
        if (answering) {
            dropNotice(m_chat->answeringConversation());  // it was about what was asked before
            m_chat->setModel(m_model.path);
            m_speed = 0;
            pace.begin();
        } else {
            pace.end();
            showFigures();
        }
        updateReason();
        updateStatus();
        updateEmptyState();
    });
    // Figures that change four times a second can be read.
    m_figures.setSingleShot(true);
    m_figures.setInterval(250);
    connect(&m_figures, &QTimer::timeout, this, &MainWindow::showFigures);
    const auto later = [this] {
        if (!m_figures.isActive()) m_figures.start();
    };
    connect(m_chat, &ChatController::answerProgress, this, [this, later](const AnswerBatch& batch) {
        m_speed = batch.tokens_per_second;
        later();
    });
    connect(m_chat, &ChatController::prefillProgress, this, [this](int done, int total) {
        m_status->setSpeed(tr("reading the prompt: %1 of %2 tokens").arg(done).arg(total));
    });
    connect(m_chat, &ChatController::contextUsed, this, [this, later](int tokens) {
        m_context_used = tokens;
        later();
    });
    connect(m_chat, &ChatController::failed, this,
            [this](qint64 conversation, const QString& sentence) { sayOf(conversation, sentence); });
    connect(m_chat, &ChatController::removed, this,
            [this] { sayInPassing(tr("Deleted."), 12, tr("Undo"), [this] { m_chat->undoRemove(); }); });
    connect(m_chat, &ChatController::contextQuestion, this, [this](qint64 conversation, const QString& sentence) {
        sayOf(conversation, sentence, tr("Drop the oldest turns"), [this] { m_chat->retryDroppingOldest(); });
    });

    const auto showPage = [this] {
        m_pages->setCurrentWidget(m_transcript_model->count() > 0 ? static_cast<QWidget*>(m_transcript) : m_welcome);
        updateEmptyState();
    };
    connect(m_transcript_model, &QAbstractItemModel::modelReset, this, showPage);
    connect(m_transcript_model, &QAbstractItemModel::rowsInserted, this, showPage);
    connect(m_transcript_model, &QAbstractItemModel::rowsRemoved, this, showPage);
    connect(m_welcome, &Welcome::chosen, this, [this](const QString& question) {
        if (m_composer->enabledReason().isEmpty() && !m_chat->answering()) {
            m_chat->send(question);
        } else {
            m_composer->setText(question);
        }
        m_composer->setFocus();
    });

    connect(m_welcome, &Welcome::openModelWanted, this, &MainWindow::openModelFile);
    connect(m_welcome, &Welcome::demoWanted, this, [this] { loadModel(m_options.demo_model); });
    connect(m_find, &FindBar::changed, this, &MainWindow::find);
    connect(m_find, &FindBar::stepped, this, &MainWindow::stepFind);
    connect(m_find, &FindBar::closed, this, [this] {
        m_transcript->clearSelection();
        m_composer->setFocus();
    });
    connect(m_trash_bar, &TrashBar::restoreWanted, this, [this] { m_list->restore({m_chat->conversation()}); });
    connect(m_trash_bar, &TrashBar::purgeWanted, this, [this] { m_sidebar->askToPurge({m_chat->conversation()}); });

    connect(m_composer, &Composer::sent, this, [this](const QString& text) {
        const qint64 edited = std::exchange(m_editing, 0);
        if (!(edited != 0 ? m_chat->edit(edited, text) : m_chat->send(text))) {
            m_editing = edited;
            return m_composer->setText(text);  // nothing that was written goes away
        }
        if (edited != 0 && m_editing == 0) {
            m_composer->setEditing({});
            if (m_composer->text().isEmpty()) m_composer->setText(qt(m_chat->current().draft));
        }
        m_transcript->scrollToEnd();
    });
    connect(m_composer, &Composer::editCancelled, this, &MainWindow::cancelEdit);
    connect(m_composer, &Composer::stopRequested, m_chat, &ChatController::stop);
    connect(m_composer, &Composer::draftChanged, this, [this](const QString& text) {
        if (m_editing == 0 && !m_preview) m_chat->setDraft(text);
        countDraft(text);
    });
    connect(m_composer, &Composer::editLastRequested, this, [this] {
        if (const auto last = m_chat->lastQuestion()) editQuestion(*last);
    });
    connect(m_composer, &Composer::chipClicked, this, [this](const QString& id) {
        if (id == QLatin1String("tint")) {
            chooseTint();
        } else if (id == QLatin1String("rules")) {
            m_interventions->editRules();
        } else {
            openChatSettings();
        }
    });

    connect(m_transcript, &TranscriptView::copyRequested, this,
            [this](qint64 id) { QApplication::clipboard()->setText(m_chat->textOf(id)); });
    connect(m_transcript, &TranscriptView::editRequested, this, &MainWindow::editQuestion);
    connect(m_transcript, &TranscriptView::regenerateRequested, this, [this](qint64 id) {
        if (canChange()) m_chat->regenerate(id);
    });
    connect(m_transcript, &TranscriptView::continueRequested, this, [this](qint64 id) {
        if (canChange()) m_chat->continueAnswer(id);
    });
    connect(m_transcript, &TranscriptView::deleteRequested, this, [this](qint64 id) {
        if (canChange()) m_chat->remove(id);
    });
    connect(m_transcript, &TranscriptView::siblingRequested, m_chat, &ChatController::showSibling);
    connect(m_transcript, &TranscriptView::linkActivated, this, [this](const QUrl& url) {
        // Nothing leaves this machine unasked: the address is copied, not opened.
        QApplication::clipboard()->setText(url.toString());
        m_notice->say(tr("Copied the address %1.").arg(url.toDisplayString()), 8);
    });
    connect(m_transcript, &TranscriptView::rulesRequested, this, [this](qint64 id) {
        if (canChange()) m_interventions->editRulesFor(id);
    });
    connect(m_tint, &TokenTint::changed, this, [this] {
        m_settings.tint = nameOfTint(m_tint->metric());  // saved with the rest when the window closes
        updateChips();
    });
    connect(m_header, &HeaderBar::sidebarWanted, this, [this] { showSidebar(true); });
    connect(m_header, &HeaderBar::inspectorWanted, this, [this] { showInspector(true); });
    connect(m_inspector, &QDockWidget::visibilityChanged, this, &MainWindow::offerHidden);
    connect(m_interventions, &Interventions::rulesChanged, this, &MainWindow::updateChips);
    const auto warn = [this](const QString& sentence) { m_notice->warn(sentence); };
    connect(m_traces, &TraceFiles::failed, this, warn);
    connect(m_inspector, &InspectorDock::failed, this, warn);
    connect(m_traces, &TraceFiles::said, this, [this](const QString& sentence) { m_notice->say(sentence, 12); });
    connect(m_interventions, &Interventions::messageWanted, this, &MainWindow::showMessage);
    connect(m_interventions, &Interventions::experimentRunning, this, [this] {
        m_stop_action->setEnabled(m_chat->answering() || m_loading >= 0 || m_interventions->experimentRuns());
        updateReason();
        updateStatus();
    });
    connect(m_inspector, &InspectorDock::rendererChanged, this, [this](const QString&, const QString& sentence) {
        m_status->setRenderer(sentence);
        updateStatus();
    });
    connect(m_inspector, &InspectorDock::said, this, [this](const QString& sentence) { m_notice->say(sentence, 12); });
}

void MainWindow::showMessage(qint64 conversation, qint64 message, int token) {
    m_composer->flushDraft();
    if (m_chat->conversation() != conversation) m_chat->open(conversation);
    if (message == 0) return;
    m_chat->showMessage(message);
    m_transcript->scrollToMessage(message);
    m_transcript->setFocusedMessage(message);
    if (token >= 0) m_routing->selectToken(message, token);
}

void MainWindow::connectEngine() {
    connect(m_engine, &EngineThread::loadPlanned, this, [this](const LoadPlan& plan) {
        m_needed = plan.needed();
        m_available = plan.available;
        updateStatus();
    });
    connect(m_engine, &EngineThread::loadDoubtful, this, [this](const QString& path, const LoadPlan& plan) {
        m_loading = -1;
        m_stop_action->setEnabled(m_chat->answering());
        showModel();
        updateReason();
        updateStatus();
        const bool load =
            askWhether(&m_themes, this, tr("Not enough memory"), memoryText(plan), tr("Load anyway"), true);
        if (load) startLoading({path, loadChoices(m_settings), true});
    });
    connect(m_engine, &EngineThread::loadProgress, this, [this](double fraction) {
        m_loading = fraction;
        showModel();
        updateStatus();
    });
    connect(m_engine, &EngineThread::loaded, this, [this](const LoadedModel& model) {
        m_model = model;
        // What was said of chats was about the model before.
        dropNotices();
        ChatController::Fits fits;
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
        QStringList said;
        if (!model.card_problem.isEmpty()) said << tr("%1 Computing on the CPU.").arg(model.card_problem);
        if (!model.note.isEmpty()) said << model.note;
        if (!said.isEmpty()) m_notice->say(said.join(QLatin1Char(' ')));
        if (m_model.name.isEmpty()) m_model.name = QFileInfo(model.path).completeBaseName();
        m_settings.model_names.insert(model.path, oneLine(m_model.name, 100));
        m_loading = -1;
        m_settings.model_path = model.path;
        m_settings.recent_models.removeAll(model.path);
        m_settings.recent_models.prepend(model.path);
        while (m_settings.recent_models.size() > 8) m_settings.recent_models.removeLast();
        saveSettings();
        applyDefaults();
        showModel();
        m_context_used = m_chat->contextTokens();
        m_header->setContext(m_context_used, m_model.context);
        m_routing->setModel(m_model);
        m_interventions->setModel(m_model);
        m_stop_action->setEnabled(m_chat->answering());
        buildModelMenu();
        updateReason();
        updateStatus();
        updateChips();
        countDraft(m_composer->text());
    });
    connect(m_engine, &EngineThread::loadFailed, this, [this](const QString&, const QString& sentence) {
        m_loading = -1;
        showModel();
        if (sentence.isEmpty()) {
            m_notice->say(m_load_failure = tr("Loading was stopped."));
        } else {
            m_notice->warn(m_load_failure = shownSentence(sentence));
        }
        updateReason();
        updateStatus();
    });
    connect(m_engine, &EngineThread::unloaded, this, [this] {
        m_model = {};
        m_chat->setFits({});
        m_routing->setModel(m_model);
        m_interventions->setModel(m_model);
        applyDefaults();
        showModel();
        buildModelMenu();
        m_header->setContext(0, 0);
        updateReason();
        updateStatus();
    });
}

void MainWindow::connectSidebar() {
    connect(m_list, &HistoryList::opened, this, [this](qint64 id) {
        m_composer->flushDraft();
        m_chat->open(id);
        m_transcript->scrollToEnd();
        m_composer->setFocus();
    });
    connect(m_list, &HistoryList::messageWanted, this, [this](qint64 conversation, qint64 message) {
        showMessage(conversation, message, -1);
        if (message != 0) revealHit(message);
    });
    connect(m_list, &HistoryList::trashedOpened, this, [this](qint64 id) {
        m_composer->flushDraft();
        m_chat->open(id);
        m_transcript->scrollToEnd();
    });
    connect(m_list, &HistoryList::restored, this, [this](const QList<qint64>& ids) {
        if (!ids.contains(m_chat->conversation())) return;
        m_sidebar->showTrash(false);
        m_chat->open(m_chat->conversation());
        m_composer->setFocus();
    });
    connect(m_list, &HistoryList::purged, this, [this](const QList<qint64>& ids) {
        if (ids.contains(m_chat->conversation())) m_chat->startNew();
    });
    connect(m_list, &HistoryList::newChatRequested, this, [this] {
        m_composer->flushDraft();
        m_chat->startNew();
        m_composer->setFocus();
    });
    connect(m_list, &HistoryList::settingsRequested, this, &MainWindow::openSettings);
    connect(m_list, &HistoryList::exportRequested, this, &MainWindow::exportConversations);
    connect(m_list, &HistoryList::failed, this, [this](const QString& sentence) { m_notice->warn(sentence); });
    connect(m_list, &HistoryList::trashed, this, [this](const QList<qint64>& ids) {
        m_notice->say(tr("%Ln chat(s) moved to the trash.", nullptr, static_cast<int>(ids.size())), 12, tr("Undo"),
                      [this, ids] { m_list->restore(ids); });
    });
    connect(m_header, &HeaderBar::renamed, this, [this](const QString& title) {
        const qint64 id = m_chat->conversation();
        m_writer->write(
            [id, title = title.toStdString()](History& history) { return history.setTitle(id, title, false); },
            [this, id](const Status& status) {
                if (!status.ok()) sayOf(id, qt(status.message()));
                if (id == m_chat->conversation()) m_chat->reload();
                m_list->update(id);
            });
    });
}

void MainWindow::loadModel(const QString& path) {
    if (!QFileInfo::exists(path)) {
        m_notice->warn(m_load_failure = tr("%1 is not there any more.").arg(oneLine(path)), 0, tr("Find it…"),
                       [this] { openModelFile(); });
        return;
    }
    startLoading({path, loadChoices(m_settings), false});
}

void MainWindow::startLoading(const LoadJob& job) {
    // What opening the history had to say stays.
    if (m_notice->sentence() == std::exchange(m_load_failure, {})) m_notice->clear();
    m_loading_path = job.path;
    m_needed = m_available = 0;
    m_loading = 0;
    m_stop_action->setEnabled(true);
    showModel();
    updateReason();
    updateStatus();
    m_engine->load(job);
}

void MainWindow::offerModelOfChat() {
    const QString path = qt(m_chat->current().model_path);
    if (m_preview) return;
    if (!m_model.model || path.isEmpty() || path == m_model.path || m_loading >= 0 || !QFileInfo::exists(path)) return;
    sayInPassing(tr("This chat was held with %1.").arg(oneLine(QFileInfo(path).completeBaseName())), 12,
                 tr("Load that model"), [this, path] { loadModel(path); });
}

void MainWindow::updateReason() {
    QString reason;
    if (m_loading >= 0) {
        reason = tr("The model is being loaded…");
    } else if (!m_model.model) {
        reason = tr("Choose a model above to ask something");
    } else if (m_chat->answering() && m_chat->answeringConversation() != m_chat->conversation()) {
        reason = tr("Another chat is being answered");
    } else if (m_interventions->experimentRuns()) {
        reason = tr("An experiment is running, Esc stops it");
    }
    m_composer->setEnabledReason(reason);
}

void MainWindow::updateTitle() {
    const bool stored = m_chat->conversation() != 0;
    const QString title = stored ? shownTitle(qt(m_chat->current().title)) : tr("New chat");
    m_header->setTitle(title, stored && !m_preview);
    setWindowTitle(stored ? tr("%1 – Moescope").arg(plainWindowTitle(title)) : QStringLiteral("Moescope"));
}

void MainWindow::showFigures() {
    m_figures.stop();
    // While a prompt is read, how far it is stands there.
    if (m_speed > 0 || !m_chat->answering())
        m_status->setSpeed(m_speed > 0 ? tr("%1 tok/s").arg(m_speed, 0, 'f', 1) : QString());
    m_header->setContext(m_context_used, m_model.context);
}

void MainWindow::updateStatus() {
    if (m_loading >= 0) {
        const QString name = oneLine(QFileInfo(m_loading_path).fileName());
        m_status->setBackend(StatusLine::Light::kWorking,
                             m_needed == 0 ? tr("reading %1; Esc stops").arg(name)
                                           : tr("loading %1: about %2 of %3 that are free; Esc stops")
                                                 .arg(name, sizeText(m_needed), sizeText(m_available)));
        m_status->setExperts({});
    } else if (m_model.model) {
        m_status->setBackend(m_chat->answering() ? StatusLine::Light::kWorking : StatusLine::Light::kReady,
                             tr("%1, %2").arg(m_model.backend, sizeText(m_model.memory_bytes)));
        m_status->setExperts(tr("%1 MoE layers, %2 + %3 experts, top %4")
                                 .arg(m_model.shape.moe_layers)
                                 .arg(m_model.shape.experts)
                                 .arg(m_model.shape.shared_experts)
                                 .arg(m_model.shape.experts_used));
    } else {
        m_status->setBackend(StatusLine::Light::kOff, tr("no model"));
        m_status->setExperts({});
        m_status->setSpeed({});
    }
    QStringList tip;
    if (m_model.model) {
        if (!m_model.placement.isEmpty()) tip << m_model.placement;
        if (!m_model.note.isEmpty()) tip << m_model.note;
        tip << tr("Memory: %1; estimated before loading: %2.").arg(sizeText(m_model.memory_bytes), sizeText(m_needed));
    }
    if (!m_status->renderer().isEmpty()) tip << m_status->renderer();
    m_status->setToolTip(plainToolTip(tip.join(QLatin1Char('\n'))));
    m_status->setSaved(m_chat->saving()              ? tr("saving the question…")
                       : m_chat->conversation() == 0 ? QString()
                       : m_chat->answering()         ? tr("saving")
                                                     : tr("saved"));
}

void MainWindow::countDraft(const QString& text) {
    if (!m_model.model || text.isEmpty()) {
        m_composer->setTokenCount(-1, -1);
        return;
    }
    const int room = std::max(0, m_model.context - m_context_used);
    // Long texts are counted elsewhere: the window goes on.
    constexpr qsizetype kShort = 4000;
    if (text.size() <= kShort) {
        const std::string utf8 = text.toStdString();
        m_composer->setTokenCount(static_cast<int>(m_model.model->tokenizer().encode(utf8).size()), room);
        return;
    }
    QThreadPool::globalInstance()->start(
        [this, text, room, model = m_model.model, stop = m_background_stop.get_token()] {
            if (stop.stop_requested()) return;
            const auto tokens = static_cast<int>(model->tokenizer().encode(text.toStdString()).size());
            QMetaObject::invokeMethod(this, [this, tokens, room, text] {
                if (m_composer->text() == text) m_composer->setTokenCount(tokens, room);
            });
        });
}

void MainWindow::editQuestion(qint64 message) {
    if (!canChange()) return;
    m_composer->flushDraft();
    m_editing = message;
    int number = 0;
    bool question = false;
    for (int row = 0; row < m_transcript_model->count(); ++row) {
        const TranscriptMessage& m = m_transcript_model->at(row);
        question = m.role == TranscriptRole::kUser;
        number += question;
        if (m.id == message) break;
    }
    m_composer->setText(m_chat->textOf(message));
    m_composer->setEditing(question ? tr("Editing question %1").arg(number) : tr("Editing answer %1").arg(number));
    m_composer->setFocus();
}

void MainWindow::cancelEdit() {
    m_editing = 0;
    m_composer->setEditing({});
    m_composer->setText(qt(m_chat->current().draft));
    countDraft(m_composer->text());
}

bool MainWindow::canChange() {
    if (m_preview) m_notice->say(tr("This chat is in the trash. Restore it to go on with it."), 8);
    return !m_preview;
}

void MainWindow::showPreview() {
    m_preview = m_chat->current().deleted_ms.has_value();
    m_composer->setVisible(!m_preview);
    m_trash_bar->setVisible(m_preview);
    m_transcript->setOfferedActions(m_preview ? MessageActions(MessageAction::kCopy) : MessageActions(~0));
}

void MainWindow::showModel() {
    const bool demo = isDemo();
    const QString detail = demo ? tr("demo, 13 M parameters") : quantisationOf(m_model.path);
    QString tip;
    if (demo) {
        tip =
            tr("The demo model: 13 M parameters. It knows greetings, a little about experts, small sums, capitals, "
               "words in other languages, short stories and snippets of code, and answers in English.");
    } else if (m_model.model) {
        tip = m_model.path;
    }
    m_header->setModel(m_model.model ? m_model.name : QString(), detail, m_loading, tip);
    m_welcome->setModel(m_loading >= 0  ? Welcome::Model::kLoading
                        : demo          ? Welcome::Model::kDemo
                        : m_model.model ? Welcome::Model::kOther
                                        : Welcome::Model::kNone,
                        m_model.name, !m_options.demo_model.isEmpty());
    updateEmptyState();
}

void MainWindow::updateEmptyState() {
    using Reason = EmptyState::Reason;
    // An answer that is being written brings its routing soon.
    const bool answered = m_transcript_model->count() > 0 && !m_chat->answering();
    m_inspector->setEmptyReason(answered                          ? Reason::kNotRecorded
                                : m_model.model || m_loading >= 0 ? Reason::kNothingYet
                                                                  : Reason::kNoModel);
}

void MainWindow::revealHit(qint64 message) {
    m_transcript->setFocusedMessage(message);
    const QString text = m_chat->textOf(message), query = m_sidebar->searchText().simplified();
    // All of what was looked for, else the first of its words.
    for (const QString& part : {query, query.section(QLatin1Char(' '), 0, 0)}) {
        const auto at = part.isEmpty() ? -1 : text.indexOf(part, 0, Qt::CaseInsensitive);
        if (at < 0) continue;
        const auto begin = static_cast<std::size_t>(text.left(at).toUtf8().size());
        const auto size = static_cast<std::size_t>(text.mid(at, part.size()).toUtf8().size());
        return m_transcript->revealBytes(message, begin, begin + size);
    }
    m_transcript->scrollToMessage(message);
}

void MainWindow::chooseTint() {
    QMenu menu(this);
    menu.setAccessibleName(tr("Tint the tokens…"));
    m_tint->fill(&menu);
    QWidget* chip = m_composer->chip(QStringLiteral("tint"));
    menu.exec(chip->mapToGlobal(QPoint(0, -menu.sizeHint().height())));
}

void MainWindow::updateChips() {
    m_composer->setChipText(QStringLiteral("rules"), m_interventions->rulesText());
    const GenerationSettings s = m_chat->settings();
    const QString preset = activePreset(s);
    m_composer->setChipText(QStringLiteral("settings"),
                            preset.isEmpty() ? tr("Temperature %1").arg(QLocale().toString(s.temperature))
                                             : tr("Style: %1").arg(presetTitle(preset).toLower()));
    const bool has_prompt = !m_chat->current().system_prompt.empty();
    m_composer->setChipText(QStringLiteral("system"), has_prompt ? tr("System prompt: on") : tr("System prompt"));
    m_composer->setChipText(QStringLiteral("tint"), m_tint->chipText());
}

}  // namespace moescope
