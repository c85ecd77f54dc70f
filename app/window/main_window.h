#pragma once
// The window: conversations at the left, the transcript and the composer in the middle, the inspector in a dock at the
// right. Wires the history, the engine's thread and the views; none of them knows another.

#include <QMainWindow>
#include <QTimer>
#include <memory>

#include "app/window/chat_controller.h"
#include "ui/settings/app_settings.h"
#include "ui/settings/export_choice_dialog.h"
#include "ui/theme.h"

class QMenu;
class QSplitter;
class QStackedWidget;

namespace moescope {

class CommandPalette;
class Composer;
class HeaderBar;
class HistoryList;
class InspectorDock;
class Interventions;
class NoticeBar;
class RoutingDesk;
class Sidebar;
class StatusLine;
class TokenTint;
class TraceFiles;
class TranscriptModel;
class TranscriptView;
class Welcome;

struct WindowOptions {
    std::string data_dir;  ///< as prepareDataDir() gave it
    QString demo_model;    ///< path; "" if it is not there
    QString model;         ///< to load at the start instead of the last one
    bool load_model = true;
    /// Answers instead of an engine of the window's own, for measurements; the window takes it over.
    EngineThread* engine = nullptr;
    bool kept_nowhere = false;  ///< the data folder goes with the program; the window says so
};

class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    /// Takes the history over.
    MainWindow(std::unique_ptr<History> history, const WindowOptions& options);
    ~MainWindow() override;

    ChatController& chat() { return *m_chat; }
    EngineThread& engine() { return *m_engine; }
    RoutingDesk& routing() { return *m_routing; }
    InspectorDock& inspector() { return *m_inspector; }
    Interventions& interventions() { return *m_interventions; }
    TraceFiles& traces() { return *m_traces; }
    /// Asks about memory if it may not suffice, and loads.
    void loadModel(const QString& path);
    /// To the front, for a second start of the program.
    void comeForward();

protected:
    void closeEvent(QCloseEvent* event) override;
    bool event(QEvent* event) override;

private:
    void buildLayout();
    void buildActions();
    void buildModelMenu();
    void connectChat();
    void connectEngine();
    void connectSidebar();
    void applyTheme();
    void restoreLayout();
    void applySettings(const AppSettings& settings);
    void saveSettings();
    void updateReason();
    void updateTitle();
    void updateStatus();
    /// Speed and context of the answer, in the status line and the header.
    void showFigures();
    void updateChips();
    void countDraft(const QString& text);
    void exportConversations(const QList<qint64>& ids);
    void importFiles();
    void restoreConversation();
    void offerModelOfChat();
    void followSystem();
    void openModelFile();
    void chooseTint();
    void showMessage(qint64 conversation, qint64 message, int token);
    void openSettings();
    void openChatSettings();
    void editQuestion(qint64 message);
    void revealHit(qint64 message);
    QAction* addAction(const QString& group, const QString& text, const QKeySequence& keys, std::function<void()> run);

    WindowOptions m_options;
    std::unique_ptr<History> m_history;
    AppSettings m_settings;
    ThemeStore m_themes;
    TranscriptModel* m_transcript_model;
    EngineThread* m_engine;
    ChatController* m_chat;
    HistoryList* m_list;

    QSplitter* m_splitter;
    Sidebar* m_sidebar;
    HeaderBar* m_header;
    NoticeBar* m_notice;
    QStackedWidget* m_pages;
    Welcome* m_welcome;
    TranscriptView* m_transcript;
    Composer* m_composer;
    InspectorDock* m_inspector;
    TokenTint* m_tint;
    RoutingDesk* m_routing;
    Interventions* m_interventions;
    TraceFiles* m_traces;
    StatusLine* m_status;
    CommandPalette* m_palette;
    QMenu* m_model_menu = nullptr;
    QMenu* m_main_menu;
    QList<QAction*> m_actions;
    QAction* m_stop_action = nullptr;

    LoadedModel m_model;
    QString m_loading_path;
    std::uint64_t m_needed = 0, m_available = 0;  ///< bytes, as estimated before the last load
    QString m_load_failure;                       ///< what the notice says of it
    double m_loading = -1;
    QTimer m_figures;
    double m_speed = 0;  ///< tokens/s of the answer; 0: not known yet
    int m_context_used = 0;
    qint64 m_editing = 0;  ///< question whose new text stands in the composer
    ExportChoice m_export;
    std::stop_source m_background_stop;
};

}  // namespace moescope
