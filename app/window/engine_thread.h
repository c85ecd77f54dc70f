#pragma once
// The engine on its own thread. The window asks, and hears of results by signals that arrive on its own thread, at most
// about 30 batches a second. What is asked is done in order; stop() ends what is being done.

#include <QObject>
#include <QString>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "app/chat/load_plan.h"
#include "app/chat/local_answerer.h"
#include "app/models/model_facts.h"
#include "app/remote/remote_answerer.h"
#include "engine/experiment.h"
#include "engine/routing/routing_log.h"
#include "storage/conversation.h"

namespace moescope {

class History;
class AnswerRecorder;

struct LoadJob {
    QString path;
    LoadChoices choices;
    bool although_full = false;  ///< load it also if its memory may not suffice
};

/// A model of a server, to be asked what it can do.
struct ServerJob {
    QString path;  ///< what the window calls it, as LoadJob::path
    ServerAddress address;
    std::string model;
    int experts = 0;  ///< routed ones of a layer; 0: as many as it names
};

/// What the window shows of a loaded model, or of one that a server has.
struct LoadedModel {
    std::shared_ptr<Model> model;             ///< null: none, or a server's
    std::shared_ptr<const ModelFacts> facts;  ///< what its file said before it was loaded; null as `model`
    QString server;                           ///< whom chats are sent to; empty: nobody
    QString path, name, backend;
    QString placement;     ///< a sentence: what is in which memory, or why no GPU is used; may be empty
    QString card_problem;  ///< a sentence worth telling: there is a GPU and it cannot be used; else empty
    QString note;          ///< a sentence for whoever chats: its chat template is not known; else empty
    AnswererAbilities abilities;
    RoutingShape shape;
    int context = 0;
    std::uint64_t memory_bytes = 0;  ///< of weights, cache and workspace

    bool there() const { return model || !server.isEmpty(); }
};

/// Tokens of an answer since the last batch.
struct AnswerBatch {
    qint64 conversation = 0, message = 0;
    std::string text;
    std::vector<MessageToken> tokens;
    std::vector<TokenOdds> odds;          ///< of the tokens
    std::shared_ptr<RoutingLog> routing;  ///< records of prompt and answer that came; may be null
    int answer_tokens = 0;
    double first_token_seconds = -1, tokens_per_second = 0;
    int thinking_tokens = 0;  ///< of these, such as the model thought aloud
    double thinking_tokens_per_second = 0;
    int context_used = 0;
};

/// One of the paper's experiments over the answers of a conversation.
struct ExperimentJob {
    ExperimentFigure figure = ExperimentFigure::kMaskedTop;
    std::vector<ChatMessage> messages;
};

/// A conversation to be read again for its routing alone.
struct RereadJob {
    qint64 conversation = 0;
    std::vector<ChatMessage> messages;
    std::vector<qint64> ids;  ///< of the messages; 0: the system prompt
    RouterRules rules;
};

/// The routing of a conversation that was read again, in one piece: nothing of it is in the history.
struct Reread {
    qint64 conversation = 0;
    std::string model;                ///< its name
    RouterRules rules;                ///< that it was read with
    std::shared_ptr<RoutingLog> log;  ///< tokens of answers as decoded ones, although they were read; never null
    std::vector<int> owners;          ///< of each token: index of its message, -1: the template's
    std::vector<std::string> texts;   ///< of each token, by its vocabulary
    std::vector<qint64> ids;          ///< as in the job
    std::vector<Role> roles;          ///< of the messages
    std::vector<std::vector<MessageToken>> tokens;  ///< of the messages
    int left_out = 0;                               ///< tokens at the end that had no room in the context
};

/// Who answers in a column beside the chat's. Neither: the chat's own model, which takes one more session, not its
/// weights again.
struct ColumnJob {
    std::optional<LoadJob> file;
    std::optional<ServerJob> server;
};

/// What a column answers with.
struct ColumnModel {
    std::shared_ptr<Model> model;  ///< null: a server's
    QString name, server;          ///< whom the chat is sent to; empty: nobody
    AnswererAbilities abilities;
    RoutingShape shape;
    int context = 0;
    std::uint64_t memory_bytes = 0;  ///< that it took when it was opened, as planned
};

struct AnswerEnded {
    qint64 conversation = 0, message = 0;
    FinishReason finish = FinishReason::kUnfinished;
    QString error;  ///< for kError: a sentence
    int answer_tokens = 0;
    double first_token_seconds = -1, tokens_per_second = 0;
    int thinking_tokens = 0;
    double thinking_tokens_per_second = 0;
    int context_used = 0;
};

class EngineThread : public QObject {
    Q_OBJECT

public:
    /// Answers are written to the history of `data_dir` on the engine's thread.
    explicit EngineThread(std::string data_dir, QObject* parent = nullptr);
    /// Stops what is being done and waits for it.
    ~EngineThread() override;

