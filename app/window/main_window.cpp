#include "app/window/main_window.h"

#include <QAction>
#include <QCloseEvent>
#include <QFileInfo>
#include <QLocale>
#include <QSplitter>
#include <QThreadPool>

#include "app/models/model_type.h"
#include "app/window/alternatives.h"
#include "app/window/expert_names.h"
#include "app/window/find_in_chat.h"
#include "app/window/history_list.h"
#include "app/window/history_writer.h"
#include "app/window/interventions.h"
#include "app/window/model_desk.h"
#include "app/window/model_loader.h"
#include "app/window/model_menu.h"
#include "app/window/opening.h"
#include "app/window/qt_text.h"
#include "app/window/question_desk.h"
#include "app/window/rereading.h"
#include "app/window/routing_desk.h"
#include "app/window/server_desk.h"
#include "app/window/server_paths.h"
#include "app/window/settings_keeper.h"
#include "app/window/side_by_side.h"
#include "app/window/titles.h"
#include "app/window/token_tint.h"
#include "app/window/trace_files.h"
#include "app/window/view_links.h"
#include "ui/chat/transcript_model.h"
#include "ui/chat/transcript_view.h"
#include "ui/chrome/header_bar.h"
#include "ui/composer/composer.h"
#include "ui/inspector/inspector_dock.h"
#include "ui/settings/generation_presets.h"
#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {}  // namespace

MainWindow::MainWindow(std::unique_ptr<History> history, const WindowOptions& options)
    : m_options(options),
      m_history(std::move(history)),
      m_writer(new HistoryWriter(options.data_dir, this)),
      m_transcript_model(new TranscriptModel(this)),
      m_engine(options.engine ? options.engine : new EngineThread(options.data_dir, this)),
      m_chat(new ChatController(m_history.get(), m_writer, m_engine, m_transcript_model, this)),
      m_settings(new SettingsKeeper(m_writer, this)) {
    m_engine->setParent(this);
    setWindowTitle(QStringLiteral("Moescope"));
    buildLayout();
    m_ui.transcript->setPace(&m_ui.inspector->model().pace());
    m_notices = std::make_unique<ChatNotices>(m_ui.notice, m_chat);
    m_models = new ModelLoader(m_engine, keysOfServers(options.data_dir), m_ui.notice, &m_themes, this);
    m_model_menu = new ModelMenu(options.demo_model, this);
    m_model_desk = new ModelDesk(options.data_dir + "/models", &m_themes, this);
    m_ui.header->setModelMenu(m_model_menu);
    m_list = new HistoryList(m_history.get(), m_writer, m_ui.sidebar, m_chat, this);
    m_questions = new QuestionDesk({m_chat, m_ui.composer, m_transcript_model, m_models, m_notices.get()},
                                   m_background_stop.get_token(), this);
    m_finder = new FindInChat(m_ui.find, m_transcript_model, m_ui.transcript, this);
    m_alternatives = new Alternatives({m_chat, m_ui.transcript, m_transcript_model, m_models, &m_themes}, this);
    m_routing = new RoutingDesk(options.data_dir, m_history.get(), m_chat, m_transcript_model, m_ui.transcript,
                                m_ui.inspector, this);
    m_tint = new TokenTint(m_chat, m_ui.transcript, &m_ui.inspector->model(), &m_themes, this);
    m_interventions = new Interventions(
        {options.data_dir, m_chat, m_engine, m_transcript_model, m_routing, m_ui.inspector, &m_themes, this}, this);
    m_expert_names = new ExpertNames({m_history.get(), m_settings, &m_ui.inspector->model(), &m_themes, this}, this);
    m_traces = new TraceFiles(m_routing, this, this);
    m_rereading = new Rereading({m_chat, m_engine, m_transcript_model, m_routing, m_ui.inspector}, this);
    m_view_links = new ViewLinks({m_chat, m_routing, m_ui.inspector, &m_themes, this}, this);
    m_side_by_side = new SideBySide(
        {m_chat, m_engine, m_models, m_routing, m_transcript_model, m_ui.transcript, m_ui.columns, m_ui.column_bar,
         m_settings, &m_themes, this, options.demo_model, keysOfServers(options.data_dir)},
        this);
    buildActions();
    connectChat();
    connectTranscript();
    connectComposer();
    connectModel();
    connectInspector();
    connectSidebar();
    connectColumns();
    connect(&m_themes, &ThemeStore::changed, this, &MainWindow::applyTheme);
    applySettings(readSettings(*m_history));
    applyTheme();
    restoreLayout();
    m_list->reload();
    restoreConversation();
    updateUi();
    m_ui.composer->setFocus();
    if (options.kept_nowhere) {
        m_ui.notice->warn(tr("The history could not be opened; nothing from this session will be saved."));
    } else if (options.crash) {
        m_ui.notice->warn(tr("Moescope crashed last time. Everything that was saved is here; a report helps fix it."),
                          0, tr("Copy diagnostics"), [this] { copyDiagnostics(); });
    } else if (const QString said = describe(m_history->report()); !said.isEmpty()) {
        m_ui.notice->say(said);
    }

    if (options.load_model) {
        const QString last = m_settings->values.model_path;
        const QString model = !options.model.isEmpty() ? options.model : !last.isEmpty() ? last : options.demo_model;
        // After the window is up: what loading has to say is then seen.
        if (!model.isEmpty()) QTimer::singleShot(0, this, [this, model] { loadModel(model); });
    }
    checkHistoryLater();
}

