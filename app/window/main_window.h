#pragma once
// The window: conversations at the left, the transcript and the composer in the middle, the inspector in a dock at the
// right. Makes the parts, tells each of what concerns it, and shows what state they are in together (window_state.h);
// none of them knows another.

#include <QMainWindow>
#include <QTimer>
#include <memory>

#include "app/window/chat_controller.h"
#include "app/window/chat_notices.h"
#include "app/window/crash_note.h"
#include "app/window/window_parts.h"
#include "app/window/window_room.h"
#include "app/window/window_state.h"
#include "ui/settings/app_settings.h"
#include "ui/settings/export_choice_dialog.h"
#include "ui/settings/settings_dialog.h"
#include "ui/theme.h"

class QMenu;

namespace moescope {

class Alternatives;
class ExpertNames;
class FindInChat;
class HistoryList;
class HistoryWriter;
class Interventions;
class ModelDesk;
class ModelLoader;
class ModelMenu;
class QuestionDesk;
class Rereading;
class RoutingDesk;
class SettingsKeeper;
class SideBySide;
class TokenTint;
class TraceFiles;
class TranscriptModel;
class ViewLinks;

struct WindowOptions {
    std::string data_dir;  ///< as prepareDataDir() gave it
    QString demo_model;    ///< path; "" if it is not there
    QString model;         ///< to load at the start instead of the last one
    bool load_model = true;
    /// Answers instead of an engine of the window's own, for measurements; the window takes it over.
    EngineThread* engine = nullptr;
    bool kept_nowhere = false;       ///< the data folder goes with the program; the window says so
    std::optional<CrashNote> crash;  ///< how the program ended the last time, if it was by a crash; the window says so
};

class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    /// Takes the history over.
    MainWindow(std::unique_ptr<History> history, const WindowOptions& options);
    ~MainWindow() override;

