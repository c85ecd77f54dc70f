#pragma once
// Side by side: columns beside the chat, in which its questions are answered as well, all at once: by other settings,
// other router rules or another model. The chat is the first column, as it always is; what the others answer is kept as
// ordinary answers to the same question, which the chat can show and go on from. GUI thread.

#include <QList>
#include <QObject>
#include <QUrl>
#include <memory>
#include <vector>

#include "app/chat/answer_settings.h"
#include "app/window/engine_thread.h"

class QMenu;
class QSplitter;
class QStackedWidget;

namespace moescope {

class ChatController;
class ColumnBar;
class LinkedScrolling;
class ModelLoader;
class RoutingDesk;
class SettingsKeeper;
class ThemeStore;
class TranscriptModel;
class TranscriptView;

class SideBySide : public QObject {
    Q_OBJECT

public:
    /// Columns beside the chat's.
    static constexpr int kMost = 2;

    struct Parts {
        ChatController* chat;
        EngineThread* engine;
        ModelLoader* models;
        RoutingDesk* routing;
        TranscriptModel* transcript;  ///< the chat's
        TranscriptView* view;
        QSplitter* columns;  ///< the chat's column is in it
        ColumnBar* bar;      ///< over that
        SettingsKeeper* settings;
        ThemeStore* themes;
        QWidget* window;
        QString demo_model;  ///< its path; empty if there is none
        std::string keys;    ///< the file of keys of servers
    };
    /// None is owned; all outlive this.
    explicit SideBySide(const Parts& parts, QObject* parent = nullptr);
    ~SideBySide() override;

    bool isOpen() const { return !m_columns.empty(); }
    /// One more column, with the settings of the chat at first. Refused while an answer is being written, which is
    /// said, and where its memory does not fit.
    void add();
    void close();
    void toggle() { isOpen() ? close() : add(); }
    /// The keyboard to the next column's button, from the chat's to the last and round again.
    void focusNext();
    /// What a column answers with; columns count from 1.
    const ColumnModel& modelOf(int column) const;
    void setSettings(int column, const GenerationSettings& settings);
    void setRules(int column, const RouterRules& rules);
    /// A path as in the model menu; "" for the chat's own.
    void setModelPath(int column, const QString& path);
    /// Another model is loaded for the chat, or none.
    void onModelChanged();
    /// What stands over the columns, after the chat's settings, rules or messages changed.
    void update();

signals:
    /// Opened, closed, or one more or less.
    void changed();
    void chatSettingsWanted();
    void chatRulesWanted();
    void said(const QString& sentence);
    void failed(const QString& sentence);
    void linkActivated(const QUrl& url);
    void codeLookChanged(bool wrap, bool numbers);
    void saveCodeWanted(const QString& code, const QString& language);

private:
    struct Column {
        ColumnBar* bar = nullptr;
        QMenu* menu = nullptr;
        QStackedWidget* pages = nullptr;  // `empty` or `view`; its parent is the column's place in the splitter
        QWidget* empty = nullptr;
        TranscriptModel* transcript = nullptr;
        TranscriptView* view = nullptr;
        GenerationSettings settings;
        RouterRules rules;
        QString path;  // of its model; "": the chat's own
        ColumnModel model;
        qint64 conversation = 0;  // what it answered last; 0: nothing
        qint64 message = 0;       // its answer; 0: none
        std::string asked;        // the settings of that, as JSON
        bool answers = false;     // now
        QString figures;
    };
    Column* at(int column);
    int numberOf(const Column& column) const;
    bool busy();
    void openInEngine(int column);
    void remove(int column);
    void buildColumn(Column& column);
    void fillMenu(int column);
    void fillChatMenu();
    void fillModels(QMenu* menu, int column);
    Result<ColumnJob> jobOf(const QString& path) const;
    QString nameOf(const QString& path) const;
    QString describe(const GenerationSettings& settings, const RouterRules& rules, const RoutingShape& shape) const;
    void editSettings(int column);
    void editRules(int column);
    void keep(int column);
    void compare(int column);
    std::vector<AnswerRequest> requests(const AnswerRequest& request);
    void onBegun(int column, qint64 conversation, qint64 message);
    void onBatch(int column, const AnswerBatch& batch);
    void onEnded(int column, const AnswerEnded& end);
    void onRefused(int column, const QString& sentence);
    void onFailed(int column, const QString& sentence);

    Parts m_parts;
    LinkedScrolling* m_scrolling;
    QMenu* m_chat_menu;
    std::vector<std::unique_ptr<Column>> m_columns;
    qint64 m_chat_answer = 0;     // beside those of the columns; 0: none
    bool m_chat_asked = false;    // it is to begin
    bool m_chat_answers = false;  // with others beside it
    QString m_chat_figures;
};

}  // namespace moescope