MainWindow::~MainWindow() {
    m_background_stop.request_stop();
    m_interventions->stopSearching();
    m_routing->reader().stop();
    QThreadPool::globalInstance()->waitForDone();
    m_ui.transcript->setTint({});
    // Parts are deleted after this class's members are gone, and say things while they hide.
    const auto parts = findChildren<QObject*>();
    for (QObject* part : parts) part->disconnect(this);
}

void MainWindow::closeEvent(QCloseEvent* event) {
    m_questions->flush();
    stop();
    if (!m_close_when_saved) {  // once: a window that waits for its changes adds none of its own
        const auto keep = [&](const char* key, const QByteArray& value) {
            m_settings->keep(QLatin1String(key), value.toBase64().toStdString());
        };
        keep("window.geometry", saveGeometry());
        keep("window.state", saveState());
        keep("window.splitter", m_ui.splitter->saveState());
        m_settings->keep(QStringLiteral("window.inspector"),
                         m_room.hidInspector() || m_hid_inspector ? "hidden for the width" : "");
        m_settings->save();
    }
    // What was typed is on the disk, or the window stays until it is.
    constexpr std::chrono::milliseconds kPatience{1'000};
    if (!m_writer->finish(m_close_when_saved ? std::chrono::milliseconds{0} : kPatience)) {
        m_close_when_saved = true;
        event->ignore();
        m_ui.notice->say(tr("Another program is writing to the history. This window will close as soon as your "
                            "changes are saved."),
                         0, tr("Keep it open"), [this] { m_close_when_saved = m_starts_again = false; });
        return;
    }
    QMainWindow::closeEvent(event);
}

bool MainWindow::event(QEvent* event) {
    if (event->type() == QEvent::ThemeChange) followSystem();
    return QMainWindow::event(event);
}

void MainWindow::resizeEvent(QResizeEvent* event) {
    QMainWindow::resizeEvent(event);
    m_room.adapt();
}

void MainWindow::comeForward() {
    setWindowState(windowState() & ~Qt::WindowMinimized);
    show();
    raise();
    activateWindow();
}

void MainWindow::loadModel(const QString& path) {
    m_models->load(path, m_settings->values);
}

void MainWindow::stop() {
    // Through the chat, which may be about to ask the engine.
    m_chat->answering() ? m_chat->stop() : m_engine->stop();
}

WindowState MainWindow::state() const {
    WindowState state;
    state.loading = m_models->loading().has_value();
    state.has_model = m_models->hasModel();
    state.demo = m_models->isDemo();
    state.answering = m_chat->answering();
    state.elsewhere = m_chat->answeringConversation() != m_chat->conversation();
    state.saving = m_chat->saving();
    state.experiment = m_interventions->experimentRuns();
    state.rereading = m_rereading->running();
    state.stored = m_chat->conversation() != 0;
    state.trashed = m_chat->current().deleted_ms.has_value();
    state.messages = m_transcript_model->count() > 0;
    return state;
}

void MainWindow::updateUi() {
    const WindowState now = state();
    m_stop_action->setEnabled(canStop(now));
    m_ui.composer->setAnswering(now.answering);
    m_ui.composer->setEnabledReason(reasonNotToAsk(now));
    m_ui.inspector->setEmptyReason(emptyReasonOf(now));
    updateTitle(now);
    updateModel(now);
    updateStatus(now);
}

void MainWindow::updateTitle(const WindowState& state) {
    const QString title = state.stored ? shownTitle(QString::fromStdString(m_chat->current().title)) : tr("New chat");
    m_ui.header->setTitle(title, state.stored && !state.trashed);
    setWindowTitle(state.stored ? tr("%1 – Moescope").arg(plainWindowTitle(title)) : QStringLiteral("Moescope"));
}

void MainWindow::updateModel(const WindowState& state) {
    const LoadedModel& model = m_models->model();
    QString detail = state.demo ? tr("demo, 13 M parameters") : qt(typeInName(model.path.toStdString()));
    QString tip;
    if (state.demo) {
        tip =
            tr("The demo model: 13 M parameters. It knows greetings, a little about experts, small sums, capitals, "
               "words in other languages, short stories and snippets of code, and answers in English.");
    } else if (!model.server.isEmpty()) {
        detail = tr("on %1").arg(model.server);
        tip = model.note;
    } else if (state.has_model) {
        tip = model.path;
    }
    const auto& loading = m_models->loading();
    m_ui.header->setModel(state.has_model ? model.name : QString(), detail, loading ? loading->fraction : -1, tip);
    m_ui.welcome->setModel(welcomeOf(state), model.name, !m_options.demo_model.isEmpty());
}

void MainWindow::updateStatus(const WindowState& state) {
    const LoadedModel& model = m_models->model();
    QString backend = tr("no model"), experts;
    if (const auto& loading = m_models->loading()) {
        const bool served = isServerPath(loading->path);
        const QString name = served ? hostOfPath(loading->path) : oneLine(QFileInfo(loading->path).fileName());
        backend = served ? tr("contacting %1; Esc stops").arg(name)
                  : m_models->neededBytes() == 0
                      ? tr("reading %1; Esc stops").arg(name)
                      : tr("loading %1: about %2 of %3 free; Esc stops")
                            .arg(name, dataSize(m_models->neededBytes()), dataSize(m_models->availableBytes()));
    } else if (!model.server.isEmpty()) {
        backend = tr("chats are sent to %1").arg(model.server);
        experts = model.abilities.routing == RoutingDetail::kNone ? tr("it does not say which experts ran")
                                                                  : tr("%1 MoE layers, %2 experts, top %3, by ids only")
                                                                        .arg(model.shape.moe_layers)
                                                                        .arg(model.shape.experts)
                                                                        .arg(model.shape.experts_used);
    } else if (state.has_model) {
        backend = tr("%1, %2").arg(model.backend, dataSize(model.memory_bytes));
        experts = tr("%1 MoE layers, %2 + %3 experts, top %4")
                      .arg(model.shape.moe_layers)
                      .arg(model.shape.experts)
                      .arg(model.shape.shared_experts)
                      .arg(model.shape.experts_used);
    } else {
        m_ui.status->setSpeed({});
    }
    m_ui.status->setBackend(lightOf(state), backend);
    m_ui.status->setExperts(experts);
    m_ui.status->setToolTip(plainToolTip(memoryTip()));
    m_ui.status->setSaved(savedWords(state));
}

QString MainWindow::memoryTip() const {
    const LoadedModel& model = m_models->model();
    QStringList tip;
    if (!model.server.isEmpty()) tip << model.note;
    if (model.model) {
        if (!model.placement.isEmpty()) tip << model.placement;
        if (!model.note.isEmpty()) tip << model.note;
        tip << tr("Memory: %1; estimated before loading: %2.")
                   .arg(dataSize(model.memory_bytes), dataSize(m_models->neededBytes()));
    }
    if (!m_ui.status->renderer().isEmpty()) tip << m_ui.status->renderer();
    return tip.join(QLatin1Char('\n'));
}

void MainWindow::showFigures() {
    m_figures.pause.stop();
    // While a prompt is read, how far it is stands there.
    if (m_figures.speed > 0 || !m_chat->answering())
        m_ui.status->setSpeed(m_figures.speed > 0 ? tr("%1 tok/s").arg(m_figures.speed, 0, 'f', 1) : QString());
    m_ui.header->setContext(m_figures.context_used, m_models->model().context);
}

void MainWindow::showFiguresSoon() {
    if (!m_figures.pause.isActive()) m_figures.pause.start();
}

bool MainWindow::hasThinkingChoice() const {
    const auto& model = m_models->model().model;
    return model && model->chatTemplate().thinkingChoice();
}

bool MainWindow::thinks() const {
    return hasThinkingChoice() &&
           m_chat->settings().thinking.value_or(m_models->model().model->chatTemplate().thinksByItself());
}

void MainWindow::updateChips() {
    Composer& composer = *m_ui.composer;
    const LoadedModel& model = m_models->model();
    QWidget* rules = composer.chip(QStringLiteral("rules"));
    rules->setEnabled(!model.there() || model.abilities.rules);
    rules->setToolTip(rules->isEnabled() ? QString() : plainToolTip(tr("The router of a server cannot be changed.")));
    composer.setChipText(QStringLiteral("rules"), m_interventions->rulesText());
    const GenerationSettings s = m_chat->settings();
    const QString preset = activePreset(s);
    composer.setChipText(QStringLiteral("settings"), preset.isEmpty()
                                                         ? tr("Temperature %1").arg(QLocale().toString(s.temperature))
                                                         : tr("Style: %1").arg(presetTitle(preset).toLower()));
    const bool has_prompt = !m_chat->current().system_prompt.empty();
    composer.setChipText(QStringLiteral("system"), has_prompt ? tr("System prompt: on") : tr("System prompt"));
    composer.setChipWanted(QStringLiteral("thinking"), hasThinkingChoice());
    composer.setChipText(QStringLiteral("thinking"), thinks() ? tr("Thinking: on") : tr("Thinking: off"));
    composer.setChipText(QStringLiteral("tint"), m_tint->chipText());
    m_side_by_side->update();
}

}  // namespace moescope
