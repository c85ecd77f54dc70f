#pragma once
// The same question answered by up to three columns beside each other, each by rules and settings of its own. The first
// column is the chat as it always is; each other one is a branch of the same chat, written by an engine of its own with
// a session of its own of the same model (they compute by turns), or with another model beside it. What the columns
// write are ordinary branches: nothing of this is stored. GUI thread.

#include <QObject>
#include <memory>
#include <optional>
#include <vector>

#include "app/chat/answer_settings.h"
#include "app/window/engine_thread.h"

class QWidget;

namespace moescope {

class ChatController;
class ChatNotices;
class Columns;
class History;
class HistoryWriter;
class LivePace;
class ModelLoader;
class RoutingDesk;
class SettingsKeeper;
class ThemeStore;
class TranscriptModel;
class TranscriptView;

class SideBySide : public QObject {
    Q_OBJECT

public:
    struct Parts {
        std::string data_dir;
        History* history;
        HistoryWriter* writer;
        ChatController* chat;
        ModelLoader* models;
        SettingsKeeper* settings;
        RoutingDesk* routing;
        ChatNotices* notices;
        Columns* columns;
        TranscriptView* transcript;
        ThemeStore* themes;
        LivePace* pace;
        QWidget* window;
    };
    /// None is owned; all outlive this.
    explicit SideBySide(const Parts& parts, QObject* parent = nullptr);
    ~SideBySide() override;

    bool isOpen() const { return !m_lanes.empty(); }
    /// Whether a column beside the first one answers.
    bool answering() const;
    /// One more column, with the settings that the chat has now.
    void add();
    /// Of the first one, the chat goes on with the branch of the one beside it.
    void close(int column);
    /// Ends what the columns beside the first one write, and gives back their memory before it returns.
    void closeAll();
    /// What the columns beside the first one are writing ends.
    void stop();
    void setOddsWanted(OddsWanted wanted);
    /// What a column beside the first one answers with; none while it is loaded.
    const LoadedModel& modelOf(int column) const { return laneOf(column)->model; }
    /// The settings or rules of the chat may be others.
    void updateCaptions();

signals:
    /// Columns came or went.
    void changed();
    void answeringChanged();
    /// Messages of a chat were written.
    void conversationChanged(qint64 conversation);
    void chatSettingsWanted();
    void chatRulesWanted();

private:
    /// A column beside the first one. One that was closed is used again.
    struct Lane {
        EngineThread* engine;
        TranscriptModel* transcript;
        ChatController* chat;
        TranscriptView* view;
        AnswerSettings own;
        LoadedModel model;  // that it answers with; none while it is loaded
        QString path;       // of a model of its own; empty: the chat's
    };
    Lane* makeLane();
    int columnOf(const Lane* lane) const;
    Lane* laneOf(int column) const { return m_lanes[static_cast<std::size_t>(column - 1)]; }
    void drop(int column);
    void onOpened(qint64 conversation);
    void onAsked(qint64 conversation, qint64 question);
    void onFailed(const Lane* lane, qint64 conversation, const QString& sentence);
    void chooseModel(int column);
    void useModel(Lane* lane, const QString& path);
    void onLoadFailed(Lane* lane, const QString& sentence);
    void editSettings(int column);
    void editRules(int column);
    void compare(int column);
    void link(TranscriptView* leader);
    void updateColumns();
    /// Others have written since: the history shows what the first column does.
    void keepBranch();
    qint64 lastAnswer(int column) const;

    Parts m_parts;
    std::vector<std::unique_ptr<Lane>> m_all;
    std::vector<Lane*> m_lanes;  // of the columns after the first
    struct Shown {
        qint64 conversation = 0;
        std::optional<qint64> leaf;
    } m_first;  // what the first column shows, also when the chat is another one already
    OddsWanted m_odds = OddsWanted::kWhereFree;
    bool m_linking = false;
};

}  // namespace moescope