    ChatController& chat() { return *m_chat; }
    HistoryWriter& writer() { return *m_writer; }
    EngineThread& engine() { return *m_engine; }
    RoutingDesk& routing() { return *m_routing; }
    InspectorDock& inspector() { return *m_ui.inspector; }
    Interventions& interventions() { return *m_interventions; }
    TraceFiles& traces() { return *m_traces; }
    Rereading& rereading() { return *m_rereading; }
    ViewLinks& viewLinks() { return *m_view_links; }
    SideBySide& sideBySide() { return *m_side_by_side; }
    /// Asks about memory if it may not suffice, and loads.
    void loadModel(const QString& path);
    /// What was dropped on the window: models are loaded, chats imported, traces opened.
    void openFiles(const QStringList& paths);
    /// Opens a new chat with a question. It is sent as soon as a model is there to answer; where something is written
    /// in the new chat already, or an answer is being written, it waits in the message box.
    void askInNewChat(const QString& question);
    /// To the front, for a second start of the program.
    void comeForward();
    /// Whether it was closed to begin anew: in another language.
    bool startsAgain() const { return m_starts_again; }

protected:
    void closeEvent(QCloseEvent* event) override;
    bool event(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    // What the window is doing, and the one place that shows it: to be called after whatever may change it.
    WindowState state() const;
    void updateUi();
    void updateTitle(const WindowState& state);
    void updateModel(const WindowState& state);
    void updateStatus(const WindowState& state);
    QString memoryTip() const;
    /// Speed and context of the answer, in the status line and the header.
    void showFigures();
    void showFiguresSoon();
    void updateChips();
    /// Whether the model can be told to think before it answers, or not to.
    bool hasThinkingChoice() const;
    bool thinks() const;
    void toggleThinking();

    // main_window_connections.cpp: the parts' signals, and what is done then.
    void connectChat();
    void connectTranscript();
    void connectComposer();
    void connectModel();
    void connectInspector();
    void connectSidebar();
    void connectColumns();
    void onColumnsChanged();
    void onCodeLook(bool wrap, bool numbers);
    void onOpened(qint64 conversation);
    void onBecameStored(qint64 conversation);
    void onConversationChanged(qint64 conversation);
    void onAnswering(bool answering);
    void onModelChanged();
    void onHeldUp(bool held_up);
    void onChip(const QString& id);
    void showPage();
    void openChat(qint64 conversation);
    void startNewChat();
    void askWhatWaits();
    void renameChat(const QString& title);
    void copyAddress(const QUrl& url);
    /// The conversation that is shown has been opened, or stored.
    void showConversation(qint64 id);
    void showMessage(qint64 conversation, qint64 message, int token);
    void revealHit(qint64 message);
    void offerModelOfChat();
    /// Of the chat that is shown: false if it is in the trash, which is said.
    bool canChange();
    void editQuestion(qint64 message);
    void useSystemPrompt(const PromptEntry& prompt);
    /// Ends loading, answering or an experiment, whichever runs.
    void stop();

    // main_window_layout.cpp
    void buildLayout();
    /// For a notice over the pages.
    void makeRoom(QLayout* pages, int pixels);
    void applyTheme();
    void followSystem();
    void restoreLayout();
    void restoreConversation();

    // main_window_actions.cpp
    void buildActions();
    void buildChatActions(QMenu* menu);
    void buildColumnActions(QMenu* menu);
    void buildFileActions(QMenu* menu);
    void buildViewActions(QMenu* menu);
    void buildHelpActions(QMenu* menu);
    QAction* addAction(const QString& group, const QString& text, const QKeySequence& keys, std::function<void()> run,
                       QMenu* menu = nullptr);
    qint64 lastAnswer() const;
    void chooseTint();
    /// The questions of the chat, to go to one.
    void showOutline();

    // main_window_settings.cpp
    void applySettings(const AppSettings& settings);
    /// The defaults of new chats: the user's, else what the model's makers advise; the demo model's are exact.
    GenerationSettings defaults() const;
    void applyDefaults();
    void openSettings(SettingsDialog::Page page = SettingsDialog::Page::kGeneral);
    void openChatSettings();
    void backUp(const std::function<void(const Result<std::string>&)>& then);
    /// Looks on another thread, then tells the dialog on this one, if it still exists.
    void findGpus(SettingsDialog* dialog);
    void checkHistoryLater();
    /// Puts what a report needs on the clipboard (diagnostics.h).
    void copyDiagnostics();

    // main_window_files.cpp
    void exportConversations(const QList<qint64>& ids);
    void exportAll();
    void importFiles(const QStringList& paths);
    void openModelFile();
    /// Asks where.
    void saveCode(const QString& code, const QString& language);
    void attachFiles();
    void findModels();
    void showModelCard();

    WindowOptions m_options;
    std::unique_ptr<History> m_history;  // for reading
    HistoryWriter* m_writer;
    ThemeStore m_themes;
    WindowParts m_ui;
    WindowRoom m_room{this, &m_ui, &m_themes};

    TranscriptModel* m_transcript_model;
    EngineThread* m_engine;
    ChatController* m_chat;
    std::unique_ptr<ChatNotices> m_notices;
    SettingsKeeper* m_settings;
    ModelLoader* m_models;
    ModelMenu* m_model_menu;
    ModelDesk* m_model_desk;
    HistoryList* m_list;
    QuestionDesk* m_questions;
    FindInChat* m_finder;
    Alternatives* m_alternatives;
    RoutingDesk* m_routing;
    TokenTint* m_tint;
    Interventions* m_interventions;
    ExpertNames* m_expert_names;
    TraceFiles* m_traces;
    Rereading* m_rereading;
    ViewLinks* m_view_links;
    SideBySide* m_side_by_side;
    QList<QAction*> m_actions;
    QAction* m_stop_action = nullptr;

    NoticeBar::Id m_held_up = 0;   // the notice while another program writes
    QString m_to_ask;              // when a model is there, if it stands in the new chat unchanged
    bool m_hid_inspector = false;  // for the columns' room
    bool m_close_when_saved = false;
    bool m_starts_again = false;
    struct Figures {
        QTimer pause;          // what changes four times a second can be read
        double speed = 0;      // tokens/s of the answer; 0: not known yet
        int context_used = 0;  // tokens of the shown chat
    } m_figures;
    ExportChoice m_export;  // what was wanted last
    std::stop_source m_background_stop;
};

}  // namespace moescope