    void load(LoadJob job);
    /// The same of a server's model: loaded() or loadFailed() tell of it. The one before stays until it has answered.
    void connectTo(ServerJob job);
    void unload();
    virtual void answer(AnswerRequest request);
    /// A column beside the chat's answers with this model from now on; they count from 1. columnOpened() or
    /// columnFailed() tell of it, and with the latter there is none. Unloading the chat's model, or loading another
    /// one, closes all.
    void openColumn(int column, ColumnJob job);
    /// Closes this one and all after it.
    void closeColumns(int from);
    /// The chat's answer, and one in each column, all at once: `others[i]` in column i + 1. The chat's is told of as by
    /// answer(), the others by the signals of columns, and when all have ended, besideEnded().
    virtual void answerBeside(AnswerRequest request, std::vector<AnswerRequest> others);
    /// Ends one of these answers and leaves the others; 0: the chat's.
    virtual void stopColumn(int column);
    /// In a session of its own, so that what the chat has cached stays.
    void experiment(ExperimentJob job);
    /// Computes the routing of a conversation's text by the loaded model, in a session of its own as well.
    void reread(RereadJob job);
    /// Ends loading or answering within 200 ms, what waits to be done included; what came so far stays.
    virtual void stop();

signals:
    /// The file has been read, and the model before is unloaded.
    void loadPlanned(const moescope::LoadPlan& plan);
    /// Its memory may not suffice: nothing has been loaded or unloaded. The same job with `although_full` loads it, and
    /// does not read the file again.
    void loadDoubtful(const QString& path, const moescope::LoadPlan& plan);
    void loadProgress(double fraction);
    void loaded(const moescope::LoadedModel& model);
    void loadFailed(const QString& path, const QString& sentence);  ///< sentence "" if it was stopped
    void unloaded();

    /// The answer exists in the history.
    void answerBegun(qint64 conversation, qint64 message);
    /// It was begun, but something is to be known about it: a sentence.
    void answerNoted(qint64 conversation, const QString& sentence);
    /// While a long prompt is read: tokens so far; not for the last ones.
    void prefillProgress(qint64 message, int done, int total);
    void answerBatch(const moescope::AnswerBatch& batch);
    void answerEnded(const moescope::AnswerEnded& end);
    /// Nothing was begun. `would_fit_cut`: the policy kAsk is to be answered; with kDropOldest it would go.
    void answerRefused(qint64 conversation, const QString& sentence, bool would_fit_cut);
    void columnOpened(int column, const moescope::ColumnModel& model);
    void columnFailed(int column, const QString& sentence);
    // As answerBegun(), prefillProgress(), answerBatch(), answerEnded() and answerRefused().
    void columnBegun(int column, qint64 conversation, qint64 message);
    void columnReading(int column, int done, int total);
    void columnBatch(int column, const moescope::AnswerBatch& batch);
    void columnEnded(int column, const moescope::AnswerEnded& end);
    void columnRefused(int column, const QString& sentence);
    void besideEnded(qint64 conversation);
    /// The history could not be written; the text stays in the window and is tried again.
    void saveFailed(const QString& sentence);

    void experimentBegun(const moescope::RoutingShape& shape);
    void experimentProgress(double fraction);
    void experimentPoint(const moescope::ExperimentPoint& point);
    /// `sentence` says why if it did not end by itself; "" if it did.
    void experimentEnded(const QString& sentence);

