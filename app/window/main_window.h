#pragma once
// The window: conversations at the left, the transcript and the composer in the middle, the inspector in a dock at the
// right. Wires the history, the engine's thread and the views; none of them knows another.

#include <QHash>
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
class FindBar;
class HeaderBar;
class HistoryList;
class HistoryWriter;
class InspectorDock;
class Interventions;
class NoticeBar;
class RoutingDesk;
class Sidebar;
class StatusLine;
class TokenTint;
class TraceFiles;
class TrashBar;
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
    HistoryWriter& writer() { return *m_writer; }
    EngineThread& engine() { return *m_engine; }
    RoutingDesk& routing() { return *m_routing; }
    InspectorDock& inspector() { return *m_inspector; }
    Interventions& interventions() { return *m_interventions; }
    TraceFiles& traces() { return *m_traces; }
    /// Asks about memory if it may not suffice, and loads.
    void loadModel(const QString& path);
    /// What was dropped on the window: models are loaded, chats imported, traces opened.
    void openFiles(const QStringList& paths);
    /// To the front, for a second start of the program.
    void comeForward();

protected:
    void closeEvent(QCloseEvent* event) override;
    bool event(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

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
    void keepSetting(const QString& key, const std::string& value);
    /// The conversation that is shown has been opened, or stored.
    void showConversation(qint64 id);
    void onNotStored(qint64 conversation, qint64 edited, const QString& text, const Status& why);
    /// A notice about a conversation: it stands over it, and over no other.
    void sayOf(qint64 conversation, const QString& sentence, const QString& label = {},
               std::function<void()> action = {});
    void dropNotice(qint64 conversation);
    /// A notice about what is shown now, which goes with it.
    void sayInPassing(const QString& sentence, int seconds, const QString& label = {},
                      std::function<void()> action = {});
    void clearPassing();
    bool shows(const QString& notice) const;
    /// When a conversation is opened.
    void showNoticesOf(qint64 conversation);
    /// Of all conversations, as another model is loaded.
    void dropNotices();
    void sayHeldUp(bool held_up);
    void startLoading(const LoadJob& job);
    void updateReason();
    void updateTitle();
    void updateStatus();
    /// Speed and context of the answer, in the status line and the header.
    void showFigures();
    void updateChips();
    void countDraft(const QString& text);
    void exportConversations(const QList<qint64>& ids);
    void importFiles(const QStringList& paths);
    void restoreConversation();
    void offerModelOfChat();
    void followSystem();
    void openModelFile();
    void chooseTint();
    void showMessage(qint64 conversation, qint64 message, int token);
    void openSettings();
    void openChatSettings();
    /// The question's text takes the draft's place until it is sent, or the edit is cancelled.
    void editQuestion(qint64 message);
    /// The composer has what it had before the edit.
    void cancelEdit();
    /// Of the chat that is shown: false if it is in the trash, which is said.
    bool canChange();
    void showPreview();
    /// The defaults of new chats; the demo model's are exact while the user has set none.
    void applyDefaults();
    bool isDemo() const;
    /// The model's name, in the header, the welcome and the menu.
    void showModel();
    void updateEmptyState();

    // main_window_narrow.cpp: which parts there is room for.
    /// At the start; `inspector`: it is wanted, where there is room.
    void startLayout(bool inspector);
    void adaptLayout();
    void showSidebar(bool shown);
    void showInspector(bool shown);
    void offerHidden();

    // main_window_find.cpp: finding in the chat that is shown.
    void openFind();
    void find(const QString& text);
    void stepFind(int by);
    void showMatch();
    void revealHit(qint64 message);
    QAction* addAction(const QString& group, const QString& text, const QKeySequence& keys, std::function<void()> run);

    WindowOptions m_options;
    std::unique_ptr<History> m_history;  // for reading
    HistoryWriter* m_writer;
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
    FindBar* m_find;
    QStackedWidget* m_pages;
    Welcome* m_welcome;
    TranscriptView* m_transcript;
    QWidget* m_composer_row;
    Composer* m_composer;
    TrashBar* m_trash_bar;
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
    struct ChatNotice {
        QString sentence, label;
        std::function<void()> action;
    };
    QHash<qint64, ChatNotice> m_chat_notices;  // by conversation, until it is asked something again
    QString m_passing;                         // what sayInPassing() has said last
    QString m_held_up;                         // what the notice says while another program writes
    bool m_close_when_saved = false;
    double m_loading = -1;
    QTimer m_figures;
    double m_speed = 0;  ///< tokens/s of the answer; 0: not known yet
    int m_context_used = 0;
    qint64 m_editing = 0;    ///< question whose new text stands in the composer
    bool m_preview = false;  ///< the chat that is shown is in the trash
    bool m_narrow = false;   ///< there is no room for sidebar, transcript and inspector beside each other
    bool m_hid_inspector = false, m_hid_sidebar = false;  ///< for want of room: they come back with it
    struct Match {
        qint64 message = 0;
        std::size_t begin = 0, end = 0;  ///< bytes of its text
    };
    std::vector<Match> m_matches;
    int m_match = -1;
    ExportChoice m_export;
    std::stop_source m_background_stop;
};

}  // namespace moescope