    /// Tokens so far.
    void rereadProgress(int done, int total);
    /// `sentence` says why there is nothing, then `reread` is null; "" if it was stopped.
    void rereadEnded(const std::shared_ptr<const moescope::Reread>& reread, const QString& sentence);

protected:
    /// Memory that a model or a session more could get.
    virtual FreeMemory measureFree(const LoadChoices& choices) const { return freeMemory(choices); }

private:
    class Answering;
    struct Column {
        QString path;  // of its model; "": the chat's own
        std::unique_ptr<Answerer> answerer;
        LocalAnswerer* local = nullptr;  // it, if its model is loaded here
        std::uint64_t bytes = 0;
    };
    struct Task {
        std::function<void(const std::stop_token&)> run;
        std::stop_source stop;
    };
    void enqueue(std::function<void(const std::stop_token&)> run);
    void work(const std::stop_token& stop);
    void drop();
    Result<ModelFile> fileOf(const LoadJob& job);
    void doConnect(const ServerJob& job, const std::stop_token& stop);
    void doLoad(const LoadJob& job, const std::stop_token& stop);
    void doAnswer(AnswerRequest request, const std::stop_token& stop);
    /// Answers into the history and tells the window; `column` 0: the chat's. On the thread of `history`.
    void answerIn(int column, Answerer& by, History& history, AnswerRequest request, const std::stop_token& stop);
    Result<std::unique_ptr<History>> openedHistory(const std::stop_token& stop);
    Status openHistory(const std::stop_token& stop);
    void doOpenColumn(int column, const ColumnJob& job, const std::stop_token& stop);
    Result<Column> ownColumn(const std::stop_token& stop);
    Result<Column> sessionOf(const std::shared_ptr<Model>& model, const SessionOptions& like);
    Result<Column> fileColumn(const LoadJob& job, const std::stop_token& stop);
    Result<Column> serverColumn(const ServerJob& job, const std::stop_token& stop);
    void doAnswerBeside(AnswerRequest request, std::vector<AnswerRequest> others, const std::stop_token& stop,
                        std::vector<std::stop_source>& stops);
    Status save(AnswerRecorder& recorder, const AnswerEnd& end, const std::stop_token& stop);
    /// A session beside the chat's, for a text of `tokens` tokens; never longer than the chat's. A model is loaded
    /// here.
    Result<std::unique_ptr<Session>> sessionBeside(std::size_t tokens);
    void doExperiment(const ExperimentJob& job, const std::stop_token& stop);
    void doReread(const RereadJob& job, const std::stop_token& stop);

    std::string m_data_dir;
    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<Task> m_tasks;                                       // guarded by m_mutex
    std::stop_source m_running_stop;                                // of the task that runs; guarded by m_mutex
    std::shared_ptr<std::vector<std::stop_source>> m_column_stops;  // of the answers beside each other; guarded too
    std::atomic<bool> m_ending = false;

    // Of the engine's thread.
    std::unique_ptr<Answerer> m_answerer;  // none is loaded: null
    LocalAnswerer* m_local = nullptr;      // it, if its model is loaded here
    std::optional<ModelFile> m_doubtful;   // read, and perhaps to be loaded although its memory may not suffice
    std::unique_ptr<History> m_history;
    LoadJob m_job;                      // of m_local
    SessionOptions m_session;           // of m_local
    std::optional<ServerJob> m_server;  // of m_answerer, if that is a server's
    std::vector<Column> m_columns;      // column 1 and those after it

    std::jthread m_thread;  // last: it uses all the others
};

}  // namespace moescope

Q_DECLARE_METATYPE(moescope::LoadPlan)
Q_DECLARE_METATYPE(moescope::LoadedModel)
Q_DECLARE_METATYPE(moescope::AnswerBatch)
Q_DECLARE_METATYPE(moescope::AnswerEnded)
Q_DECLARE_METATYPE(moescope::ColumnModel)
Q_DECLARE_METATYPE(moescope::RoutingShape)
Q_DECLARE_METATYPE(moescope::ExperimentPoint)
